import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import {
  imagePhantomAttributes,
  imagePhantomSites,
  makePhantomCohort,
  phantomCsv,
  phantomLevels,
  phantomRecordedRaces,
  phantomTruth,
  scorePhantomCohort,
  UNKNOWN_LABEL,
} from "../../../compute/index.ts";
import { numberOf } from "../number-option.ts";
import { type PhantomImageFlags, writePhantomImages } from "../phantom-images.ts";
import { choice, type GlobalOptions, printJson, printText } from "../program-options.ts";
import { counted } from "../text-table.ts";

interface Flags extends GlobalOptions, Omit<PhantomImageFlags, "planted"> {
  readonly planted?: string;
}

const examples = `
Examples:
  Scores of known AUC:
    $ stratum phantom --out phantom --patients 50000 --seed 7
    $ stratum import predictions --csv phantom/predictions.csv --mapping phantom/mapping.json \\
        --dataset phantom --model phantom

  Images whose signal is known, of two sites:
    $ stratum phantom --out north --planted high --strength 2 --patients 300 --seed 1 --site north
    $ stratum phantom --out south --planted high --strength 2 --patients 300 --seed 2 --site south
    $ stratum import dataset --dataset north --root north --manifest north/manifest.csv \\
        --mapping north/mapping.json

  Where it is: low, high (frequencies), patch:ROW,COL (0 to 2), confounder (age),
    confounder:equipment, hidden (an age that no pixel shows), none.
`;

/** `stratum phantom`: patients that never lived, with scores whose true AUCs are known, as files an import takes. */
export function addPhantom(program: Command): void {
  program
    .command("phantom")
    .description(
      "Make up a cohort of patients that never lived, ready to import: scores of known AUC, or images with a known signal.",
    )
    .requiredOption("--out <folder>", "where to write the files, truth.json among them")
    .option("--patients <count>", "how many patients (default: 1000; with images 400)")
    .option("--seed <seed>", "the same seed makes the same cohort", "1")
    .option("--planted <where>", "make images, the attribute's signal planted here; see below")
    .option("--strength <d>", "images: the signal's d', 0 to 6; the ideal AUC is Phi(d / sqrt 2)", "2")
    .addOption(
      choice("--attribute <name>", "images: what is planted", Object.keys(imagePhantomAttributes), "race"),
    )
    .option("--images-per-patient <count>", "images: 1 to 20", "2")
    .option("--side <pixels>", "images: rows and columns", "64")
    .addOption(
      choice("--site <name>", "images: the site of all patients", ["both", ...imagePhantomSites], "both"),
    )
    .option("--pattern-seed <seed>", "images: cohorts to be compared share it", "0")
    .option("--test-share <share>", "images: share of the patients in the test part (default: 0.25)")
    .option("--json", "print the counts as JSON")
    .addHelpText("after", examples)
    .action((_options: unknown, command: Command) => phantom(command.optsWithGlobals<Flags>()));
}

async function phantom({ planted, ...flags }: Flags): Promise<void> {
  if (planted !== undefined) {
    const truth = await writePhantomImages({ ...flags, planted });
    if (flags.json === true) return printJson(truth);
    return printText(
      `Wrote ${counted(truth.images, "image")} of ${counted(truth.patients, "patient")} to ${flags.out}; the ideal AUC of ${truth.attribute} is ${truth.idealAuc.image.toFixed(4)} by image, ${truth.idealAuc.patient.toFixed(4)} by patient.`,
    );
  }
  const seed = numberOf("--seed", flags.seed);
  const cohort = makePhantomCohort({
    seed,
    patients: numberOf("--patients", flags.patients ?? "1000"),
    imagesPerPatient: [1, 4],
  });
  // A model that reads self-reported race from the pixels, as the study found; less well in older patients.
  const scores = scorePhantomCohort(cohort, {
    seed: seed + 1,
    task: "race",
    separation: ({ age }) => (age >= 60 ? 1.6 : 2.2),
  });
  await mkdir(flags.out, { recursive: true });
  await pipeline(
    Readable.from(phantomCsv(cohort, scores, { task: "race" })),
    createWriteStream(join(flags.out, "predictions.csv")),
  );
  await writeJson(join(flags.out, "mapping.json"), phantomMapping());
  const sexes = Uint16Array.from(cohort.sexes);
  await writeJson(join(flags.out, "truth.json"), {
    about: "The AUC that each class has in truth, overall and by sex: what the estimates are estimates of.",
    overall: phantomTruth(scores).map(({ className, auc }) => ({ class: className, auc })),
    bySex: phantomTruth(scores, sexes, phantomLevels.sex.length).map(({ className, stratum, auc }) => ({
      class: className,
      sex: phantomLevels.sex[stratum],
      auc,
    })),
  });
  const counts = {
    patients: cohort.patientCount,
    images: cohort.imageCount,
    scores: cohort.imageCount * scores.classes.length,
  };
  if (flags.json === true) printJson(counts);
  else
    printText(
      `Wrote ${counted(counts.images, "image")} of ${counted(counts.patients, "patient")} to ${flags.out}.`,
    );
}

/** How the written file is read: self-reported race is kept as recorded, beside the category it stands for. */
function phantomMapping(): Record<string, unknown> {
  const known = phantomRecordedRaces.filter(({ recorded }) => recorded !== "");
  return {
    id: "image_id",
    patient: "patient_id",
    study: "study_id",
    split: "split",
    task: { kind: "multiclass", attribute: "race", classes: phantomLevels.race },
    truth: {
      column: "race",
      map: Object.fromEntries(
        known.flatMap(({ recorded, category }) =>
          category === UNKNOWN_LABEL ? [] : [[recorded, phantomLevels.race[category]]],
        ),
      ),
      ignore: known.flatMap(({ recorded, category }) => (category === UNKNOWN_LABEL ? [recorded] : [])),
    },
    scores: Object.fromEntries(phantomLevels.race.map((name) => [name, `score_${name}`])),
    attributes: { sex: "sex", age: "age", view: "view", site: "site" },
  };
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

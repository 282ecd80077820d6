import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import {
  makePhantomCohort,
  phantomCsv,
  phantomLevels,
  phantomRecordedRaces,
  phantomTruth,
  scorePhantomCohort,
  UNKNOWN_LABEL,
} from "../../../compute/index.ts";
import { numberOf } from "../number-option.ts";
import { type GlobalOptions, printJson, printText } from "../program-options.ts";
import { whole } from "../text-table.ts";

interface Flags extends GlobalOptions {
  readonly out: string;
  readonly patients: string;
  readonly seed: string;
}

const examples = `
Examples:
  $ stratum phantom --out phantom --patients 50000 --seed 7
  $ stratum import predictions --csv phantom/predictions.csv --mapping phantom/mapping.json \\
      --dataset phantom --model phantom
`;

/** `stratum phantom`: patients that never lived, with scores whose true AUCs are known, as files an import takes. */
export function addPhantom(program: Command): void {
  program
    .command("phantom")
    .description("Make up a cohort of patients that never lived, with scores of known AUC, ready to import.")
    .requiredOption("--out <folder>", "where to write predictions.csv, mapping.json and truth.json")
    .option("--patients <count>", "how many patients", "1000")
    .option("--seed <seed>", "the same seed makes the same cohort", "1")
    .option("--json", "print the counts as JSON")
    .addHelpText("after", examples)
    .action((_options: unknown, command: Command) => phantom(command.optsWithGlobals<Flags>()));
}

async function phantom(flags: Flags): Promise<void> {
  const seed = numberOf("--seed", flags.seed);
  const cohort = makePhantomCohort({
    seed,
    patients: numberOf("--patients", flags.patients),
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
    printText(`Wrote ${whole(counts.images)} images of ${whole(counts.patients)} patients to ${flags.out}.`);
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

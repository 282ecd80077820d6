import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageRoot } from "../../api/package-root.ts";
import { ScratchFolder } from "../support/child-tasks.ts";
import { findSharedData } from "../support/shared-data.ts";
import type { Database } from "./bench-database.ts";

const run = promisify(execFile);
const FOLDS = 5;
const SEED = 2021;

/** One recipe for both sides: what a small network needs that sees 800 radiographs of 64 x 64. */
const recipe = {
  learningRate: 0.001,
  weightDecay: 0.05,
  labelSmoothing: 0.1,
  batch: 32,
  epochs: 30,
  flip: 0.5,
  rotation: 15,
  zoom: 0.1,
};

/** An image that was held out once: whose it is, what was recorded, and what the network that had not seen it says. */
interface Scored {
  readonly image: string;
  readonly patient: string;
  readonly truth: string;
  readonly score: number;
  /** The network that scored it, the first of several. */
  readonly fold: number;
}

/** What `stratum auc --json` says of the class M of everything. */
interface Auc {
  readonly auc: number;
  readonly ciLow: number;
  readonly ciHigh: number;
}

/**
 * Sex as recorded from chest X-rays of 64 x 64 pixels: five networks, each trained without a fifth of the patients and
 * scored on it, and on the radiographs of another hospital; the same recipe on the same folds in PyTorch. All through the
 * command line, as a person would.
 */
export async function benchSex(database: Database, home: string): Promise<void> {
  const nih = findSharedData("nih1000-64", "sex from radiographs");
  const hannover = findSharedData("hannover-covid", "sex from another hospital's radiographs");
  if (nih === undefined || hannover === undefined) return;
  using scratch = new ScratchFolder();
  const stratum = async (...args: readonly string[]): Promise<unknown> => {
    const options = { cwd: packageRoot, maxBuffer: 2 ** 28 };
    const program = [join(packageRoot, "bin/stratum.js"), ...args, "--home", home, "--json"];
    const { stdout } = await run(process.execPath, program, options);
    return JSON.parse(stdout);
  };
  const table = ["--path", "file", "--patient", "patient_id", "--attribute", "sex=sex"];
  for (const [slug, folder] of [
    ["nih", nih],
    ["hannover", hannover],
  ] as const) {
    const at = ["--root", join(folder, "images"), "--manifest", join(folder, "metadata.csv")];
    await stratum("import", "dataset", "--dataset", slug, ...at, ...table);
  }

  const begun = performance.now();
  for (let fold = 1; fold <= FOLDS; fold++) {
    await stratum(
      "train",
      "--dataset",
      "nih",
      "--attribute",
      "sex",
      "--fold",
      `${fold}/${FOLDS}`,
      ...flags(),
    );
  }
  const seconds = (performance.now() - begun) / 1_000;
  for (let fold = 1; fold <= FOLDS; fold++) {
    const model = ["--model", `nih-sex-small_cnn-fold-${fold}-of-${FOLDS}`];
    const split = ["--split", `folds-${FOLDS}-seed-${SEED}:fold-${fold}`];
    await stratum("evaluate", ...model, "--dataset", "nih", ...split);
    await stratum("evaluate", ...model, "--dataset", "hannover");
  }
  const heldOut = await scored(database, "nih", nih);
  const outside = await scored(database, "hannover", hannover);
  const aucOf = async (name: string, rows: readonly Scored[]): Promise<Auc> => {
    const file = join(scratch.path, `${name}.csv`);
    const lines = rows.map(({ image, patient, truth, score }) => [image, patient, truth, 1 - score, score]);
    await writeFile(file, `${[["image", "patient", "sex", "f", "m"], ...lines].join("\n")}\n`);
    const columns = [
      "--id",
      "image",
      "--patient",
      "patient",
      "--truth",
      "sex",
      "--score",
      "F=f",
      "--score",
      "M=m",
    ];
    const target = ["--csv", file, "--dataset", name, "--model", name];
    await stratum("import", "predictions", ...target, ...columns);
    const asked = ["--evaluation", `${name}/${name}`, "--ci", "bootstrap", "--class", "M"];
    const { cells } = (await stratum("auc", ...asked)) as { cells: readonly Auc[] }; // safe: likewise
    if (cells[0] === undefined) throw new Error("Expected a cell, got none");
    return cells[0];
  };
  say("out of fold, NIH", heldOut, await aucOf("sex-held-out", heldOut), seconds);
  say("mean of the five, Hannover", outside, await aucOf("sex-outside", outside));
  const peer = await peerScores(scratch, nih, heldOut);
  if (peer === undefined) return console.log("  SKIPPED PyTorch: python3 with torch and PIL is not here");
  say("PyTorch, out of fold, NIH", peer.rows, await aucOf("sex-torch", peer.rows), peer.seconds);
}

function flags(): readonly string[] {
  const { flip, rotation, zoom } = recipe;
  const given = {
    architecture: "small_cnn",
    optimiser: "adamw",
    "weight-decay": recipe.weightDecay,
    "learning-rate": recipe.learningRate,
    schedule: "cosine",
    batch: recipe.batch,
    epochs: recipe.epochs,
    patience: 0,
    "validation-share": 0,
    "label-smoothing": recipe.labelSmoothing,
    augment: `flip=${flip},rotation=${rotation},zoom=${zoom}`,
    keep: "last",
  };
  return Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

function say(what: string, rows: readonly Scored[], { auc, ciLow, ciHigh }: Auc, seconds?: number): void {
  const patients = new Set(rows.map(({ patient }) => patient)).size;
  const time = seconds === undefined ? "" : `; trained in ${seconds.toFixed(0)} s`;
  console.log(
    `  ${what}: ${rows.length} images, ${patients} patients, AUC ${auc.toFixed(3)} (${ciLow.toFixed(3)} to ${ciHigh.toFixed(3)})${time}`,
  );
}

/** The mean score of M over all evaluations that scored an image, for images whose sex is recorded. */
async function scored(database: Database, dataset: string, folder: string): Promise<readonly Scored[]> {
  const { rows } = await database.pool.query<{ image: string; score: number; folds: number[] }>(
    `select image, avg(score)::float8 as score, array_agg(substring(model from 'fold-(\\d+)')::int) as folds
     from prediction where dataset = $1 and class = 'M' and score <> 'NaN' group by image order by image`,
    [dataset],
  );
  const [header = "", ...lines] = (await readFile(join(folder, "metadata.csv"), "utf8"))
    .trim()
    .split(/\r?\n/);
  const at = (name: string) => header.split(",").indexOf(name);
  const [file, patient, sex] = [at("file"), at("patient_id"), at("sex")];
  const recorded = new Map(lines.map((line) => line.split(",")).map((cells) => [cells[file], cells]));
  return rows.flatMap(({ image, score, folds }) => {
    const cells = recorded.get(image);
    const truth = cells?.[sex]?.toUpperCase();
    if (truth !== "F" && truth !== "M") return [];
    return [{ image, score, truth, patient: cells?.[patient] ?? "", fold: folds[0] ?? 0 }];
  });
}

/** The same recipe, folds and images in PyTorch; undefined where it is not here. */
async function peerScores(
  scratch: ScratchFolder,
  folder: string,
  rows: readonly Scored[],
): Promise<{ readonly rows: readonly Scored[]; readonly seconds: number } | undefined> {
  const task = join(scratch.path, "task.json");
  const scores = join(scratch.path, "scores.f32");
  await writeFile(
    task,
    JSON.stringify({
      files: rows.map(({ image }) => join(folder, "images", image)),
      targets: rows.map(({ truth }) => (truth === "M" ? 1 : 0)),
      folds: rows.map(({ fold }) => fold),
      ...{ recipe, threads: availableParallelism(), seed: SEED },
    }),
  );
  const python = process.env["STRATUM_BENCH_PYTHON"] ?? "/usr/bin/python3";
  const script = join(packageRoot, "tests/bench/peers/torch_sex.py");
  const answer = await run(python, [script, task, scores]).catch(() => undefined);
  if (answer === undefined) return undefined;
  const { seconds } = JSON.parse(answer.stdout) as { seconds: number }; // safe: our own script's form
  const numbers = new Float32Array(Uint8Array.from(await readFile(scores)).buffer);
  return { rows: rows.map((row, k) => ({ ...row, score: numbers[k] ?? 0 })), seconds };
}

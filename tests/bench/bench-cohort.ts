import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { RandomStream } from "../../compute/index.ts";

/** A cohort for benchmarks: exclusive classes, strata, and scores written with 16 digits as Python writes them. */
export interface BenchCohort {
  readonly rows: number;
  readonly classes: readonly string[];
  readonly strata: number;
  /** Class by class. */
  readonly scores: readonly Float32Array[];
  readonly truth: Uint8Array;
  readonly stratum: Uint8Array;
  readonly patient: Uint32Array;
}

/** Draws a cohort; the same seed gives the same one. About four images a patient. */
export function drawCohort(
  rows: number,
  classes: readonly string[],
  strata: number,
  seed: number,
): BenchCohort {
  const random = new RandomStream(seed);
  const scores = classes.map(() => new Float32Array(rows));
  const truth = new Uint8Array(rows);
  const stratum = new Uint8Array(rows);
  const patient = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    patient[row] = row >> 2;
    truth[row] = Math.floor(random.uniform() * classes.length);
    stratum[row] = Math.floor(random.uniform() * strata);
    scores.forEach((column, index) => {
      const logit = random.normal() + (truth[row] === index ? 1.5 : 0);
      column[row] = 1 / (1 + Math.exp(-logit));
    });
  }
  return { rows, classes, strata, scores, truth, stratum, patient };
}

/** Writes the cohort as a CSV file: image, patient, stratum, truth, then one column a class. */
export async function writeCsv(cohort: BenchCohort, path: string): Promise<void> {
  const out = createWriteStream(path);
  out.write(`image,patient,site,truth,${cohort.classes.map((name) => `p_${name}`).join(",")}\n`);
  for (let from = 0; from < cohort.rows; from += 10_000) {
    const lines: string[] = [];
    for (let row = from; row < Math.min(from + 10_000, cohort.rows); row++) {
      const values = cohort.scores.map((column) => String(column[row]));
      const name = cohort.classes[cohort.truth[row] ?? 0];
      lines.push(
        `${String(row).padStart(8, "0")}_000.png,${cohort.patient[row]},s${cohort.stratum[row]},${name},${values.join(",")}\n`,
      );
    }
    if (!out.write(lines.join(""))) await once(out, "drain");
  }
  out.end();
  await finished(out);
}

/** Writes the columns as bytes, for peers that read arrays. */
export async function writeColumns(cohort: BenchCohort, folder: string): Promise<void> {
  await writeFile(
    join(folder, "scores.f32"),
    Buffer.concat(cohort.scores.map((column) => new Uint8Array(column.buffer))),
  );
  await writeFile(join(folder, "truth.u8"), cohort.truth);
  await writeFile(join(folder, "strata.u8"), cohort.stratum);
}

/** The mapping that imports the file of `writeCsv`. */
export function mappingOf(cohort: BenchCohort): Record<string, unknown> {
  return {
    id: "image",
    patient: "patient",
    task: { kind: "multiclass", attribute: "truth", classes: cohort.classes },
    truth: "truth",
    scores: Object.fromEntries(cohort.classes.map((name) => [name, `p_${name}`])),
    attributes: { site: "site" },
  };
}

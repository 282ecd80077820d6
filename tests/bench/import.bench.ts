import { execFile } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ImportService } from "../../api/predictions/import/import.service.ts";
import { drawCohort, mappingOf, writeCsv } from "./bench-cohort.ts";
import type { Database } from "./bench-database.ts";
import { duration, printRow } from "./timing.ts";

const run = promisify(execFile);

/**
 * A CSV of 228,915 images x 15 classes from file to committed rows: the whole import (digest, parse, validate, ids,
 * attributes, score blocks, constraints) against `psql \copy` of the same file into a table without any constraint.
 */
export async function benchImport(database: Database): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "stratum-bench-"));
  try {
    const classes = Array.from({ length: 15 }, (_, index) => `class${index}`);
    const cohort = drawCohort(228_915, classes, 16, 11);
    const path = join(folder, "scores.csv");
    await writeCsv(cohort, path);
    const { size } = await stat(path);
    const scores = cohort.rows * classes.length;
    console.log(
      `\nimport of ${cohort.rows.toLocaleString("en-US")} rows x 15 scores from CSV (${(size / 1e6).toFixed(0)} MB)`,
    );
    const service = new ImportService(database);
    const ours: number[] = [];
    const theirs: number[] = [];
    // Turn about, so that neither has the quieter machine; a dataset of its own each time, since a repeat is answered at once.
    for (let i = 0; i < 3; i++) {
      const begun = performance.now();
      const outcome = await service.importPredictions({
        dataset: `bench-${i}`,
        model: "bench",
        mapping: mappingOf(cohort),
        predictions: { path },
      });
      if (outcome.status !== "stored")
        throw new Error(`Expected an import, got ${JSON.stringify(outcome.totals)}`);
      ours.push((performance.now() - begun) / 1000);
      const copied = await psqlCopy(database, path, classes);
      if (copied !== undefined) theirs.push(copied);
    }
    const best = Math.min(...ours);
    printRow("ours, file to committed evaluation (best of 3)", best);
    console.log(
      `  ${(scores / best / 1e6).toFixed(2)} million scores a second; all runs: ${ours.map(duration).join(", ")}`,
    );
    if (theirs.length === 0) console.log("  SKIPPED psql \\copy: psql is not here");
    else printRow("psql \\copy into a plain table (best of 3)", Math.min(...theirs), best);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function psqlCopy(
  database: Database,
  path: string,
  classes: readonly string[],
): Promise<number | undefined> {
  const columns = classes.map((name) => `p_${name} double precision`).join(", ");
  await database.pool.query(`drop table if exists bench_plain`);
  await database.pool.query(
    `create table bench_plain (image text, patient text, site text, truth text, ${columns})`,
  );
  try {
    await run("psql", ["--version"]);
  } catch {
    return undefined;
  }
  const begun = performance.now();
  await run("psql", [
    database.connectionString,
    "-X",
    "-q",
    "-v",
    "ON_ERROR_STOP=1",
    "-c",
    `\\copy bench_plain from '${path}' with (format csv, header)`,
  ]);
  const seconds = (performance.now() - begun) / 1000;
  await database.pool.query("drop table bench_plain");
  return seconds;
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findSharedData } from "../../support/shared-data.ts";

/** A comma-separated file of plain cells (no quotes) as rows by column name. */
export function readRows(folder: string, name: string): Record<string, string>[] {
  const [header = "", ...lines] = readFileSync(join(folder, name), "utf8").trimEnd().split(/\r?\n/);
  const names = header.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(names.map((column, k) => [column, cells[k] ?? ""]));
  });
}

/** The cells of one column as numbers. */
export function numbersOf(rows: readonly Record<string, string>[], column: string): number[] {
  return rows.map((row) => Number(row[column]));
}

/** Real predictions beside the project, or undefined with a line on the error stream. */
export const nihFolder = findSharedData("nih-disease-predictions", "AUCs and rates against the authors' own");

/** Probabilities of one training seed, truth and attributes, line by line of the same image. */
export function nihPredictions(folder: string, seed: 11 | 37) {
  const predictions = readRows(folder, `preds_seed${seed}.csv`);
  const truth = readRows(folder, "truth_and_demographics.csv");
  const byPath = new Map(truth.map((row) => [row["path"], row]));
  return {
    predictions,
    truth: predictions.map((row) => {
      const found = byPath.get(row["path"]);
      if (found === undefined) throw new Error("Expected the truth of every prediction, got none for one");
      return found;
    }),
  };
}

import { UNKNOWN_LABEL } from "../metrics/stratified-rows.ts";
import { type PhantomCohort, phantomLevels, phantomRecordedRaces } from "./phantom-cohort.ts";
import type { PhantomScores } from "./phantom-scores.ts";

const ROWS_PER_CHUNK = 1000;

/** How to write a phantom cohort. */
export interface PhantomCsvOptions {
  /** `race`: one truth column with the category's name; `findings`: one 0/1 column `truth_<finding>` each. */
  readonly task: "race" | "findings";
  /** Only the images of this split; default all. */
  readonly split?: (typeof phantomLevels.split)[number];
}

/** The columns of a phantom CSV, in order. */
export function phantomCsvColumns(classes: readonly string[], task: PhantomCsvOptions["task"]): string[] {
  const truth = task === "race" ? ["truth"] : classes.map((name) => `truth_${name}`);
  const attributes = ["race", "sex", "age", "view", "site"];
  return [
    "image_id",
    "patient_id",
    "study_id",
    "split",
    ...attributes,
    ...truth,
    ...classes.map((name) => `score_${name}`),
  ];
}

/**
 * Writes cohort and scores as CSV (RFC 4180, LF), a thousand rows a chunk, the header first: what an import reads.
 *
 * `race` is the self-reported race as recorded; a truth that is not recorded is an empty cell. Scores are written with
 * all digits of their float32.
 */
export async function* phantomCsv(
  cohort: PhantomCohort,
  scores: PhantomScores,
  options: PhantomCsvOptions,
): AsyncGenerator<string, void, undefined> {
  const { task, split } = options;
  const wanted = split === undefined ? undefined : phantomLevels.split.indexOf(split);
  yield `${phantomCsvColumns(scores.classes, task).map(quoted).join(",")}\n`;
  let lines: string[] = [];
  for (let row = 0; row < cohort.imageCount; row += 1) {
    if (wanted !== undefined && cohort.splits[row] !== wanted) continue;
    lines.push(line(cohort, scores, task, row));
    if (lines.length < ROWS_PER_CHUNK) continue;
    yield lines.join("");
    lines = [];
  }
  if (lines.length > 0) yield lines.join("");
}

function line(
  cohort: PhantomCohort,
  { classes, labels, scores }: PhantomScores,
  task: PhantomCsvOptions["task"],
  row: number,
): string {
  // `!`: every column has imageCount rows; codes index their levels.
  const patient = cohort.patients[row]!;
  const study = cohort.studies[row]!;
  const race = cohort.races[row]!;
  const truth =
    task === "race"
      ? [race === UNKNOWN_LABEL ? "" : phantomLevels.race[race]!]
      : classes.map((_, index) => (labels[index]![row] === UNKNOWN_LABEL ? "" : String(labels[index]![row])));
  const cells = [
    `phantom-${String(row).padStart(7, "0")}`,
    `p${String(patient).padStart(6, "0")}`,
    `s${String(study).padStart(6, "0")}`,
    phantomLevels.split[cohort.splits[row]!]!,
    phantomRecordedRaces[cohort.recordedRaces[row]!]!.recorded,
    phantomLevels.sex[cohort.sexes[row]!]!,
    String(cohort.ages[row]),
    phantomLevels.view[cohort.views[row]!]!,
    phantomLevels.site[cohort.sites[row]!]!,
    ...truth,
    ...classes.map((_, index) => String(scores[index]![row])),
  ];
  return `${cells.map(quoted).join(",")}\n`;
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

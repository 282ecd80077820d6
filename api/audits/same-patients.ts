import { sortScores } from "../../compute/index.ts";
import type { Db } from "../db/client.ts";
import type { AnalysisFrames, AnalysisRows, ClassRows } from "../metrics/analysis-rows.ts";
import { type ComparedPair, type ComparisonBootstrap, compareByBootstrap } from "../metrics/compare-auc.ts";
import type { Question } from "../metrics/question.ts";
import { sharedPatients } from "./held-out-patients.ts";

const UNKNOWN = 255;

/** The difference of one class. */
export interface SamePatientsPair extends ComparedPair {
  readonly class: string;
  /** That both sides score. */
  readonly patients: number;
}

/**
 * The difference of AUCs of one model on two versions with the same patients, over the patients that both evaluations
 * score: resampled together, so that what they have in common cancels. O(replicates * rows).
 *
 * @returns an entry for each class of both
 * @throws {ServiceError} NOT_FOUND, BAD_USER_INPUT; the signal's reason once it is aborted
 */
export async function compareSamePatients(
  db: Db,
  frames: AnalysisFrames,
  asked: {
    readonly evaluation: number;
    readonly against: number;
    readonly unit: Question["unit"];
    readonly level: number;
  } & ComparisonBootstrap,
  signal: AbortSignal,
): Promise<readonly SamePatientsPair[]> {
  const questionOf = (evaluation: number) =>
    ({ evaluation, by: [], where: [], bins: [], unit: asked.unit }) as const;
  const questions = [questionOf(asked.evaluation), questionOf(asked.against)] as const;
  const [first, second] = await Promise.all([frames.rows(questions[0]), frames.rows(questions[1])]);
  const shared = await sharedPatients(
    db,
    first.plan.evaluation.datasetVersionId,
    second.plan.evaluation.datasetVersionId,
  );
  const common = first.plan.evaluation.classes.filter((name) =>
    second.plan.evaluation.classes.includes(name),
  );
  const pairs: SamePatientsPair[] = [];
  for (const name of common) {
    const [[a], [b]] = await Promise.all([
      frames.classRows(first, questions[0], [first.plan.evaluation.classes.indexOf(name)]),
      frames.classRows(second, questions[1], [second.plan.evaluation.classes.indexOf(name)]),
    ]);
    if (a === undefined || b === undefined) continue;
    const { rows, column } = await joined(
      { rows: first, column: a, numbers: new Map(shared.map((pair, number) => [pair.first, number])) },
      { rows: second, column: b, numbers: new Map(shared.map((pair, number) => [pair.second, number])) },
    );
    const [pair] = await compareByBootstrap(
      { rows, column, strata: [0] },
      { rows, column, strata: [1] },
      asked.level,
      asked,
      signal,
    );
    if (pair !== undefined) pairs.push({ ...pair, class: name, patients: rows.clusters.count });
  }
  return pairs;
}

interface Part {
  readonly rows: AnalysisRows;
  readonly column: ClassRows;
  /** Number of each shared patient, by its ordinal here. */
  readonly numbers: ReadonlyMap<number, number>;
}

/** The rows of patients that both parts score, one part after the other: stratum 0 and stratum 1 of the same patients. */
async function joined(first: Part, second: Part) {
  const [ofFirst, ofSecond] = [scoredRows(first), scoredRows(second)];
  const both = [...ofFirst.keys()].filter((number) => ofSecond.has(number)).sort((a, b) => a - b);
  const scores: number[] = [];
  const labels: number[] = [];
  const codes: number[] = [];
  const patients: number[] = [];
  for (const [patient, number] of both.entries()) {
    for (const [code, { column }, rows] of [
      [0, first, ofFirst],
      [1, second, ofSecond],
    ] as const) {
      for (const row of rows.get(number) ?? []) {
        scores.push(column.order.scores[row] ?? Number.NaN);
        labels.push(column.labels[row] ?? UNKNOWN);
        codes.push(code);
        patients.push(patient);
      }
    }
  }
  const size = codes.filter((code) => code === 0).length;
  return {
    rows: {
      strata: {
        codes: Uint16Array.from(codes),
        levels: [[], []],
        sizes: [size, codes.length - size],
      },
      clusters: { ordinals: Uint32Array.from(patients), count: both.length },
    },
    column: {
      order: await sortScores(Float32Array.from(scores)),
      labels: Uint8Array.from(labels),
      labelConflicts: 0,
    },
  };
}

/** Rows with a score and a truth, by the number of their patient. */
function scoredRows({ rows, column, numbers }: Part): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>();
  const { scores } = column.order;
  for (let row = 0; row < scores.length; row += 1) {
    if (Number.isNaN(scores[row]) || column.labels[row] === UNKNOWN) continue;
    const number = numbers.get(rows.clusters.ordinals[row] ?? -1);
    if (number === undefined) continue;
    const mine = found.get(number) ?? [];
    found.set(number, mine);
    mine.push(row);
  }
  return found;
}

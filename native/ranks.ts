import { requireBinding } from "./binding.ts";
import { KernelError, requireObject, shown, toKernelError } from "./errors.ts";
import { allocate, own, requireArray } from "./ownership.ts";
import {
  isOrder,
  lengthOf,
  requireScores,
  type ScoreOrder,
  type Scores,
  scoresArgument,
} from "./score-order.ts";

/** A score column against one yes/no truth, by stratum. */
export interface RankedRows {
  /** Length n; higher means more likely positive; NaN is missing. An order saves the sort, the dear part. */
  readonly scores: Scores | ScoreOrder;
  /** Length n: 1 positive, 0 negative, 255 unknown. */
  readonly labels: Uint8Array;
  /** Length n; a code of `stratumCount` or more takes no part. Absent: all rows are stratum 0. */
  readonly strata?: Uint16Array | Uint32Array | undefined;
  /** 1 to 2^20; 1 when absent. */
  readonly stratumCount?: number | undefined;
}

/** One stratum's AUC and DeLong variance; NaN for both with fewer than two rows of a class. */
export interface RankedCell {
  readonly positives: number;
  readonly negatives: number;
  readonly missingScores: number;
  readonly unknownLabels: number;
  readonly auc: number;
  readonly variance: number;
}

/** Two score columns of the same rows in one stratum; NaN as in `RankedCell`. */
export interface PairedCell {
  readonly positives: number;
  readonly negatives: number;
  readonly aucFirst: number;
  readonly aucSecond: number;
  readonly varianceFirst: number;
  readonly varianceSecond: number;
  readonly covariance: number;
  readonly varianceOfDifference: number;
}

/**
 * AUC (mid-ranks) and DeLong variance of every stratum from one pass over the order, off the main thread. O(n + strata).
 * Sums are whole numbers of 128 bits: exact up to 4e9 rows. A row whose score is NaN is counted as missing and takes no
 * part; infinities rank at the ends.
 *
 * @throws {KernelError} BAD_PARAMETER, BAD_BUFFER, BAD_BUFFER_LENGTH, TOO_LARGE, OUT_OF_MEMORY, ADDON_UNAVAILABLE.
 */
export async function rankAuc(rows: RankedRows): Promise<RankedCell[]> {
  const { stratumCount } = requireRows(rows);
  return settle(async () => {
    const output = await requireBinding().stratifiedAuc(
      scoresArgument(rows.scores),
      own(rows.labels, ["Uint8Array"]),
      ownStrata(rows.strata),
      stratumCount,
      allocate("Float64Array", 6 * stratumCount),
    );
    // `!`: six numbers a stratum.
    return Array.from({ length: stratumCount }, (_, stratum) => ({
      positives: output[6 * stratum]!,
      negatives: output[6 * stratum + 1]!,
      missingScores: output[6 * stratum + 2]!,
      unknownLabels: output[6 * stratum + 3]!,
      auc: output[6 * stratum + 4]!,
      variance: output[6 * stratum + 5]!,
    }));
  });
}

/**
 * Both AUCs of two score columns, their DeLong variances and covariance; rows that lack either score (NaN) take no part.
 *
 * @param second - length n, the scores to compare with.
 * @throws {KernelError} as `rankAuc`.
 */
export async function rankPairedAuc(rows: RankedRows, second: Scores | ScoreOrder): Promise<PairedCell[]> {
  const { stratumCount } = requireRows(rows);
  requireScores(second);
  requireColumn("second scores", lengthOf(second), lengthOf(rows.scores));
  return settle(async () => {
    const output = await requireBinding().pairedAuc(
      scoresArgument(rows.scores),
      scoresArgument(second),
      own(rows.labels, ["Uint8Array"]),
      ownStrata(rows.strata),
      stratumCount,
      allocate("Float64Array", 8 * stratumCount),
    );
    // `!`: eight numbers a stratum.
    return Array.from({ length: stratumCount }, (_, stratum) => ({
      positives: output[8 * stratum]!,
      negatives: output[8 * stratum + 1]!,
      aucFirst: output[8 * stratum + 2]!,
      aucSecond: output[8 * stratum + 3]!,
      varianceFirst: output[8 * stratum + 4]!,
      varianceSecond: output[8 * stratum + 5]!,
      covariance: output[8 * stratum + 6]!,
      varianceOfDifference: output[8 * stratum + 7]!,
    }));
  });
}

/**
 * Every threshold that changes a decision in one stratum, descending; the first is +Infinity. Counts of the rows called
 * positive at or above it; a row whose score is NaN is never called.
 *
 * @throws {KernelError} as `rankAuc`.
 */
export async function rankRocSteps(
  rows: RankedRows,
  stratum = 0,
): Promise<{ falsePositives: Uint32Array; truePositives: Uint32Array; thresholds: Float64Array }> {
  const { stratumCount } = requireRows(rows);
  requireWhole("stratum", stratum, 0, stratumCount - 1);
  return settle(async () => {
    const run = rows.labels.length + 1;
    const argument = scoresArgument(rows.scores);
    const output = await requireBinding().rocSteps(
      argument,
      own(rows.labels, ["Uint8Array"]),
      ownStrata(rows.strata),
      stratumCount,
      stratum,
      allocate("Uint32Array", 3 * run + 1),
    );
    const steps = output[3 * run] ?? 0; // the last number, by contract
    const scores = isOrder(rows.scores) ? rows.scores.scores : (argument as Scores); // no order: its own copy
    const thresholds = Float64Array.from(
      output.subarray(2 * run, 2 * run + steps),
      (row) => scores[row] ?? Number.NaN,
    );
    thresholds[0] = Number.POSITIVE_INFINITY;
    return {
      falsePositives: output.slice(0, steps),
      truePositives: output.slice(run, run + steps),
      thresholds,
    };
  });
}

const CODES = ["Uint16Array", "Uint32Array"] as const;
/** A stratum takes memory whether it has rows or not: about 250 bytes while it is counted. */
const MAX_STRATA = 2 ** 20;

function requireRows(rows: RankedRows): { stratumCount: number } {
  requireObject("the rows", rows);
  const { scores, labels, strata, stratumCount = 1 } = rows;
  requireScores(scores);
  requireArray(labels, ["Uint8Array"]);
  requireStrata(stratumCount, strata);
  const expected = lengthOf(scores);
  requireColumn("labels", labels.length, expected);
  if (strata !== undefined) requireColumn("strata", strata.length, expected);
  return { stratumCount };
}

/** @throws {KernelError} BAD_PARAMETER for fewer than one stratum or more than 2^20; BAD_BUFFER for other codes. */
export function requireStrata(count: number, strata: Uint16Array | Uint32Array | undefined): void {
  if (strata !== undefined) requireArray(strata, CODES);
  if (Number.isSafeInteger(count) && count >= 1 && count <= MAX_STRATA) return;
  throw new KernelError(
    "BAD_PARAMETER",
    `Expected at least one stratum and at most ${MAX_STRATA}, got ${shown(count)}; pass 1 for the whole set`,
  );
}

/** A copy of the strata for one call; empty for "all rows are stratum 0". */
export function ownStrata(strata: Uint16Array | Uint32Array | undefined): Uint16Array | Uint32Array {
  return strata === undefined ? new Uint32Array(0) : own(strata, CODES);
}

/** @throws {KernelError} BAD_BUFFER_LENGTH when a column is not as long as the scores. */
export function requireColumn(name: string, got: number, expected: number): void {
  if (got === expected) return;
  throw new KernelError(
    "BAD_BUFFER_LENGTH",
    `Expected ${expected} ${name}, one per score, got ${got}; align them first`,
  );
}

/** @throws {KernelError} BAD_PARAMETER when `value` is no whole number of `low` to `high`. */
export function requireWhole(name: string, value: number, low: number, high: number): void {
  if (Number.isSafeInteger(value) && value >= low && value <= high) return;
  throw new KernelError(
    "BAD_PARAMETER",
    `Expected ${name} to be a whole number from ${low} to ${high}, got ${shown(value)}; change it`,
  );
}

async function settle<Value>(call: () => Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (cause) {
    throw toKernelError(cause);
  }
}

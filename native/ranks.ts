import { requireBinding } from "./binding.ts";
import { KernelError, requireObject, shown, toKernelError } from "./errors.ts";
import { threadsOf } from "./images.ts";
import { allocate, own, requireArray } from "./ownership.ts";

/** A score column against one yes/no truth, by stratum. */
export interface RankedRows {
  /** Length n; higher means more likely positive; NaN is missing. */
  readonly scores: Float32Array | Float64Array;
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

/** Rows of every cell in ascending order of score; see `planBootstrap` in compute/intervals. */
export interface BootstrapRows {
  /** Length cells + 1. */
  readonly starts: Uint32Array;
  /** Per row: its patient, below `patientCount`. */
  readonly patients: Uint32Array;
  /** Per row: bit 0 positive, bit 1 tied with the next row of the cell. */
  readonly flags: Uint8Array;
  /** At most 2^21. */
  readonly patientCount: number;
}

const SCORES = ["Float32Array", "Float64Array"] as const;
const CODES = ["Uint16Array", "Uint32Array"] as const;
/** A stratum takes memory whether it has rows or not: about 350 bytes while it is counted. */
const MAX_STRATA = 2 ** 20;

/**
 * AUC (mid-ranks) and DeLong variance of every stratum from one sort and one pass, off the main thread. O(n + strata).
 * Sums are whole numbers of 128 bits: exact up to 4e9 rows.
 *
 * @throws {KernelError} BAD_PARAMETER, BAD_BUFFER, BAD_BUFFER_LENGTH, TOO_LARGE, OUT_OF_MEMORY, ADDON_UNAVAILABLE.
 */
export async function rankAuc(rows: RankedRows): Promise<RankedCell[]> {
  const { strata, stratumCount } = strataOf(rows);
  return settle(async () => {
    const output = await requireBinding().stratifiedAuc(
      own(rows.scores, SCORES),
      own(rows.labels, ["Uint8Array"]),
      strata,
      stratumCount,
      allocate("Float64Array", 6 * stratumCount),
    );
    return table(output, ["positives", "negatives", "missingScores", "unknownLabels", "auc", "variance"]);
  });
}

/**
 * Both AUCs of two score columns, their DeLong variances and covariance; rows that lack either score take no part.
 *
 * @param second - length n, the scores to compare with.
 * @throws {KernelError} as `rankAuc`.
 */
export async function rankPairedAuc(
  rows: RankedRows,
  second: Float32Array | Float64Array,
): Promise<PairedCell[]> {
  const { strata, stratumCount } = strataOf(rows, second);
  return settle(async () => {
    const output = await requireBinding().pairedAuc(
      own(rows.scores, SCORES),
      own(second, SCORES),
      own(rows.labels, ["Uint8Array"]),
      strata,
      stratumCount,
      allocate("Float64Array", 8 * stratumCount),
    );
    return table(output, [
      "positives",
      "negatives",
      "aucFirst",
      "aucSecond",
      "varianceFirst",
      "varianceSecond",
      "covariance",
      "varianceOfDifference",
    ]);
  });
}

/**
 * Every threshold that changes a decision in one stratum, descending; the first is +Infinity. Counts of the rows called
 * positive at or above it.
 *
 * @throws {KernelError} as `rankAuc`.
 */
export async function rankRocSteps(
  rows: RankedRows,
  stratum = 0,
): Promise<{ falsePositives: Uint32Array; truePositives: Uint32Array; thresholds: Float64Array }> {
  const { strata, stratumCount } = strataOf(rows);
  requireWhole("stratum", stratum, 0, stratumCount - 1);
  return settle(async () => {
    const run = rows.labels.length + 1;
    const output = await requireBinding().rocSteps(
      own(rows.scores, SCORES),
      own(rows.labels, ["Uint8Array"]),
      strata,
      stratumCount,
      stratum,
      allocate("Float64Array", 3 * run + 1),
    );
    const steps = output[3 * run] ?? 0; // the last number, by contract
    return {
      falsePositives: Uint32Array.from(output.subarray(0, steps)),
      truePositives: Uint32Array.from(output.subarray(run, run + steps)),
      thresholds: output.slice(2 * run, 2 * run + steps),
    };
  });
}

/**
 * The AUC of every cell in replicates `from` to `to` (excluded) of the patient bootstrap: the numbers of
 * `bootstrapChunk` in compute/intervals, whatever the number of threads.
 *
 * @returns length (to - from) * cells, replicate by replicate; NaN where a resample lacks a class.
 * @throws {KernelError} as `rankAuc`.
 */
export async function rankBootstrap(
  plan: BootstrapRows,
  seed: number,
  from: number,
  to: number,
  options: { readonly threads?: number } = {},
): Promise<Float64Array> {
  requireObject("the plan", plan);
  requireObject("options", options);
  for (const words of [plan.starts, plan.patients]) requireArray(words, ["Uint32Array"]);
  requireArray(plan.flags, ["Uint8Array"]);
  requireWhole("seed", seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  requireWhole("patientCount", plan.patientCount, 0, 2 ** 21);
  requireWhole("from", from, 0, Number.MAX_SAFE_INTEGER);
  requireWhole("to", to, from, Number.MAX_SAFE_INTEGER);
  requireWhole("number of cells", plan.starts.length - 1, 1, 2 ** 31);
  if (plan.flags.length !== plan.patients.length) {
    throw new KernelError(
      "BAD_BUFFER_LENGTH",
      `Expected ${plan.patients.length} flags, one per row, got ${plan.flags.length}; plan them again`,
    );
  }
  return settle(() =>
    requireBinding().bootstrapAuc(
      own(plan.starts, ["Uint32Array"]),
      own(plan.patients, ["Uint32Array"]),
      own(plan.flags, ["Uint8Array"]),
      plan.patientCount,
      seed,
      from,
      to,
      allocate("Float64Array", (to - from) * (plan.starts.length - 1)),
      threadsOf(options),
    ),
  );
}

function strataOf(
  rows: RankedRows,
  ...second: (Float32Array | Float64Array)[]
): { strata: Uint32Array; stratumCount: number } {
  requireObject("the rows", rows);
  const { scores, labels, strata, stratumCount = 1 } = rows;
  for (const column of [scores, ...second]) requireArray(column, SCORES);
  requireArray(labels, ["Uint8Array"]);
  if (strata !== undefined) requireArray(strata, CODES);
  requireWhole("stratumCount", stratumCount, 1, MAX_STRATA);
  const columns = { "second scores": second[0], labels, strata };
  for (const [name, column] of Object.entries(columns)) {
    if (column === undefined || column.length === scores.length) continue;
    throw new KernelError(
      "BAD_BUFFER_LENGTH",
      `Expected ${scores.length} ${name}, one per score, got ${column.length}; align them first`,
    );
  }
  if (strata === undefined) return { strata: new Uint32Array(0), stratumCount };
  const codes = own(strata, CODES);
  return { strata: codes instanceof Uint32Array ? codes : Uint32Array.from(codes), stratumCount };
}

function requireWhole(name: string, value: number, low: number, high: number): void {
  if (Number.isSafeInteger(value) && value >= low && value <= high) return;
  throw new KernelError(
    "BAD_PARAMETER",
    `Expected ${name} to be a whole number from ${low} to ${high}, got ${shown(value)}; change it`,
  );
}

/** Rows of numbers as objects of these fields. */
function table<Field extends string>(
  numbers: Float64Array,
  fields: readonly Field[],
): Record<Field, number>[] {
  return Array.from({ length: numbers.length / fields.length }, (_, row) => {
    const entries = fields.map(
      (field, k) => [field, numbers[row * fields.length + k] ?? Number.NaN] as const,
    );
    return Object.fromEntries(entries) as Record<Field, number>; // one entry per field, above
  });
}

async function settle<Value>(call: () => Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (cause) {
    throw toKernelError(cause);
  }
}

import { type OrderHandle, requireBinding } from "./binding.ts";
import { KernelError, shown, toKernelError } from "./errors.ts";
import { allocate, own, requireArray } from "./ownership.ts";

/** Scores of one class, of one evaluation; a missing score is NaN. */
export type Scores = Float32Array | Float64Array;

/**
 * The rows of one score column in ascending order of score, held by the addon. Never changes, so a caller may cache it:
 * every statistic of any subset or stratification is then a linear pass.
 */
export interface ScoreOrder {
  /** The column that was sorted; row i holds the score of image (or unit) i. */
  readonly scores: Scores;
  /** Rows of the column, those without a score included. */
  readonly rowCount: number;
  /** Rows whose score is NaN, ascending. */
  readonly missing: Uint32Array;
  /** Memory held beside `scores`, in bytes. */
  readonly bytes: number;
  readonly handle: OrderHandle;
}

const widths = ["Float32Array", "Float64Array"] as const;

/**
 * Sorts a score column once, for all the statistics that follow, off the main thread. A radix sort, O(n): -0 equals +0,
 * infinities sort at the ends, NaN is missing, equal scores stay in order of row.
 *
 * @param scores - copied for the call; must not change afterwards, since the order points into it.
 * @throws {KernelError} BAD_BUFFER, BUFFER_DETACHED, TOO_LARGE above 4e9 rows, OUT_OF_MEMORY, ADDON_UNAVAILABLE,
 * ADDON_STALE.
 */
export async function sortScores(scores: Scores): Promise<ScoreOrder> {
  try {
    const binding = requireBinding();
    const owned = own(scores, widths);
    const rowCount = owned.length;
    const handle = await binding.sortScores(owned);
    const missing = binding.missingRows(handle);
    const bytes = 5 * (rowCount - missing.length) + 8 * missing.length;
    return Object.freeze({ scores, rowCount, missing, bytes, handle });
  } catch (cause) {
    throw toKernelError(cause);
  }
}

/**
 * A copy of an order, for what JavaScript does with it. O(n).
 *
 * @returns rows with a score, ascending by it; `tiedWithNext[k]` is 1 when `rows[k]` and `rows[k + 1]` score the same.
 * @throws {KernelError} BAD_BUFFER for what is no order; OUT_OF_MEMORY.
 */
export function readOrder(order: ScoreOrder): {
  readonly rows: Uint32Array;
  readonly tiedWithNext: Uint8Array;
} {
  requireOrder(order);
  const { rowCount, missing, handle } = order;
  const present = rowCount - missing.length;
  const rows = allocate("Uint32Array", present);
  const tiedWithNext = allocate("Uint8Array", present);
  try {
    requireBinding().readOrder(handle, rows, tiedWithNext);
  } catch (cause) {
    throw toKernelError(cause);
  }
  return { rows, tiedWithNext };
}

/** @throws {KernelError} BAD_BUFFER for what is neither an order nor scores; BUFFER_DETACHED. */
export function requireScores(scores: unknown): void {
  if (!isOrder(scores)) requireArray(scores, widths);
}

/** @throws {KernelError} BAD_BUFFER for what is no order. */
export function requireOrder(order: unknown): void {
  if (isOrder(order)) return;
  throw new KernelError(
    "BAD_BUFFER",
    `Expected an order of scores, got ${shown(order)}; sort them with sortScores first`,
  );
}

/** A column as the addon takes it: its order, or a copy of scores that the call sorts for itself. */
export function scoresArgument(scores: Scores | ScoreOrder): Scores | OrderHandle {
  return isOrder(scores) ? scores.handle : own(scores, widths);
}

/** Rows of a column. */
export function lengthOf(scores: Scores | ScoreOrder): number {
  return isOrder(scores) ? scores.rowCount : scores.length;
}

/** Whether this may be what `sortScores` gave; the addon itself tells its handles from others. */
export function isOrder(scores: unknown): scores is ScoreOrder {
  return typeof scores === "object" && scores !== null && "handle" in scores && "scores" in scores;
}

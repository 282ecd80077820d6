import { normalQuantile } from "../distributions.ts";
import { ComputeError, type NotEstimableReason } from "../errors.ts";

/** A confidence interval, or the reason why there is none; `low` and `high` are null together. */
export interface Interval {
  readonly low: number | null;
  readonly high: number | null;
  /** Nominal coverage, in (0, 1). */
  readonly level: number;
  readonly reason: NotEstimableReason | null;
}

/** An interval that could not be made, and why. */
export function noInterval(level: number, reason: NotEstimableReason): Interval {
  return { low: null, high: null, level, reason };
}

/** `value` moved to the nearest point of [low, high]. */
export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/**
 * The z that leaves (1 - `level`) / 2 in either tail: 1.96 at level 0.95.
 *
 * @throws {ComputeError} INVALID_PARAM when `level` is not strictly between 0 and 1.
 */
export function criticalZ(level: number): number {
  if (!(level > 0 && level < 1)) {
    throw new ComputeError(
      "INVALID_PARAM",
      `Expected a level between 0 and 1, got ${level}; pass 0.95 for 95 %`,
    );
  }
  return -normalQuantile((1 - level) / 2);
}

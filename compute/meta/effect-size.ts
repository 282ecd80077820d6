import { normalQuantile } from "../distributions.ts";
import { ComputeError } from "../errors.ts";

/** LOGIT pools log(x / (1 - x)) of values in (0, 1), such as AUCs, and reports them back on (0, 1); RAW pools as given. */
export const metaScales = ["LOGIT", "RAW"] as const;
export type MetaScale = (typeof metaScales)[number];

/**
 * One study: either a value with its interval (or its standard error), or an effect `yi` with sampling variance `vi`
 * already on the scale of analysis. The first that is there counts: yi and vi, then the interval, then `se`.
 */
export interface StudyInput {
  readonly label: string;
  /** On the reporting scale: an AUC in (0, 1) for LOGIT. */
  readonly value?: number | null;
  readonly ciLow?: number | null;
  readonly ciHigh?: number | null;
  /** Standard error of `value` on the reporting scale, used when an interval bound is missing (delta method on LOGIT). */
  readonly se?: number | null;
  readonly yi?: number | null;
  readonly vi?: number | null;
  /** Moderator name to a number, or to a category. */
  readonly moderators?: Readonly<Record<string, number | string | null>> | null;
}

/** Why a study could not be pooled. */
export const leftOutReasons = {
  NO_ESTIMATE: "neither a value nor yi is given",
  NO_PRECISION: "neither an interval, nor se, nor vi is given",
  NOT_FINITE: "a number is infinite or not a number",
  VALUE_AT_LIMIT: "the value is 0 or 1, where the logit is infinite",
  VALUE_OUTSIDE_RANGE: "the value or a bound lies outside 0 to 1",
  REVERSED_INTERVAL: "the lower bound is above the upper one",
  ZERO_WIDTH: "the interval, the standard error or the variance is zero, which would give infinite weight",
  INTERVAL_EXCLUDES_VALUE: "the value lies outside its interval by more than the interval's width",
  MISSING_MODERATOR: "a moderator of the model is not given",
} as const;
export type LeftOutReason = keyof typeof leftOutReasons;

/** What a reader should know about a study that was pooled all the same. */
export const studyRemarks = {
  VALUE_AT_BOUND: "the value equals a bound of its interval",
  VALUE_OUTSIDE_INTERVAL: "the value lies just outside its interval",
  LOPSIDED_INTERVAL: "on the analysis scale one arm of the interval is more than twice the other",
  BOUND_AT_LIMIT: "one bound is 0 or 1: the standard error comes from the other arm alone",
  SE_BY_DELTA_METHOD: "no interval: the standard error was carried to the logit scale by the delta method",
} as const;
export type StudyRemark = keyof typeof studyRemarks;

/** A study on the scale of analysis. */
export interface Effect {
  /** Position in the input. */
  readonly index: number;
  readonly label: string;
  readonly yi: number;
  readonly vi: number;
  readonly remarks: readonly StudyRemark[];
}

/** A study that was not pooled, and why. */
export interface LeftOutStudy {
  readonly index: number;
  readonly label: string;
  readonly reason: LeftOutReason;
}

/** log(x / (1 - x)), for x in (0, 1). */
export function logit(x: number): number {
  return Math.log(x) - Math.log1p(-x);
}

/** 1 / (1 + exp(-y)), the inverse of `logit`. */
export function inverseLogit(y: number): number {
  return y >= 0 ? 1 / (1 + Math.exp(-y)) : Math.exp(y) / (1 + Math.exp(y));
}

/**
 * Carries a study to the scale of analysis. From an interval, se = width / (2 z), the width taken after the logit on LOGIT:
 * so a DeLong-logit interval gives back exactly the se it was made from.
 *
 * @param intervalLevel - confidence level of ciLow..ciHigh, in (0, 1).
 */
export function toEffect(
  study: StudyInput,
  index: number,
  scale: MetaScale,
  intervalLevel: number,
): Effect | LeftOutStudy {
  const { label } = study;
  const leftOut = (reason: LeftOutReason): LeftOutStudy => ({ index, label, reason });
  const { value, ciLow, ciHigh, se, yi, vi } = study;
  const given = [value, ciLow, ciHigh, se, yi, vi].filter((x) => x !== undefined && x !== null);
  if (!given.every(Number.isFinite)) return leftOut("NOT_FINITE");

  if (isGiven(yi)) {
    if (!isGiven(vi)) return leftOut("NO_PRECISION");
    return vi > 0 ? { index, label, yi, vi, remarks: [] } : leftOut("ZERO_WIDTH");
  }
  if (!isGiven(value)) return leftOut("NO_ESTIMATE");
  if (scale === "LOGIT" && [value, ciLow, ciHigh].some((x) => isGiven(x) && (x < 0 || x > 1))) {
    return leftOut("VALUE_OUTSIDE_RANGE");
  }
  if (scale === "LOGIT" && (value === 0 || value === 1)) return leftOut("VALUE_AT_LIMIT");

  if (isGiven(ciLow) && isGiven(ciHigh)) {
    const read = readInterval(value, ciLow, ciHigh, scale, intervalLevel);
    return typeof read === "string" ? leftOut(read) : { index, label, ...read };
  }
  if (!isGiven(se)) return leftOut("NO_PRECISION");
  if (!(se > 0)) return leftOut("ZERO_WIDTH");
  if (scale === "RAW") return { index, label, yi: value, vi: se ** 2, remarks: [] };
  const slope = value * (1 - value);
  return { index, label, yi: logit(value), vi: (se / slope) ** 2, remarks: ["SE_BY_DELTA_METHOD"] };
}

function readInterval(
  value: number,
  ciLow: number,
  ciHigh: number,
  scale: MetaScale,
  intervalLevel: number,
): Pick<Effect, "yi" | "vi" | "remarks"> | LeftOutReason {
  if (ciLow > ciHigh) return "REVERSED_INTERVAL";
  if (ciLow === ciHigh) return "ZERO_WIDTH";
  const overshoot = Math.max(ciLow - value, value - ciHigh);
  if (overshoot > ciHigh - ciLow) return "INTERVAL_EXCLUDES_VALUE";

  const remarks: StudyRemark[] = [];
  if (overshoot > 0) remarks.push("VALUE_OUTSIDE_INTERVAL");
  else if (overshoot === 0) remarks.push("VALUE_AT_BOUND");
  const carry = scale === "LOGIT" ? logit : (x: number) => x;
  const [low, middle, high] = [carry(ciLow), carry(value), carry(ciHigh)];
  const z = normalQuantile((1 + intervalLevel) / 2);
  let se = (high - low) / (2 * z);
  if (!Number.isFinite(se)) {
    const arm = Number.isFinite(low) ? middle - low : high - middle;
    if (!(arm > 0) || !Number.isFinite(arm)) return "ZERO_WIDTH";
    remarks.push("BOUND_AT_LIMIT");
    se = arm / z;
  } else if (
    overshoot < 0 &&
    Math.max((high - middle) / (middle - low), (middle - low) / (high - middle)) > 2
  ) {
    remarks.push("LOPSIDED_INTERVAL");
  }
  return { yi: middle, vi: se ** 2, remarks };
}

/** Refuses a confidence level outside (0, 1). @throws {ComputeError} INVALID_PARAM. */
export function requireLevel(name: string, level: number): void {
  if (level > 0 && level < 1) return;
  throw new ComputeError(
    "INVALID_PARAM",
    `Expected ${name} between 0 and 1, got ${level}; give 0.95 for 95 %`,
  );
}

function isGiven(x: number | null | undefined): x is number {
  return x !== undefined && x !== null;
}

import type { AucCell } from "../metrics/stratified-auc.ts";
import { clamp, criticalZ, type Interval, noInterval } from "./interval.ts";

/** What an interval needs to know of an AUC. */
export type AucEstimate = Pick<AucCell, "auc" | "variance" | "reason">;

/**
 * Wald interval of an AUC from its DeLong variance, cut at 0 and 1 (DeLong et al. 1988, doi:10.2307/2531595).
 *
 * The cut is that of pROC's `ci.auc`. A variance of 0 (perfect separation, constant scores) says nothing about the
 * next sample: the interval is then DEGENERATE, not a point.
 *
 * @param level - nominal coverage in (0, 1).
 * @throws {ComputeError} INVALID_PARAM when `level` is out of range.
 */
export function delongInterval(estimate: AucEstimate, level: number): Interval {
  const z = criticalZ(level);
  const { auc, variance } = estimate;
  if (auc === null || variance === null) return noInterval(level, estimate.reason ?? "NO_ROWS");
  if (variance === 0) return noInterval(level, "DEGENERATE");
  const reach = z * Math.sqrt(variance);
  return { low: clamp(auc - reach, 0, 1), high: clamp(auc + reach, 0, 1), level, reason: null };
}

/**
 * Interval of an AUC made on the logit scale and carried back: inside (0, 1) by itself, and closer to its level near 1
 * than the Wald interval (Pepe 2003, The Statistical Evaluation of Medical Tests, section 5.2.4).
 *
 * The DeLong variance reaches the logit scale by the delta method: se / (auc (1 - auc)).
 *
 * @param level - nominal coverage in (0, 1).
 * @throws {ComputeError} INVALID_PARAM when `level` is out of range.
 */
export function delongLogitInterval(estimate: AucEstimate, level: number): Interval {
  const z = criticalZ(level);
  const { auc, variance } = estimate;
  if (auc === null || variance === null) return noInterval(level, estimate.reason ?? "NO_ROWS");
  if (variance === 0 || auc === 0 || auc === 1) return noInterval(level, "DEGENERATE");
  const centre = Math.log(auc / (1 - auc));
  const reach = (z * Math.sqrt(variance)) / (auc * (1 - auc));
  return { low: expit(centre - reach), high: expit(centre + reach), level, reason: null };
}

function expit(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

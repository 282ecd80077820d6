import { ComputeError, type NotEstimableReason } from "../errors.ts";
import { type RocSteps, rocSteps } from "../metrics/roc-curve.ts";
import type { StratifiedRows } from "../metrics/stratified-rows.ts";

/** How a decision threshold is found. Choose it on a validation split, never on the rows it will be judged by. */
export type ThresholdRule =
  /** Largest tpr - fpr (Youden 1950, doi:10.1002/1097-0142(1950)3:1<32::AID-CNCR2820030106>3.0.CO;2-3). */
  | { readonly kind: "youden" }
  /** Largest tpr among thresholds with specificity (1 - fpr) of at least `at`. */
  | { readonly kind: "specificity"; readonly at: number }
  /** Smallest fpr among thresholds with sensitivity (tpr) of at least `at`. */
  | { readonly kind: "sensitivity"; readonly at: number }
  /** Largest F1, 2 TP / (2 TP + FP + FN): the choice of Seyyed-Kalantari et al. 2021, doi:10.1038/s41591-021-01595-0. */
  | { readonly kind: "max_f1" }
  /** Where sensitivity and specificity lie closest together: the choice of Lotter 2024, doi:10.1038/s41467-024-52003-3. */
  | { readonly kind: "balanced" }
  /** This value. */
  | { readonly kind: "value"; readonly value: number };

/** A threshold, what it does to the rows it was chosen on, or why there is none. */
export interface ChosenThreshold {
  /** Positive means score >= threshold; null when `reason` says why. */
  readonly threshold: number | null;
  readonly tpr: number | null;
  readonly fpr: number | null;
  /** Thresholds that do equally well by the rule; the highest of them (fewest calls) is the one returned. */
  readonly equallyGood: number;
  readonly reason: NotEstimableReason | null;
}

/**
 * Finds the threshold that a rule asks for on one stratum; O(n) over a cached order.
 *
 * Only thresholds that call at least one row positive are considered. DEGENERATE: no such threshold meets the rule.
 *
 * @throws {ComputeError} INVALID_PARAM when `at` is outside [0, 1] or `value` is not finite; INVALID_INPUT for columns
 * that do not fit.
 */
export async function chooseThreshold(
  input: StratifiedRows,
  rule: ThresholdRule,
  stratum = 0,
): Promise<ChosenThreshold> {
  requireRule(rule);
  const steps = await rocSteps(input, stratum);
  const { positives, negatives, thresholds } = steps;
  if (rule.kind === "value") return atValue(steps, rule.value);
  if (positives + negatives === 0) return noThreshold("NO_ROWS");
  if (positives === 0) return noThreshold("NO_POSITIVES");
  if (negatives === 0) return noThreshold("NO_NEGATIVES");
  const merit = meritOf(rule, steps);
  let best = 0;
  let bestMerit = Number.NEGATIVE_INFINITY;
  let equallyGood = 0;
  // Thresholds descend, and only a strictly better one replaces the best: the highest of equals stays.
  for (let point = 1; point < thresholds.length; point += 1) {
    const value = merit(point);
    if (value > bestMerit) [best, bestMerit, equallyGood] = [point, value, 1];
    else if (value === bestMerit && value > Number.NEGATIVE_INFINITY) equallyGood += 1;
  }
  return best === 0 ? noThreshold("DEGENERATE") : atPoint(steps, best, equallyGood);
}

/** What a rule maximises at a point, in whole numbers so that equals are equal; -Infinity where it is not met. */
function meritOf(
  rule: Exclude<ThresholdRule, { kind: "value" }>,
  steps: RocSteps,
): (point: number) => number {
  // `!`: point is an index of steps.
  const { truePositives, falsePositives, positives, negatives } = steps;
  const slack = 1e-9; // "at least 0.9" of 10 rows is 9 of them, though 0.9 * 10 may round up
  switch (rule.kind) {
    case "youden":
      return (point) => truePositives[point]! * negatives - falsePositives[point]! * positives;
    case "specificity":
      return (point) =>
        negatives - falsePositives[point]! >= rule.at * negatives - slack ? truePositives[point]! : -Infinity;
    case "sensitivity":
      return (point) =>
        truePositives[point]! >= rule.at * positives - slack ? -falsePositives[point]! : -Infinity;
    case "balanced":
      return (point) =>
        -Math.abs(truePositives[point]! * negatives - (negatives - falsePositives[point]!) * positives);
    case "max_f1":
      return (point) =>
        (2 * truePositives[point]!) / (truePositives[point]! + falsePositives[point]! + positives);
  }
}

function atValue(steps: RocSteps, value: number): ChosenThreshold {
  // The last point whose threshold is not below the value; the first one is +Infinity, so there is one.
  let point = steps.thresholds.length - 1;
  while ((steps.thresholds[point] ?? 0) < value) point -= 1;
  return { ...atPoint(steps, point, 1), threshold: value };
}

function atPoint(steps: RocSteps, point: number, equallyGood: number): ChosenThreshold {
  // `!`: point is an index of steps.
  const { truePositives, falsePositives, positives, negatives, thresholds } = steps;
  return {
    threshold: thresholds[point]!,
    tpr: positives === 0 ? null : truePositives[point]! / positives,
    fpr: negatives === 0 ? null : falsePositives[point]! / negatives,
    equallyGood,
    reason: null,
  };
}

function noThreshold(reason: NotEstimableReason): ChosenThreshold {
  return { threshold: null, tpr: null, fpr: null, equallyGood: 0, reason };
}

function requireRule(rule: ThresholdRule): void {
  if ("at" in rule && !(rule.at >= 0 && rule.at <= 1)) {
    throw new ComputeError(
      "INVALID_PARAM",
      `Expected a rate from 0 to 1, got ${rule.at}; pass 0.95 for 95 %`,
    );
  }
  if ("value" in rule && !Number.isFinite(rule.value)) {
    throw new ComputeError("INVALID_PARAM", `Expected a finite threshold, got ${rule.value}; pass a score`);
  }
}

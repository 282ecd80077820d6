import { ComputeError, type NotEstimableReason } from "../errors.ts";
import { criticalZ } from "../intervals/interval.ts";
import { wilsonInterval } from "../intervals/wilson.ts";
import { encodeCells, type StratifiedRows } from "./stratified-rows.ts";

/** The rates of an operating point: what is counted, of what, and which direction is good. */
export const operatingRates = {
  fpr: { doc: "Share of negatives called positive.", better: "lower" },
  fnr: {
    doc: "Share of positives called negative.",
    better: "lower",
  },
  tpr: { doc: "Share of positives called positive (sensitivity).", better: "higher" },
  tnr: { doc: "Share of negatives called negative (specificity).", better: "higher" },
  ppv: { doc: "Share of calls of positive that are right.", better: "higher" },
  npv: { doc: "Share of calls of negative that are right.", better: "higher" },
  prevalence: { doc: "Share of rows that are positive.", better: "neither" },
} as const satisfies Record<string, { doc: string; better: "higher" | "lower" | "neither" }>;
export type OperatingRate = keyof typeof operatingRates;

/** A proportion with its Wilson interval; null together, with the reason, when nothing was to be counted. */
export interface Rate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly successes: number;
  readonly total: number;
  readonly reason: NotEstimableReason | null;
}

/** What a threshold does to one stratum. */
export interface OperatingPoint {
  readonly stratum: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
  /** Rows of the stratum left out: with a label but no score, and without a label. */
  readonly missingScores: number;
  readonly unknownLabels: number;
  readonly rates: Readonly<Record<OperatingRate, Rate>>;
}

/**
 * The confusion counts and rates of every stratum at one threshold; "positive" means score >= threshold. O(n + strata).
 *
 * Against float32 scores the threshold is rounded to float32 first, as the scores were, so a threshold that was taken
 * from the scores and printed in decimal still includes its own row.
 *
 * @param level - nominal coverage of the Wilson intervals, in (0, 1).
 * @throws {ComputeError} INVALID_PARAM for a threshold that is NaN or a level out of range; INVALID_INPUT for columns
 * that do not fit.
 */
export function operatingPoints(input: StratifiedRows, threshold: number, level: number): OperatingPoint[] {
  criticalZ(level);
  if (Number.isNaN(threshold))
    throw new ComputeError("INVALID_PARAM", "Expected a threshold, got NaN; pass a score");
  const { scores } = input.order;
  const cut = scores instanceof Float32Array ? Math.fround(threshold) : threshold;
  const { codes, sizes, stratumCount, missingScores, unknownLabels } = encodeCells(input);
  const calls = new Uint32Array(sizes.length);
  // `!`: codes and scores have one length; codes are below sizes.length. NaN >= cut is false, and its code is outside.
  for (let row = 0; row < codes.length; row += 1) if (scores[row]! >= cut) calls[codes[row]!]! += 1;
  return Array.from({ length: stratumCount }, (_, stratum) => {
    const falsePositives = calls[2 * stratum]!;
    const truePositives = calls[2 * stratum + 1]!;
    const negatives = sizes[2 * stratum]!;
    const positives = sizes[2 * stratum + 1]!;
    const trueNegatives = negatives - falsePositives;
    const falseNegatives = positives - truePositives;
    const rate = (successes: number, total: number, empty: NotEstimableReason): Rate => {
      const { low, high } = wilsonInterval(successes, total, level);
      const value = total === 0 ? null : successes / total;
      return { value, low, high, successes, total, reason: total === 0 ? empty : null };
    };
    return {
      stratum,
      truePositives,
      falsePositives,
      trueNegatives,
      falseNegatives,
      missingScores: missingScores[stratum]!,
      unknownLabels: unknownLabels[stratum]!,
      rates: {
        fpr: rate(falsePositives, negatives, "NO_NEGATIVES"),
        fnr: rate(falseNegatives, positives, "NO_POSITIVES"),
        tpr: rate(truePositives, positives, "NO_POSITIVES"),
        tnr: rate(trueNegatives, negatives, "NO_NEGATIVES"),
        ppv: rate(truePositives, truePositives + falsePositives, "NO_DECISIONS_IN_CLASS"),
        npv: rate(trueNegatives, trueNegatives + falseNegatives, "NO_DECISIONS_IN_CLASS"),
        prevalence: rate(positives, positives + negatives, "NO_ROWS"),
      },
    };
  });
}

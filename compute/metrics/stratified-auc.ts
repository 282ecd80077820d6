import { rankAuc } from "../../native/index.ts";
import type { NotEstimableReason } from "../errors.ts";
import { refusingInput } from "../native-refusal.ts";
import type { StratifiedRows } from "./stratified-rows.ts";

/** The AUC of one stratum with its DeLong variance, or the reason why there is none. */
export interface AucCell {
  readonly stratum: number;
  /** Rows with a score and a known label. */
  readonly positives: number;
  readonly negatives: number;
  /** Rows of the stratum that were left out: with a label but no score, and without a label. */
  readonly missingScores: number;
  readonly unknownLabels: number;
  /** In [0, 1]; null when `reason` says why it cannot be estimated. */
  readonly auc: number | null;
  /** DeLong variance of `auc`, >= 0; null exactly when `auc` is. */
  readonly variance: number | null;
  readonly reason: NotEstimableReason | null;
}

/**
 * AUC and DeLong variance of every stratum in one pass of the addon over a sorted column, off the main thread.
 *
 * The AUC is the chance that a random positive outranks a random negative, ties counting one half (Hanley & McNeil
 * 1982, doi:10.1148/radiology.143.1.7063747); the variance is that of its placements (DeLong et al. 1988,
 * doi:10.2307/2531595; Sun & Xu 2014, doi:10.1109/LSP.2014.2337313). A stratum with fewer than two positives or two
 * negatives has no AUC: one image is no sample. Constant scores give exactly 0.5 with variance 0.
 *
 * Sums are whole numbers of 128 bits: nothing overflows or cancels up to 4e9 rows. O(n + strata).
 *
 * @returns one cell per stratum, in order of stratum.
 * @throws {ComputeError} INVALID_INPUT when lengths differ or a label is not 0, 1 or 255.
 * @throws {KernelError} ADDON_UNAVAILABLE, ADDON_STALE, OUT_OF_MEMORY
 */
export async function stratifiedAuc({
  order,
  labels,
  strata,
  stratumCount,
}: StratifiedRows): Promise<AucCell[]> {
  const cells = await refusingInput(rankAuc({ scores: order, labels, strata, stratumCount }));
  return cells.map(({ auc, variance, ...counts }, stratum) => {
    const reason = aucReason(counts.positives, counts.negatives);
    const estimate = reason === null ? { auc, variance } : { auc: null, variance: null };
    return { stratum, ...counts, ...estimate, reason };
  });
}

/** Why a sample of this size has no AUC, or null when it has one. */
export function aucReason(positives: number, negatives: number): NotEstimableReason | null {
  if (positives === 0 && negatives === 0) return "NO_ROWS";
  if (positives === 0) return "NO_POSITIVES";
  if (negatives === 0) return "NO_NEGATIVES";
  if (positives === 1) return "ONE_POSITIVE";
  return negatives === 1 ? "ONE_NEGATIVE" : null;
}

import type { NotEstimableReason } from "../errors.ts";
import type { ScoreOrder } from "./score-order.ts";
import { encodeCells, type StratifiedRows } from "./stratified-rows.ts";

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
 * AUC and DeLong variance of every stratum in two linear passes over a sorted column.
 *
 * The AUC is the chance that a random positive outranks a random negative, ties counting one half (Hanley & McNeil
 * 1982, doi:10.1148/radiology.143.1.7063747); the variance is that of its placements (DeLong et al. 1988,
 * doi:10.2307/2531595; Sun & Xu 2014, doi:10.1109/LSP.2014.2337313). A stratum with fewer than two positives or two
 * negatives has no AUC: one image is no sample. Constant scores give exactly 0.5 with variance 0.
 *
 * Sums of doubled ranks are whole numbers below 2^53 up to 9e7 rows, so the AUC is correctly rounded; the variance is
 * summed from deviations, so nothing cancels. O(n + strata).
 *
 * @returns one cell per stratum, in order of stratum.
 * @throws {ComputeError} INVALID_INPUT when lengths differ or a label is not 0, 1 or 255.
 */
export function stratifiedAuc(input: StratifiedRows): AucCell[] {
  const { codes, sizes, stratumCount, missingScores, unknownLabels } = encodeCells(input);
  const starts = startsOf(sizes);
  const placements = doubledPlacements(input.order, codes, starts);
  // `!`: sizes and starts hold 2 * stratumCount + 2 entries, two per stratum and two for the rows outside.
  return Array.from({ length: stratumCount }, (_, stratum) => {
    const negativeCode = 2 * stratum;
    const negatives = sizes[negativeCode]!;
    const positives = sizes[negativeCode + 1]!;
    const cell = {
      stratum,
      positives,
      negatives,
      missingScores: missingScores[stratum]!,
      unknownLabels: unknownLabels[stratum]!,
    };
    const reason = aucReason(positives, negatives);
    if (reason !== null) return { ...cell, auc: null, variance: null, reason };
    const negativeStart = starts[negativeCode]!;
    const positiveStart = starts[negativeCode + 1]!;
    const ofPositives = placements.subarray(positiveStart, positiveStart + positives);
    const ofNegatives = placements.subarray(negativeStart, positiveStart);
    // Both classes tell the same sum (it is symmetric), so the smaller one is read.
    const wins = positives <= negatives ? sum(ofPositives) : 2 * positives * negatives - sum(ofNegatives);
    const meanOfPositives = wins / positives;
    const meanOfNegatives = 2 * positives - wins / negatives;
    return {
      ...cell,
      auc: wins / (2 * positives * negatives),
      variance:
        squaredDeviations(ofPositives, meanOfPositives) /
          (4 * negatives * negatives) /
          (positives - 1) /
          positives +
        squaredDeviations(ofNegatives, meanOfNegatives) /
          (4 * positives * positives) /
          (negatives - 1) /
          negatives,
      reason: null,
    };
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

/** Where each code's rows begin when rows are laid out code by code. */
function startsOf(sizes: Int32Array): Int32Array {
  const starts = new Int32Array(sizes.length);
  for (let code = 1; code < sizes.length; code += 1) starts[code] = starts[code - 1]! + sizes[code - 1]!;
  return starts;
}

/**
 * Twice the rows of the opposite class (same stratum) below each row, plus those tied with it; code by code.
 *
 * One counter per code serves as count of its class and as place to write, so a step is one random read, two reads
 * and two writes. Measured against running float sums per code: 0.4 of the time, since no addition waits for another.
 */
function doubledPlacements(
  order: ScoreOrder,
  codes: Uint16Array | Int32Array,
  starts: Int32Array,
): Int32Array {
  // `!`: k < rows.length = tiedWithNext.length; rows < codes.length; codes < starts.length (made by encodeCells).
  const { rows, tiedWithNext } = order;
  const total = rows.length;
  const placements = new Int32Array(total);
  const next = starts.slice();
  const base = new Int32Array(starts.length);
  const fill = new Int32Array(starts.length);
  for (let k = 0; k < total; k += 1) {
    const code = codes[rows[k]!]!;
    const opposite = code ^ 1;
    if (tiedWithNext[k] === 0) {
      const at = next[code]!;
      placements[at] = 2 * (next[opposite]! - starts[opposite]!);
      next[code] = at + 1;
      continue;
    }
    const first = k;
    while (tiedWithNext[k] === 1) k += 1;
    for (let tied = first; tied <= k; tied += 1) {
      const tiedCode = codes[rows[tied]!]!;
      base[tiedCode] = fill[tiedCode] = next[tiedCode]!;
      base[tiedCode ^ 1] = next[tiedCode ^ 1]!;
    }
    for (let tied = first; tied <= k; tied += 1) next[codes[rows[tied]!]!]! += 1;
    for (let tied = first; tied <= k; tied += 1) {
      const tiedCode = codes[rows[tied]!]!;
      const against = tiedCode ^ 1;
      placements[fill[tiedCode]!++] = base[against]! + next[against]! - 2 * starts[against]!;
    }
  }
  return placements;
}

/** Exact for whole numbers while the sum stays under 2^53. */
function sum(values: Int32Array): number {
  let total = 0;
  for (let k = 0; k < values.length; k += 1) total += values[k]!;
  return total;
}

function squaredDeviations(values: Int32Array, mean: number): number {
  // Two running sums, so that an addition need not wait for the one before.
  let even = 0;
  let odd = 0;
  const pairs = values.length & ~1;
  for (let k = 0; k < pairs; k += 2) {
    const first = values[k]! - mean;
    const second = values[k + 1]! - mean;
    even += first * first;
    odd += second * second;
  }
  if (pairs < values.length) even += (values[pairs]! - mean) ** 2;
  return even + odd;
}

import { type AucCell, aucReason } from "../../../compute/metrics/stratified-auc.ts";
import { encodeCells, type StratifiedRows } from "../../../compute/metrics/stratified-rows.ts";
import type { OracleOrder } from "./score-order.ts";

/** Rows for the oracles: as `StratifiedRows`, over an order made in TypeScript. */
export interface OracleRows extends Omit<StratifiedRows, "order"> {
  readonly order: OracleOrder;
}

/**
 * AUC and DeLong variance of every stratum in plain TypeScript: two passes over a sorted column, placements as doubled
 * ranks, the variance summed from deviations.
 */
export function aucOracle(input: OracleRows): AucCell[] {
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
  order: OracleOrder,
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

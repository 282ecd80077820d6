import { defineMetric } from "../plugin.ts";
import { readOrder } from "./score-order.ts";
import { encodeCells, type StratifiedRows } from "./stratified-rows.ts";

/**
 * Average precision of every stratum: the mean, over its positives, of the precision at each one's score, tied rows
 * entering together. That is sum (R_n - R_{n-1}) P_n without interpolation, scikit-learn's definition (Zhu 2004,
 * Recall, Precision and Average Precision). A model that knows nothing gets the prevalence, so compare strata with care.
 *
 * @returns one value per stratum, in [0, 1]; null without positives. O(n + strata).
 * @throws {ComputeError} INVALID_INPUT for columns that do not fit.
 */
export function averagePrecisions(input: StratifiedRows): (number | null)[] {
  const { codes, sizes, stratumCount } = encodeCells(input);
  const { rows, tiedWithNext } = readOrder(input.order);
  const called = new Uint32Array(sizes.length);
  const sums = new Float64Array(stratumCount + 1);
  // `!`: k < rows.length; codes are below sizes.length = 2 (stratumCount + 1).
  for (let k = rows.length - 1; k >= 0; k -= 1) {
    const last = k;
    while (k > 0 && tiedWithNext[k - 1] === 1) k -= 1;
    for (let tied = last; tied >= k; tied -= 1) called[codes[rows[tied]!]!]! += 1;
    for (let tied = last; tied >= k; tied -= 1) {
      const code = codes[rows[tied]!]!;
      if ((code & 1) === 1) sums[code >> 1]! += called[code]! / (called[code]! + called[code ^ 1]!);
    }
  }
  return Array.from({ length: stratumCount }, (_, stratum) => {
    const positives = sizes[2 * stratum + 1]!;
    return positives === 0 ? null : sums[stratum]! / positives;
  });
}

/** Average precision as a plugin. */
export const averagePrecision = defineMetric({
  id: "average_precision",
  version: 1,
  doc: "The mean precision at the score of each positive (area under the precision-recall steps).",
  source:
    "Zhu 2004, Recall, Precision and Average Precision, University of Waterloo technical report 2004-09",
  params: {},
  example: {},
  laws: ["row-order-free", "strata-independent", "replication-free", "rank-invariant", "bounded"],
  range: [0, 1],
  better: "higher",
  needs: "scores",
  measure: async (rows) =>
    averagePrecisions(rows).map((value) => ({ value, reason: value === null ? "NO_POSITIVES" : null })),
});

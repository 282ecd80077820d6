import type { Proportion } from "../plugin.ts";

/** A proportion whose rows come in clusters, such as the images of patients. */
export interface ClusteredProportion extends Proportion {
  /** Clusters with a row in it. */
  readonly clusters: number;
  /** How many times less the rows tell than as many independent ones would; 1 or more. */
  readonly designEffect: number;
  /** The independent rows that tell as much: what intervals of proportions take. Not whole. */
  readonly effective: Proportion;
}

/**
 * A proportion of clustered rows with its effective size: the variance between clusters (ratio estimator) over that of
 * independent rows (Rao & Scott 1992, doi:10.2307/2532311). Never below 1, so that an interval is never narrower than that
 * of independent rows; where all rows agree, or one cluster holds them, a cluster counts as one row. O(clusters).
 *
 * @param clusters - successes and total of each cluster; those without rows play no part
 */
export function clusteredProportion(clusters: Iterable<Proportion>): ClusteredProportion {
  const held = [...clusters].filter(({ total }) => total > 0);
  const successes = held.reduce((sum, one) => sum + one.successes, 0);
  const total = held.reduce((sum, one) => sum + one.total, 0);
  const count = held.length;
  const share = successes / total;
  const independent = (share * (1 - share)) / total;
  const squares = held.reduce((sum, one) => sum + (one.successes - share * one.total) ** 2, 0);
  const between = (count / (count - 1)) * (squares / total ** 2);
  const ratio = independent > 0 && count > 1 ? between / independent : total / Math.max(1, count);
  const designEffect = Math.max(1, ratio);
  return {
    successes,
    total,
    clusters: count,
    designEffect,
    effective: { successes: successes / designEffect, total: total / designEffect },
  };
}

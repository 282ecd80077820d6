/** The rows of one stratum that have a score and a label. */
export interface OracleRows {
  readonly positives: readonly number[];
  readonly negatives: readonly number[];
}

/** Picks a stratum's rows out of columns, the slow way. */
export function rowsOfStratum(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  strata: ArrayLike<number>,
  stratum: number,
): OracleRows {
  const indices = Array.from(scores, (_, row) => row).filter(
    (row) => strata[row] === stratum && !Number.isNaN(scores[row]),
  );
  // Every index comes from the columns themselves.
  const withLabel = (label: number) =>
    indices.filter((row) => labels[row] === label).map((row) => scores[row] as number);
  return { positives: withLabel(1), negatives: withLabel(0) };
}

const wins = (positive: number, negative: number): number =>
  positive > negative ? 1 : positive === negative ? 0.5 : 0;
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** AUC and DeLong variance from all pairs, O(n^2): the definition, with nothing clever in it. */
export function aucByPairs({ positives, negatives }: OracleRows): { auc: number; variance: number } {
  const ofPositives = positives.map((p) => mean(negatives.map((n) => wins(p, n))));
  const ofNegatives = negatives.map((n) => mean(positives.map((p) => wins(p, n))));
  const auc = mean(ofPositives);
  const spread = (placements: readonly number[]) =>
    placements.reduce((total, placement) => total + (placement - auc) ** 2, 0) /
    (placements.length - 1) /
    placements.length;
  return { auc, variance: spread(ofPositives) + spread(ofNegatives) };
}

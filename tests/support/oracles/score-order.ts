/** What the addon's sort must give, in TypeScript: the rows of a column in ascending order of score. */
export interface OracleOrder {
  readonly scores: Float32Array | Float64Array;
  /** Rows with a score, ascending; equal scores in ascending row order. */
  readonly rows: Uint32Array;
  /** `tiedWithNext[k]` is 1 when `rows[k]` and `rows[k + 1]` have equal scores, else 0. */
  readonly tiedWithNext: Uint8Array;
  /** Rows whose score is NaN, ascending: left out of `rows`. */
  readonly missing: Uint32Array;
}

/** Sorts by comparing: -0 equals +0, infinities at the ends, NaN is missing. O(n log n). */
export function orderOracle(scores: Float32Array | Float64Array): OracleOrder {
  const scoreOf = (row: number) => scores[row] ?? Number.NaN;
  const all = Array.from(scores, (_, row) => row);
  const rows = all.filter((row) => !Number.isNaN(scoreOf(row)));
  rows.sort((a, b) => (scoreOf(a) < scoreOf(b) ? -1 : scoreOf(a) > scoreOf(b) ? 1 : a - b));
  const tiedWithNext = rows.map((row, k) => (scoreOf(row) === scoreOf(rows[k + 1] ?? -1) ? 1 : 0));
  const missing = all.filter((row) => Number.isNaN(scoreOf(row)));
  return {
    scores,
    rows: Uint32Array.from(rows),
    tiedWithNext: Uint8Array.from(tiedWithNext),
    missing: Uint32Array.from(missing),
  };
}

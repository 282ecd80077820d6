import { ComputeError } from "../errors.ts";

/** How a p-value was found: by counting all orders of the two samples, or by the limit of large ones. */
export type SmirnovMethod = "exact" | "asymptotic";

/** A two-sample Kolmogorov-Smirnov test, two-sided. */
export interface SmirnovTest {
  /** The largest distance of the two distribution functions, 0 to 1. */
  readonly distance: number;
  readonly p: number;
  readonly method: SmirnovMethod;
}

/** Beyond so many pairs of sizes the count takes longer than a tenth of a second, and the limit is within 0.002 of it. */
const MOST_CELLS = 4_000_000;

/**
 * Tests whether two samples come from one continuous distribution (Smirnov 1939; the chance by counting lattice paths, Hodges
 * 1958, doi:10.1007/BF02589501). Ties are taken as they fall, which makes p too large. O(n log n + m log m + n m) up to
 * 4 million n m, then O(n log n + m log m).
 *
 * @param first - independent rows; no NaN
 * @param second - as first
 * @throws {ComputeError} INVALID_INPUT for a sample that is empty or holds a NaN
 */
export function kolmogorovSmirnov(first: ArrayLike<number>, second: ArrayLike<number>): SmirnovTest {
  const [a, b] = [sorted(first), sorted(second)];
  const [n, m] = [a.length, b.length];
  const farthest = farthestOf(a, b);
  const distance = farthest / (n * m);
  return n * m <= MOST_CELLS
    ? { distance, p: chanceOfPaths(n, m, farthest), method: "exact" }
    : { distance, p: kolmogorovTail(distance * Math.sqrt((n * m) / (n + m))), method: "asymptotic" };
}

function sorted(sample: ArrayLike<number>): Float64Array {
  const held = Float64Array.from(sample).sort();
  // Sorted NaNs come last.
  if (held.length > 0 && !Number.isNaN(held.at(-1))) return held;
  throw new ComputeError(
    "INVALID_INPUT",
    `Expected samples of numbers, got ${held.length === 0 ? "an empty one" : "one with a NaN"}`,
  );
}

/** The largest |i m - j n| over all values, i and j the rows of each sample up to there: a whole number. */
function farthestOf(a: Float64Array, b: Float64Array): number {
  const [n, m] = [a.length, b.length];
  let [i, j, farthest] = [0, 0, 0];
  // `!`: i < n and j < m.
  while (i < n && j < m) {
    const value = Math.min(a[i]!, b[j]!);
    while (i < n && a[i]! <= value) i += 1;
    while (j < m && b[j]! <= value) j += 1;
    farthest = Math.max(farthest, Math.abs(i * m - j * n));
  }
  return farthest;
}

/**
 * The chance that a random order of n and m rows goes as far as `farthest`. An order is a path from (0, 0) to (n, m), all of them
 * equally likely; the chances of reaching the boundary for the first time at each point are added up, all of them positive, so
 * that small chances keep their digits.
 */
function chanceOfPaths(n: number, m: number, farthest: number): number {
  if (farthest === 0) return 1;
  // at[j]: the chance of being at (i, j) without having gone so far.
  const at = new Float64Array(m + 1);
  at[0] = 1;
  let tail = 0;
  // `!`: indices up to m.
  for (let i = 0; i <= n; i += 1) {
    for (let j = 0; j <= m; j += 1) {
      if (i === 0 && j === 0) continue;
      const left = n + m - i - j + 1;
      const fromBelow = i === 0 ? 0 : (at[j]! * (n - i + 1)) / left;
      const fromLeft = j === 0 ? 0 : (at[j - 1]! * (m - j + 1)) / left;
      const chance = fromBelow + fromLeft;
      if (Math.abs(i * m - j * n) >= farthest) {
        tail += chance;
        at[j] = 0;
      } else at[j] = chance;
    }
  }
  return Math.min(1, tail);
}

/**
 * The chance that Kolmogorov's limiting distribution exceeds x (Smirnov 1948, doi:10.1214/aoms/1177730256); to about 1e-15.
 *
 * @param x - 0 or more
 */
export function kolmogorovTail(x: number): number {
  if (x <= 0) return 1;
  if (x < 1) {
    // The other series, by Jacobi's theta functions: a few terms where the one below takes many.
    let sum = 0;
    for (let k = 1; k <= 20; k += 1) sum += Math.exp(-(((2 * k - 1) * Math.PI) ** 2) / (8 * x * x));
    return Math.max(0, 1 - (Math.sqrt(2 * Math.PI) / x) * sum);
  }
  let sum = 0;
  for (let k = 20; k >= 1; k -= 1) sum += (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * x * x);
  return Math.min(1, 2 * sum);
}

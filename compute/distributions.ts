import chiSquareCdf from "@stdlib/stats-base-dists-chisquare-cdf";
import chiSquareQuantileOf from "@stdlib/stats-base-dists-chisquare-quantile";
import normalCdfOf from "@stdlib/stats-base-dists-normal-cdf";
import normalQuantileOf from "@stdlib/stats-base-dists-normal-quantile";
import tCdf from "@stdlib/stats-base-dists-t-cdf";
import tQuantileOf from "@stdlib/stats-base-dists-t-quantile";

/** P(Z <= z) of the standard normal; precise in the lower tail, so ask for `-z` to get the upper one. */
export function normalCdf(z: number): number {
  return normalCdfOf(z, 0, 1);
}

/** The z with P(Z <= z) = `p` of the standard normal; `p` in [0, 1]. */
export function normalQuantile(p: number): number {
  return normalQuantileOf(p, 0, 1);
}

/** Two-sided p-value of a z statistic, precise for any |z| up to 37. */
export function normalTwoSidedP(z: number): number {
  return 2 * normalCdf(-Math.abs(z));
}

/** P(T <= t) of Student's t with `df` > 0 degrees of freedom (fractions allowed). */
export function studentCdf(t: number, df: number): number {
  return tCdf(t, df);
}

/** The t with P(T <= t) = `p` of Student's t with `df` > 0 degrees of freedom. */
export function studentQuantile(p: number, df: number): number {
  return tQuantileOf(p, df);
}

/** Two-sided p-value of a t statistic with `df` > 0 degrees of freedom; precise in the far tail. */
export function studentTwoSidedP(t: number, df: number): number {
  return 2 * tCdf(-Math.abs(t), df);
}

/** The x with P(X <= x) = `p` of the chi-square distribution with `df` > 0 degrees of freedom. */
export function chiSquareQuantile(p: number, df: number): number {
  return chiSquareQuantileOf(p, df);
}

/**
 * P(X > x) of the chi-square distribution, with full relative precision in the far tail for whole `df`.
 *
 * Whole `df`: the finite sum of Abramowitz & Stegun 26.4.4-5, all terms positive, O(df). Fractional `df`: 1 - CDF,
 * which loses digits below about 1e-10.
 */
export function chiSquareUpperTail(x: number, df: number): number {
  if (!(x > 0)) return 1;
  if (!Number.isInteger(df) || df > 1e6) return 1 - chiSquareCdf(x, df);
  const half = x / 2;
  const odd = df % 2 === 1;
  // Term k is exp(-half) half^k / Gamma(k + 1), kept as a logarithm because exp(-half) alone underflows past x = 1490.
  let logTerm = odd ? -half + 0.5 * Math.log(half) - Math.log(Math.sqrt(Math.PI) / 2) : -half;
  let tail = odd ? 2 * normalCdf(-Math.sqrt(x)) : 0;
  for (let k = odd ? 0.5 : 0; k < df / 2; k += 1) {
    tail += Math.exp(logTerm);
    logTerm += Math.log(half) - Math.log(k + 1);
  }
  return Math.min(1, tail);
}

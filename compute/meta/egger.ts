import { studentQuantile, studentTwoSidedP } from "../distributions.ts";
import type { NotEstimableReason } from "../errors.ts";
import type { DesignMatrix } from "./weighted-least-squares.ts";
import { fitWeighted, hasFullRank } from "./weighted-least-squares.ts";

/** Egger's regression test for small-study effects, on the scale of analysis. */
export interface EggerTest {
  readonly status: "OK";
  /** Change of the effect a unit of its standard error. */
  readonly slope: number;
  readonly se: number;
  /** t with `df` degrees of freedom. */
  readonly statistic: number;
  readonly df: number;
  readonly p: number;
  /** The effect as the standard error goes to zero, with its interval; null when the model has moderators. */
  readonly limit: { readonly estimate: number; readonly ciLow: number; readonly ciHigh: number } | null;
}

/** No test for these studies, and why. */
export interface EggerFailure {
  readonly status: "NOT_ESTIMABLE";
  readonly reason: NotEstimableReason;
}

/**
 * Egger's test in its classical form: the effects regressed on their standard errors (and the model's moderators) with
 * weights 1 / v and multiplicative dispersion (Egger et al. 1997, doi:10.1136/bmj.315.7109.629; Sterne & Egger 2005,
 * doi:10.1002/0470870168.ch6). The same as metafor's regtest(model = "lm", predictor = "sei").
 *
 * TOO_FEW_STUDIES below one residual degree of freedom, ZERO_VARIANCE when the standard errors (given the moderators) are all
 * equal or the regression leaves no scatter.
 */
export function eggerTest(
  y: Float64Array,
  v: Float64Array,
  design: DesignMatrix,
  level: number,
): EggerTest | EggerFailure {
  const { k } = design;
  const p = design.p + 1;
  const df = k - p;
  if (df < 1) return { status: "NOT_ESTIMABLE", reason: "TOO_FEW_STUDIES" };
  const values = new Float64Array(k * p);
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < design.p; j++) values[i * p + j] = design.values[i * design.p + j] ?? 0;
    values[i * p + p - 1] = Math.sqrt(v[i] ?? 0);
  }
  const withPrecision: DesignMatrix = { k, p, values };
  if (!hasFullRank(withPrecision)) return { status: "NOT_ESTIMABLE", reason: "ZERO_VARIANCE" };
  const fit = fitWeighted(
    withPrecision,
    y,
    v.map((variance) => 1 / variance),
  );
  const dispersion = fit.weightedRss / df;
  const seOf = (j: number) => Math.sqrt(dispersion * (fit.covariance[j * p + j] ?? 0));
  const slope = fit.coefficients[p - 1] ?? 0;
  const se = seOf(p - 1);
  if (!(se > 0)) return { status: "NOT_ESTIMABLE", reason: "ZERO_VARIANCE" };

  const intercept = fit.coefficients[0] ?? 0;
  const reach = studentQuantile((1 + level) / 2, df) * seOf(0);
  const statistic = slope / se;
  return {
    status: "OK",
    slope,
    se,
    statistic,
    df,
    p: studentTwoSidedP(statistic, df),
    limit:
      design.p === 1 ? { estimate: intercept, ciLow: intercept - reach, ciHigh: intercept + reach } : null,
  };
}

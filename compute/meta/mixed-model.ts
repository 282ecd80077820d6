import {
  chiSquareQuantile,
  chiSquareUpperTail,
  normalQuantile,
  normalTwoSidedP,
  studentQuantile,
  studentTwoSidedP,
} from "../distributions.ts";
import type { NotEstimableReason } from "../errors.ts";
import type { NamedDesign } from "./design-matrix.ts";
import { interceptOnly } from "./design-matrix.ts";
import { fUpperTail } from "./f-distribution.ts";
import { projectionOf } from "./projection.ts";
import type { EffectData, MetaModel, Search, Tau2Estimate } from "./tau-squared.ts";
import { estimateTau2, inverseVariances, solveGeneralisedQ } from "./tau-squared.ts";
import type { WeightedFit } from "./weighted-least-squares.ts";
import { fitWeighted, quadraticForm } from "./weighted-least-squares.ts";

/** Z takes the standard errors as known; HARTUNG_KNAPP estimates their scale and uses Student's t with k - p degrees of freedom. */
export const metaTests = ["Z", "HARTUNG_KNAPP"] as const;
export type MetaTest = (typeof metaTests)[number];

/** How to fit and test; `level` is the confidence level in (0, 1); the interval of tau^2 comes with a thorough search only. */
export interface MixedModelOptions extends Search {
  readonly model: MetaModel;
  readonly test: MetaTest;
  readonly level: number;
}

/** One coefficient on the scale of analysis; `df` is null for a z test. */
export interface MetaCoefficient {
  readonly name: string;
  readonly estimate: number;
  readonly se: number;
  /** z or t. */
  readonly statistic: number;
  readonly df: number | null;
  readonly p: number;
  readonly ciLow: number;
  readonly ciHigh: number;
}

/** Heterogeneity around the model: residual heterogeneity when there are moderators. */
export interface Heterogeneity {
  /** Between-study variance, on the squared scale of analysis; 0 for COMMON. */
  readonly tau2: number;
  readonly tau2Se: number | null;
  /** Q-profile interval of tau^2 (Viechtbauer 2007, doi:10.1002/sim.2514); null for COMMON. Its bounds may exclude `tau2`. */
  readonly tau2Low: number | null;
  readonly tau2High: number | null;
  /** Share of the total variance that is between studies, in percent (Higgins & Thompson 2002, doi:10.1002/sim.1186). */
  readonly i2: number;
  /** Total over within-study variance, >= 1 for all models but COMMON, where it is Q / df. */
  readonly h2: number;
  /** Cochran's Q, its degrees of freedom k - p, and its chi-square p-value. */
  readonly q: number;
  readonly qDf: number;
  readonly qP: number;
}

/** Do the moderators matter at all: chi-square for Z, F for HARTUNG_KNAPP. */
export interface ModeratorTest {
  readonly statistic: number;
  readonly distribution: "CHI_SQUARE" | "F";
  readonly df1: number;
  readonly df2: number | null;
  readonly p: number;
  /** Share of tau^2 that the moderators explain, in percent, truncated at zero; null when there is none to explain. */
  readonly r2: number | null;
}

/** How the Hartung-Knapp test rescaled the variances. */
export interface HartungKnapp {
  /** Multiplies the variances of the coefficients: the weighted scatter of the studies around the model, a degree of freedom. */
  readonly factor: number;
  /** The interval came out narrower than the z interval, in spite of the longer quantile. */
  readonly narrowerThanZ: boolean;
  /** Multiplies an interval's half-width to give the one whose factor is at least 1 (the ad hoc correction); >= 1. */
  readonly adHocStretch: number;
}

/** A fitted (mixed-effects) meta-analytic model. */
export interface MixedModelFit {
  readonly status: "OK";
  readonly data: EffectData;
  readonly options: MixedModelOptions;
  readonly weights: Float64Array;
  readonly weighted: WeightedFit;
  /** The coefficients' covariance, p x p row-major, after any Hartung-Knapp scaling. */
  readonly covariance: Float64Array;
  /** Quantile for the confidence level: z, or t with k - p degrees of freedom. */
  readonly critical: number;
  readonly coefficients: readonly MetaCoefficient[];
  readonly heterogeneity: Heterogeneity;
  readonly moderatorTest: ModeratorTest | null;
  readonly hartungKnapp: HartungKnapp | null;
  /** The tau^2 of a second, higher maximum of the likelihood; null when none was found, or none looked for. */
  readonly higherMaximum: number | null;
}

/** A model that has no answer for these data, and why. */
export interface MixedModelFailure {
  readonly status: "NOT_ESTIMABLE";
  readonly reason: NotEstimableReason;
}

/** An expectation on the scale of analysis; the prediction interval is null for COMMON, where it would be the interval itself. */
export interface Expectation {
  readonly estimate: number;
  readonly se: number;
  readonly ciLow: number;
  readonly ciHigh: number;
  readonly predictionLow: number | null;
  readonly predictionHigh: number | null;
}

/**
 * Fits y = Xb + u + e with Var(u) = tau^2 and Var(e) = diag(v): common-effect, random-effects and mixed-effects models
 * (Viechtbauer 2010, doi:10.18637/jss.v036.i03; Knapp & Hartung 2003, doi:10.1002/sim.1482). O(k p^2) an iteration.
 *
 * Two studies more than moderators are the least: NOT_ESTIMABLE with TOO_FEW_STUDIES otherwise, with NO_CONVERGENCE when
 * tau^2 was not found, with ZERO_VARIANCE when Hartung-Knapp meets studies without any scatter.
 */
export function fitMixedModel(
  y: Float64Array,
  v: Float64Array,
  named: NamedDesign,
  options: MixedModelOptions,
): MixedModelFit | MixedModelFailure {
  const { design, names } = named;
  const { k, p } = design;
  const { model, test, level } = options;
  const data: EffectData = { y, v, design };
  const df = k - p;
  if (df < 1) return { status: "NOT_ESTIMABLE", reason: k === 0 ? "NO_ROWS" : "TOO_FEW_STUDIES" };
  const spread = estimateTau2(data, model, options);
  if (spread === undefined) return { status: "NOT_ESTIMABLE", reason: "NO_CONVERGENCE" };

  const weights = inverseVariances(v, spread.tau2);
  const weighted = fitWeighted(design, y, weights);
  const factor = weighted.weightedRss / df;
  // Rounding leaves a hair of scatter between equal studies; the threshold is far below any printed digit.
  const scatterless = factor <= 1e-24 * weights.reduce((sum, w, i) => sum + w * (y[i] ?? 0) ** 2, 1);
  if (test === "HARTUNG_KNAPP" && scatterless) return { status: "NOT_ESTIMABLE", reason: "ZERO_VARIANCE" };
  const covariance = test === "Z" ? weighted.covariance : weighted.covariance.map((entry) => entry * factor);
  const tail = (1 + level) / 2;
  const critical = test === "Z" ? normalQuantile(tail) : studentQuantile(tail, df);

  const coefficients = names.map((name, j): MetaCoefficient => {
    const estimate = weighted.coefficients[j] ?? 0; // length p, as names
    const se = Math.sqrt(covariance[j * p + j] ?? 0);
    const statistic = estimate / se;
    return {
      name,
      estimate,
      se,
      statistic,
      df: test === "Z" ? null : df,
      p: test === "Z" ? normalTwoSidedP(statistic) : studentTwoSidedP(statistic, df),
      ciLow: estimate - critical * se,
      ciHigh: estimate + critical * se,
    };
  });
  const heterogeneity = describeHeterogeneity(data, options, spread);
  return {
    status: "OK",
    data,
    options,
    weights,
    weighted,
    covariance,
    critical,
    coefficients,
    heterogeneity,
    moderatorTest:
      p > 1 ? testModerators(data, options, heterogeneity, weighted.coefficients, covariance) : null,
    hartungKnapp: test === "Z" ? null : describeScaling(factor, critical, tail),
    higherMaximum: spread.higherMaximum ?? null,
  };
}

/** The expected effect at `row` (one value a design column), with its confidence and prediction intervals. */
export function expectAt(fit: MixedModelFit, row: ArrayLike<number>): Expectation {
  const { covariance, critical, heterogeneity, options, weighted } = fit;
  const { p } = fit.data.design;
  let estimate = 0;
  for (let j = 0; j < p; j++) estimate += (row[j] ?? 0) * (weighted.coefficients[j] ?? 0);
  const variance = quadraticForm(covariance, row, p);
  const se = Math.sqrt(variance);
  const reach = critical * Math.sqrt(variance + heterogeneity.tau2);
  const common = options.model === "COMMON";
  return {
    estimate,
    se,
    ciLow: estimate - critical * se,
    ciHigh: estimate + critical * se,
    predictionLow: common ? null : estimate - reach,
    predictionHigh: common ? null : estimate + reach,
  };
}

/** The caveats of Roever, Knapp & Friede 2015, doi:10.1186/s12874-015-0091-1. */
function describeScaling(factor: number, critical: number, tail: number): HartungKnapp {
  return {
    factor,
    narrowerThanZ: critical * Math.sqrt(factor) < normalQuantile(tail),
    adHocStretch: 1 / Math.sqrt(Math.min(1, factor)),
  };
}

function describeHeterogeneity(
  data: EffectData,
  options: MixedModelOptions,
  spread: Tau2Estimate,
): Heterogeneity {
  const { y, v, design } = data;
  const df = design.k - design.p;
  const w = inverseVariances(v, 0);
  const fixed = fitWeighted(design, y, w);
  const q = fixed.weightedRss;
  const test = { q, qDf: df, qP: chiSquareUpperTail(q, df) };
  if (options.model === "COMMON") {
    const i2 = q > df ? (100 * (q - df)) / q : 0;
    return { tau2: 0, tau2Se: null, tau2Low: null, tau2High: null, i2, h2: q / df, ...test };
  }
  // The "typical" sampling variance that Higgins & Thompson divide by.
  const typical = df / projectionOf(design, w, fixed.covariance).trace;
  return {
    tau2: spread.tau2,
    tau2Se: spread.se,
    ...(options.isThorough ? profileTau2(data, options) : { tau2Low: null, tau2High: null }),
    i2: (100 * spread.tau2) / (typical + spread.tau2),
    h2: spread.tau2 / typical + 1,
    ...test,
  };
}

function profileTau2(data: EffectData, { level, maxIterations }: MixedModelOptions) {
  const df = data.design.k - data.design.p;
  const at = (p: number) => solveGeneralisedQ(data, chiSquareQuantile(p, df), maxIterations) ?? null;
  return { tau2Low: at((1 + level) / 2), tau2High: at((1 - level) / 2) };
}

function testModerators(
  data: EffectData,
  options: MixedModelOptions,
  heterogeneity: Heterogeneity,
  coefficients: Float64Array,
  covariance: Float64Array,
): ModeratorTest {
  const { k, p } = data.design;
  const m = p - 1;
  const wald = waldStatistic(coefficients, covariance, p);
  const r2 = explainedShare(data, options, heterogeneity);
  if (options.test === "Z") {
    const p = chiSquareUpperTail(wald, m);
    return { statistic: wald, distribution: "CHI_SQUARE", df1: m, df2: null, p, r2 };
  }
  return {
    statistic: wald / m,
    distribution: "F",
    df1: m,
    df2: k - p,
    p: fUpperTail(wald / m, m, k - p),
    r2,
  };
}

/**
 * b'V^-1 b of the coefficients other than the intercept, by elimination: V = LDL' turns it into a sum of squares.
 * V is positive definite, so its pivots stay positive and none is exchanged.
 */
function waldStatistic(coefficients: Float64Array, covariance: Float64Array, p: number): number {
  const m = p - 1;
  const a = new Float64Array(m * m);
  const b = coefficients.slice(1);
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) a[i * m + j] = covariance[(i + 1) * p + j + 1] ?? 0;
  let statistic = 0;
  for (let j = 0; j < m; j++) {
    const pivot = a[j * m + j] ?? 0;
    const head = b[j] ?? 0;
    statistic += head ** 2 / pivot;
    for (let i = j + 1; i < m; i++) {
      const ratio = (a[i * m + j] ?? 0) / pivot;
      for (let c = j; c < m; c++) a[i * m + c] = (a[i * m + c] ?? 0) - ratio * (a[j * m + c] ?? 0);
      b[i] = (b[i] ?? 0) - ratio * head;
    }
  }
  return statistic;
}

/** R^2 of Raudenbush 2009 for random effects, the adjusted weighted R^2 for COMMON; percent. */
function explainedShare(
  data: EffectData,
  options: MixedModelOptions,
  { tau2, q }: Heterogeneity,
): number | null {
  const { k, p } = data.design;
  const alone: EffectData = { ...data, design: interceptOnly(k).design };
  if (options.model === "COMMON") {
    const total = fitWeighted(alone.design, data.y, inverseVariances(data.v, 0)).weightedRss;
    return total > 0 ? Math.max(0, 100 * (1 - (q / total) * ((k - 1) / (k - p)))) : null;
  }
  const before = estimateTau2(alone, options.model, { ...options, isThorough: false });
  if (before === undefined || before.tau2 === 0) return null;
  return Math.max(0, (100 * (before.tau2 - tau2)) / before.tau2);
}

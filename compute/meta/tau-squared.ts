import type { Projection } from "./projection.ts";
import { projectionOf } from "./projection.ts";
import type { DesignMatrix, WeightedFit } from "./weighted-least-squares.ts";
import { fitWeighted, traceOfProduct, weightedGram } from "./weighted-least-squares.ts";

/** Ways to model the spread of the true effects; COMMON assumes none. */
export const metaModels = ["COMMON", "DL", "PM", "REML", "ML", "SJ", "HE"] as const;
export type MetaModel = (typeof metaModels)[number];

/** Effects `y` with sampling variances `v` (length k, all positive) and the moderators' design matrix, k > p. */
export interface EffectData {
  readonly y: Float64Array;
  readonly v: Float64Array;
  readonly design: DesignMatrix;
}

/** Between-study variance on the scale of `y` squared; `se` is null where the theory gives none. */
export interface Tau2Estimate {
  readonly tau2: number;
  readonly se: number | null;
  /** Where the likelihood has a second maximum, higher than the one at `tau2`. */
  readonly higherMaximum?: number;
}

/** 1 / (v + tau2), the weights of a random-effects fit. */
export function inverseVariances(v: Float64Array, tau2: number): Float64Array {
  return v.map((variance) => 1 / (variance + tau2));
}

/** Estimates tau^2, or says undefined when the iteration did not converge. */
type Tau2Estimator = (data: EffectData, search: Search) => Tau2Estimate | undefined;

/** How long and how far to search for tau^2. */
export interface Search {
  /** Iterations after which REML, ML and PM give up. */
  readonly maxIterations: number;
  /** Whether to look for a second maximum of the likelihood, which costs about as much again. */
  readonly isThorough: boolean;
}

/**
 * The estimators of tau^2, each truncated at zero, with the standard errors that metafor 3.8 reports.
 *
 * DL: DerSimonian & Laird 1986, doi:10.1016/0197-2456(86)90046-2. PM: Paule & Mandel 1982, doi:10.6028/jres.087.022.
 * HE: Hedges & Olkin 1985, isbn 9780123363800. SJ: Sidik & Jonkman 2005, doi:10.1111/j.1467-9876.2005.00489.x.
 * ML, REML: Fisher scoring, Viechtbauer 2005, doi:10.3102/10769986030003261.
 */
const estimators = {
  COMMON: () => ({ tau2: 0, se: null }),
  DL: derSimonianLaird,
  PM: pauleMandel,
  REML: (data, search) => maximiseLikelihood(data, restrictedLikelihood, search),
  ML: (data, search) => maximiseLikelihood(data, fullLikelihood, search),
  SJ: sidikJonkman,
  HE: hedgesOlkin,
} as const satisfies Record<MetaModel, Tau2Estimator>;

/** tau^2 by `model`, or undefined when REML, ML or PM did not converge within `maxIterations`. O(k p^2) an iteration. */
export function estimateTau2(data: EffectData, model: MetaModel, search: Search): Tau2Estimate | undefined {
  return estimators[model](data, search);
}

/** Standard error of a quadratic form y'Py under Var(y) = diag(sigma): the root of 2 tr(P S P S) (Searle 1971, Linear Models, 2.5). */
function quadraticFormSe(projection: Projection, sigma: Float64Array): number {
  return Math.sqrt(2 * projection.traceOfSquare(sigma));
}

function derSimonianLaird({ y, v, design }: EffectData): Tau2Estimate {
  const w = inverseVariances(v, 0);
  const fit = fitWeighted(design, y, w);
  const projection = projectionOf(design, w, fit.covariance);
  const tau2 = Math.max(0, (fit.weightedRss - (design.k - design.p)) / projection.trace);
  return { tau2, se: quadraticFormSe(projection, shifted(v, tau2)) / projection.trace };
}

function hedgesOlkin({ y, v, design }: EffectData): Tau2Estimate {
  const df = design.k - design.p;
  const ones = new Float64Array(design.k).fill(1);
  const fit = fitWeighted(design, y, ones);
  const tracePV = sum(v) - traceOfProduct(fit.covariance, weightedGram(design, v), design.p);
  const tau2 = Math.max(0, (fit.weightedRss - tracePV) / df);
  return { tau2, se: quadraticFormSe(projectionOf(design, ones, fit.covariance), shifted(v, tau2)) / df };
}

function sidikJonkman({ y, v, design }: EffectData): Tau2Estimate {
  const { k, p } = design;
  const mean = sum(y) / k;
  const crude = sum(y.map((value) => (value - mean) ** 2)) / k;
  const w = inverseVariances(v, crude);
  const fit = fitWeighted(design, y, w);
  const scale = crude / (k - p);
  const tau2 = scale * fit.weightedRss;
  const se = scale * quadraticFormSe(projectionOf(design, w, fit.covariance), shifted(v, tau2));
  return { tau2, se: crude > 0 ? se : null };
}

function pauleMandel(data: EffectData, { maxIterations }: Search): Tau2Estimate | undefined {
  const { k, p } = data.design;
  const tau2 = solveGeneralisedQ(data, k - p, maxIterations);
  if (tau2 === undefined) return undefined;
  // The standard error is that of the empirical Bayes estimator, which has the same estimating equation.
  return { tau2, se: Math.sqrt((2 * k * k) / (k - p)) / sum(inverseVariances(data.v, tau2)) };
}

/**
 * The tau^2 >= 0 at which the generalised Q statistic equals `target`; 0 when Q(0) is already below it.
 *
 * Q falls and is convex in tau^2, so Newton's steps from zero rise to the root without overshooting
 * (DerSimonian & Kacker 2007, doi:10.1016/j.cct.2006.04.004). Undefined when `maxIterations` did not suffice.
 */
export function solveGeneralisedQ(
  data: EffectData,
  target: number,
  maxIterations: number,
): number | undefined {
  const { y, v, design } = data;
  let tau2 = 0;
  for (let iteration = 0; iteration <= maxIterations; iteration++) {
    const w = inverseVariances(v, tau2);
    const fit = fitWeighted(design, y, w);
    const excess = fit.weightedRss - target;
    if (excess <= 0) return tau2;
    const step = excess / squaredScore(w, fit);
    if (step <= 1e-14 * tau2) return tau2 + step;
    tau2 += step;
  }
  return undefined;
}

/** What Fisher scoring needs at one tau^2: the log-likelihood up to a constant, its slope and its expected curvature. */
interface Scored {
  readonly logLikelihood: number;
  readonly score: number;
  readonly information: number;
}
type Likelihood = (data: EffectData, tau2: number) => Scored;

function restrictedLikelihood({ y, v, design }: EffectData, tau2: number): Scored {
  const w = inverseVariances(v, tau2);
  const fit = fitWeighted(design, y, w);
  const projection = projectionOf(design, w, fit.covariance);
  return {
    logLikelihood: (sum(w.map(Math.log)) - fit.logDeterminant - fit.weightedRss) / 2,
    score: (squaredScore(w, fit) - projection.trace) / 2,
    information: projection.traceOfSquare() / 2,
  };
}

function fullLikelihood({ y, v, design }: EffectData, tau2: number): Scored {
  const w = inverseVariances(v, tau2);
  const fit = fitWeighted(design, y, w);
  return {
    logLikelihood: (sum(w.map(Math.log)) - fit.weightedRss) / 2,
    score: (squaredScore(w, fit) - sum(w)) / 2,
    information: sum(w.map((weight) => weight ** 2)) / 2,
  };
}

/** The top of a climb. */
interface Summit extends Tau2Estimate {
  readonly logLikelihood: number;
}

/**
 * The maximum of the likelihood that a climb from the Hedges-Olkin estimate reaches: the one that metafor and the literature
 * report. A likelihood may have two, one of them at zero, when a few studies stand far from many precise ones: a thorough
 * search looks at thirteen points over seven decades too, and tells where a higher one is.
 */
function maximiseLikelihood(
  data: EffectData,
  likelihood: Likelihood,
  search: Search,
): Tau2Estimate | undefined {
  const { maxIterations, isThorough } = search;
  const first = climb(data, likelihood, hedgesOlkin(data).tau2, maxIterations);
  if (first === undefined) return undefined;
  const { tau2, se } = first;
  if (!isThorough) return { tau2, se };
  const spread = data.y.reduce((most, y) => Math.max(most, Math.abs(y - (data.y[0] ?? 0))), 0);
  let best = { tau2, height: first.logLikelihood + 1e-6 * (1 + Math.abs(first.logLikelihood)) };
  for (const other of [0, ...Array.from({ length: 12 }, (_, n) => spread ** 2 / 4 ** n)]) {
    const { logLikelihood } = likelihood(data, other);
    if (logLikelihood > best.height) best = { tau2: other, height: logLikelihood };
  }
  const second = best.tau2 === tau2 ? undefined : climb(data, likelihood, best.tau2, maxIterations);
  return second === undefined ? { tau2, se } : { tau2, se, higherMaximum: second.tau2 };
}

/** Climbs a likelihood by Fisher scoring, halving any step that would lose height. */
function climb(
  data: EffectData,
  likelihood: Likelihood,
  start: number,
  maxIterations: number,
): Summit | undefined {
  const typical = sum(data.v) / data.design.k;
  let tau2 = start;
  let here = likelihood(data, tau2);
  let previous: { readonly tau2: number; readonly score: number } | undefined;
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    // A change of sign brackets the maximum: the secant then lands inside, where Fisher's step could swing for ever.
    const swung = previous !== undefined && previous.score * here.score < 0;
    let step =
      previous !== undefined && swung
        ? (here.score * (previous.tau2 - tau2)) / (here.score - previous.score)
        : here.score / here.information;
    const settled = Math.abs(step) <= 1e-12 * (tau2 + typical * 1e-3) || (tau2 === 0 && step <= 0);
    if (settled) {
      const { logLikelihood, information } = here;
      return {
        tau2: tau2 === 0 ? 0 : Math.max(0, tau2 + step),
        se: 1 / Math.sqrt(information),
        logLikelihood,
      };
    }
    let next = likelihood(data, Math.max(0, tau2 + step));
    const slack = 1e-13 * (1 + Math.abs(here.logLikelihood));
    for (let halving = 0; halving < 60 && next.logLikelihood < here.logLikelihood - slack; halving++) {
      step /= 2;
      next = likelihood(data, Math.max(0, tau2 + step));
    }
    previous = { tau2, score: here.score };
    tau2 = Math.max(0, tau2 + step);
    here = next;
  }
  return undefined;
}

/** y'PPy = sum of w^2 r^2, because Py = Wr: minus the slope of the generalised Q. */
function squaredScore(w: Float64Array, fit: WeightedFit): number {
  // Residuals and weights have the same length k.
  return sum(w.map((weight, i) => (weight * fit.residuals[i]!) ** 2));
}

function shifted(v: Float64Array, tau2: number): Float64Array {
  return v.map((variance) => variance + tau2);
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

import { normalQuantile } from "../distributions.ts";
import type { NotEstimableReason } from "../errors.ts";
import { ComputeError } from "../errors.ts";
import type { NamedDesign } from "./design-matrix.ts";
import { designMatrix, interceptOnly } from "./design-matrix.ts";
import type { Effect, LeftOutStudy, MetaScale, StudyInput, StudyRemark } from "./effect-size.ts";
import { inverseLogit, metaScales, requireLevel, toEffect } from "./effect-size.ts";
import type { EggerFailure, EggerTest } from "./egger.ts";
import { eggerTest } from "./egger.ts";
import type {
  Heterogeneity,
  MetaCoefficient,
  MetaTest,
  MixedModelFailure,
  MixedModelFit,
  MixedModelOptions,
  ModeratorTest,
} from "./mixed-model.ts";
import { expectAt, fitMixedModel, metaTests } from "./mixed-model.ts";
import type { MetaRemark } from "./remarks.ts";
import { remarksOf } from "./remarks.ts";
import type { MetaModel } from "./tau-squared.ts";
import { metaModels } from "./tau-squared.ts";
import { quadraticForm } from "./weighted-least-squares.ts";

/** What to pool and how. */
export interface MetaAnalysisInput {
  readonly estimates: readonly StudyInput[];
  /** Default LOGIT. */
  readonly scale?: MetaScale;
  /** Default REML. */
  readonly model?: MetaModel;
  /** Default HARTUNG_KNAPP. */
  readonly test?: MetaTest;
  /** Names of the moderators of a meta-regression; every study must give them. */
  readonly moderators?: readonly string[];
  /** Confidence level of everything that comes out, in (0, 1); default 0.95. */
  readonly level?: number;
  /** Confidence level of the intervals that come in; default 0.95. */
  readonly intervalLevel?: number;
  /** Refit without each study in turn, which costs k fits; default true up to 200 studies, false above. */
  readonly leaveOneOut?: boolean;
  /** Iterations after which REML, ML and PM give up with NO_CONVERGENCE; default 1000. */
  readonly maxIterations?: number;
}

/** The pooled effect: `se` on the scale of analysis (logit units for LOGIT), everything else on the reporting scale. */
export interface PooledEstimate {
  readonly estimate: number;
  readonly ciLow: number;
  readonly ciHigh: number;
  readonly se: number;
  /** Where the true effect of one more study is expected; null for COMMON. */
  readonly predictionLow: number | null;
  readonly predictionHigh: number | null;
}

/** A study as it entered: `yi`, `vi` on the scale of analysis, the rest on the reporting scale. */
export interface MetaStudyInput {
  readonly index: number;
  readonly label: string;
  readonly yi: number;
  readonly vi: number;
  readonly value: number;
  /** As given where the levels agree, else from `yi` and `vi` at the output level. */
  readonly ciLow: number;
  readonly ciHigh: number;
  readonly remarks: readonly StudyRemark[];
}

/** A study with its place in the model. */
export interface MetaStudy extends MetaStudyInput {
  /** Percent of the total weight. */
  readonly weight: number;
  /** The model's expectation for studies like this one, on the reporting scale. */
  readonly fitted: number;
  /** yi minus its expectation, on the scale of analysis. */
  readonly residual: number;
  /** The residual in units of its standard error (internally studentised); null when the model must pass through the study. */
  readonly standardizedResidual: number | null;
  /** Empirical best linear unbiased prediction of the study's true effect, on the reporting scale (Raudenbush & Bryk 1985, doi:10.3102/10769986010002075). */
  readonly shrunken: { readonly estimate: number; readonly ciLow: number; readonly ciHigh: number };
}

/** The analysis with one study fewer, or with only the first studies. */
export type PartialAnalysis = {
  /** Position in the input of the study that was left out, or added last. */
  readonly index: number;
  readonly label: string;
  readonly k: number;
} & (
  | ({ readonly status: "OK" } & PooledEstimate & Pick<Heterogeneity, "tau2" | "i2" | "h2" | "q" | "qP">)
  | { readonly status: "NOT_ESTIMABLE"; readonly reason: NotEstimableReason }
);

interface MetaAnalysisFrame {
  /** Studies pooled, and those that could not be. */
  readonly k: number;
  readonly leftOut: readonly LeftOutStudy[];
  readonly scale: MetaScale;
  readonly model: MetaModel;
  readonly test: MetaTest;
  readonly level: number;
  readonly remarks: readonly MetaRemark[];
}

/** A meta-analysis that has an answer. */
export interface MetaAnalysis extends MetaAnalysisFrame, PooledEstimate, Heterogeneity {
  readonly status: "OK";
  readonly studies: readonly MetaStudy[];
  readonly coefficients: readonly MetaCoefficient[];
  readonly moderatorTest: ModeratorTest | null;
  /** The Hartung-Knapp variance factor, and the interval with that factor held at 1 or more; null for Z. */
  readonly hartungKnapp: {
    readonly factor: number;
    readonly adHocCiLow: number;
    readonly adHocCiHigh: number;
  } | null;
  readonly egger: EggerTest | EggerFailure;
  readonly eggerP: number | null;
  readonly leaveOneOut: readonly PartialAnalysis[];
}

/** A meta-analysis without an answer: the studies, and why. */
export interface MetaAnalysisFailure extends MetaAnalysisFrame {
  readonly status: "NOT_ESTIMABLE";
  readonly reason: NotEstimableReason;
  readonly studies: readonly MetaStudyInput[];
}

export type MetaAnalysisResult = MetaAnalysis | MetaAnalysisFailure;

/**
 * Pools the estimates of several studies: common-effect, random-effects or, with moderators, mixed-effects model.
 *
 * With moderators the headline estimate is the expectation at the moderators' means over the pooled studies. Studies that
 * cannot be pooled are listed in `leftOut`, never dropped in silence; fewer than two studies (or two more than moderator
 * columns), no convergence and no scatter under Hartung-Knapp are NOT_ESTIMABLE with a reason. O(k p^2) an iteration, times k
 * for leave-one-out.
 *
 * @throws {ComputeError} INVALID_PARAM for a level outside (0, 1) or an unknown scale, model or test; INVALID_INPUT for a
 * moderator that mixes numbers and categories.
 */
export function metaAnalysis(input: MetaAnalysisInput): MetaAnalysisResult {
  const settings = readSettings(input);
  const { effects, leftOut, estimates, options } = settings;
  const named = designOf(effects, settings);
  const fit = fitEffects(effects, named, options);
  const described = effects.map((effect) => describeInput(effect, estimates[effect.index], settings));
  const frame = {
    k: effects.length,
    leftOut,
    scale: settings.scale,
    model: options.model,
    test: options.test,
    level: options.level,
  };
  const remarks = remarksOf({ leftOut, effects, redundant: named.redundant, fit });
  if (fit.status !== "OK") return { ...frame, ...fit, studies: described, remarks };

  const pooled = poolAtMean(fit, settings);
  const egger = eggerTest(fit.data.y, fit.data.v, fit.data.design, options.level);
  const wanted = input.leaveOneOut ?? effects.length <= 200;
  return {
    ...frame,
    status: "OK",
    ...pooled,
    ...fit.heterogeneity,
    studies: placeStudies(described, fit, settings),
    coefficients: fit.coefficients,
    moderatorTest: fit.moderatorTest,
    hartungKnapp: adHocInterval(fit, settings),
    egger: egger.status === "OK" ? { ...egger, limit: mapInterval(egger.limit, settings) } : egger,
    eggerP: egger.status === "OK" ? egger.p : null,
    leaveOneOut: wanted
      ? effects.map((left) =>
          analysePart(
            effects.filter((e) => e !== left),
            left,
            settings,
          ),
        )
      : [],
    remarks,
  };
}

/** The analysis of the first study, the first two, and so on in the order given (those left out are skipped). O(k) fits. */
export function cumulativeMetaAnalysis(input: MetaAnalysisInput): readonly PartialAnalysis[] {
  const settings = readSettings(input);
  const { effects } = settings;
  return effects.map((last, i) => analysePart(effects.slice(0, i + 1), last, settings));
}

/** The input checked, with its defaults, and its studies on the scale of analysis. */
interface Settings {
  readonly estimates: readonly StudyInput[];
  readonly effects: readonly Effect[];
  readonly leftOut: readonly LeftOutStudy[];
  readonly scale: MetaScale;
  readonly moderators: readonly string[];
  readonly options: MixedModelOptions;
  readonly intervalLevel: number;
  /** From the scale of analysis to the reporting scale. */
  readonly report: (y: number) => number;
}

function readSettings(input: MetaAnalysisInput): Settings {
  const { estimates, scale = "LOGIT", model = "REML", test = "HARTUNG_KNAPP", moderators = [] } = input;
  const { level = 0.95, intervalLevel = 0.95, maxIterations = 1000 } = input;
  requireOneOf("scale", scale, metaScales);
  requireOneOf("model", model, metaModels);
  requireOneOf("test", test, metaTests);
  requireLevel("level", level);
  requireLevel("intervalLevel", intervalLevel);
  const effects: Effect[] = [];
  const leftOut: LeftOutStudy[] = [];
  for (const [index, study] of estimates.entries()) {
    const effect = toEffect(study, index, scale, intervalLevel);
    const cells = moderators.map((name) => study.moderators?.[name]);
    const complete = cells.every((cell) => typeof cell === "string" || Number.isFinite(cell));
    if ("reason" in effect) leftOut.push(effect);
    else if (!complete) leftOut.push({ index, label: study.label, reason: "MISSING_MODERATOR" });
    else effects.push(effect);
  }
  const options = { model, test, level, maxIterations, isThorough: true };
  const report = scale === "LOGIT" ? inverseLogit : (y: number) => y;
  return { estimates, effects, leftOut, scale, moderators, options, intervalLevel, report };
}

function designOf(effects: readonly Effect[], { estimates, moderators }: Settings): NamedDesign {
  if (moderators.length === 0) return interceptOnly(effects.length);
  return designMatrix(
    effects.map(({ index }) => estimates[index]?.moderators ?? {}),
    moderators,
  );
}

function fitEffects(effects: readonly Effect[], named: NamedDesign, options: MixedModelOptions) {
  const y = Float64Array.from(effects, ({ yi }) => yi);
  const v = Float64Array.from(effects, ({ vi }) => vi);
  return fitMixedModel(y, v, named, options);
}

/** The expectation at the mean of every design column: for the intercept alone, the pooled effect. */
function poolAtMean(fit: MixedModelFit, { report }: Settings): PooledEstimate {
  const { predictionLow, predictionHigh, ...mean } = expectAt(fit, columnMeans(fit));
  return {
    estimate: report(mean.estimate),
    ciLow: report(mean.ciLow),
    ciHigh: report(mean.ciHigh),
    se: mean.se,
    predictionLow: predictionLow === null ? null : report(predictionLow),
    predictionHigh: predictionHigh === null ? null : report(predictionHigh),
  };
}

function adHocInterval(fit: MixedModelFit, { report }: Settings): MetaAnalysis["hartungKnapp"] {
  if (fit.hartungKnapp === null) return null;
  const { factor, adHocStretch } = fit.hartungKnapp;
  const { estimate, se } = expectAt(fit, columnMeans(fit));
  const reach = fit.critical * se * adHocStretch;
  return { factor, adHocCiLow: report(estimate - reach), adHocCiHigh: report(estimate + reach) };
}

function columnMeans({ data: { design } }: MixedModelFit): Float64Array {
  const means = new Float64Array(design.p);
  design.values.forEach((value, cell) => {
    const j = cell % design.p;
    means[j] = (means[j] ?? 0) + value / design.k;
  });
  return means;
}

function describeInput(effect: Effect, given: StudyInput | undefined, settings: Settings): MetaStudyInput {
  const { options, intervalLevel, report } = settings;
  const { ciLow, ciHigh, value } = given ?? {};
  const fromValue = given?.yi === undefined || given.yi === null;
  const asGiven = fromValue && intervalLevel === options.level;
  const reach = normalQuantile((1 + options.level) / 2) * Math.sqrt(effect.vi);
  return {
    ...effect,
    value: fromValue ? (value ?? report(effect.yi)) : report(effect.yi),
    ciLow: (asGiven ? ciLow : undefined) ?? report(effect.yi - reach),
    ciHigh: (asGiven ? ciHigh : undefined) ?? report(effect.yi + reach),
  };
}

function placeStudies(
  studies: readonly MetaStudyInput[],
  fit: MixedModelFit,
  { report }: Settings,
): MetaStudy[] {
  const { data, weights, weighted, heterogeneity, critical, covariance } = fit;
  const { p, values } = data.design;
  const { tau2 } = heterogeneity;
  const totalWeight = weights.reduce((sum, w) => sum + w, 0);
  return studies.map((study, i) => {
    const row = values.subarray(i * p, (i + 1) * p);
    const residual = weighted.residuals[i] ?? 0; // length k, as studies
    const total = study.vi + tau2;
    const residualVariance = total - quadraticForm(weighted.covariance, row, p);
    const pull = tau2 / total;
    const expected = study.yi - residual;
    const best = pull * study.yi + (1 - pull) * expected;
    const reach = critical * Math.sqrt(pull * study.vi + (1 - pull) ** 2 * quadraticForm(covariance, row, p));
    return {
      ...study,
      weight: (100 * (weights[i] ?? 0)) / totalWeight,
      fitted: report(expected),
      residual,
      standardizedResidual: residualVariance > 1e-12 * total ? residual / Math.sqrt(residualVariance) : null,
      shrunken: { estimate: report(best), ciLow: report(best - reach), ciHigh: report(best + reach) },
    };
  });
}

function analysePart(part: readonly Effect[], about: Effect, settings: Settings): PartialAnalysis {
  const subject = { index: about.index, label: about.label, k: part.length };
  const fit: MixedModelFit | MixedModelFailure = fitEffects(part, designOf(part, settings), {
    ...settings.options,
    isThorough: false,
  });
  if (fit.status !== "OK") return { ...subject, ...fit };
  const { tau2, i2, h2, q, qP } = fit.heterogeneity;
  return { ...subject, status: "OK", ...poolAtMean(fit, settings), tau2, i2, h2, q, qP };
}

function mapInterval(limit: EggerTest["limit"], { report }: Settings): EggerTest["limit"] {
  if (limit === null) return null;
  return { estimate: report(limit.estimate), ciLow: report(limit.ciLow), ciHigh: report(limit.ciHigh) };
}

function requireOneOf(name: string, got: string, known: readonly string[]): void {
  if (known.includes(got)) return;
  throw new ComputeError(
    "INVALID_PARAM",
    `Expected ${name} to be one of ${known.join(", ")}, got "${got}"; give one of them`,
  );
}

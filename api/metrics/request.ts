import type { ThresholdRule } from "../../compute/index.ts";
import { decodeId } from "../graphql/node-id.ts";
import type { CalibrationRequest } from "./calibration.service.ts";
import type { CalibrationInput } from "./calibration.type.ts";
import type { CompareAucRequest, SideRequest } from "./compare-auc.service.ts";
import type { AucSideInput, CompareAucInput } from "./compare-auc.type.ts";
import type { GapsRequest } from "./gaps.service.ts";
import type { GapsInput, ThresholdInput } from "./gaps.type.ts";
import type { MetricSelection } from "./metric.queries.ts";
import type { MetricFilter } from "./metric.type.ts";
import { badInput, type Question } from "./question.ts";
import type { RocCurveRequest } from "./roc-curve.service.ts";
import type { RocCurveInput } from "./roc-curve.type.ts";
import type { StratifiedAucRequest } from "./stratified-auc.ts";
import type { QuestionInput, StratifiedAucInput } from "./stratified-auc.type.ts";

/**
 * The question in an input, with its defaults.
 *
 * @throws {ServiceError} BAD_ID
 */
export function toQuestion(input: QuestionInput): Question {
  return {
    evaluation: decodeId("Evaluation", input.evaluation),
    by: input.by,
    where: input.where ?? [],
    bins: input.bins ?? [],
    unit: input.unit,
  };
}

/**
 * The request in an input, with its defaults.
 *
 * @throws {ServiceError} BAD_ID
 */
export function toAucRequest(input: StratifiedAucInput): StratifiedAucRequest {
  return {
    ...toQuestion(input),
    classes: input.classes ?? null,
    ci: input.ci,
    level: input.level,
    replicates: input.replicates ?? 2000,
    seed: input.seed ?? 0,
  };
}

/**
 * The request in an input, with its defaults.
 *
 * @throws {ServiceError} BAD_ID
 */
export function toRocRequest(input: RocCurveInput): RocCurveRequest {
  const { class: className, stratum, maxPoints } = input;
  const by = stratum.map(({ attribute }) => attribute);
  return { ...toQuestion({ ...input, by }), className, stratum, maxPoints: maxPoints ?? 200 };
}

/**
 * The request in an input, with its defaults.
 *
 * @throws {ServiceError} BAD_ID, BAD_USER_INPUT (a rule without its number)
 */
export function toGapsRequest(input: GapsInput): GapsRequest {
  const { rates, threshold, level, classes } = input;
  const { on = null } = threshold;
  return {
    ...toQuestion(input),
    classes: classes ?? null,
    rates: [...new Set(rates)],
    threshold: { rule: toRule(threshold), on },
    level,
  };
}

function toRule({ rule, at, value }: ThresholdInput): ThresholdRule {
  const wanted = {
    youden: null,
    max_f1: null,
    balanced: null,
    specificity: "at",
    sensitivity: "at",
    value: "value",
  }[rule];
  const given = [...(at == null ? [] : ["at"]), ...(value == null ? [] : ["value"])];
  if (given.join() !== (wanted ?? "")) {
    const expected = wanted === null ? "no number" : `the number ${wanted}`;
    throw badInput(`Expected ${expected} for the threshold rule, got ${given.join(" and ") || "none"}`);
  }
  if (rule === "value") return { kind: rule, value: value ?? Number.NaN };
  if (rule === "specificity" || rule === "sensitivity") return { kind: rule, at: at ?? Number.NaN };
  return { kind: rule };
}

/**
 * The request in an input, with its defaults.
 *
 * @throws {ServiceError} BAD_ID
 */
export function toCalibrationRequest(input: CalibrationInput): CalibrationRequest {
  const { classes, binCount, binning, level } = input;
  return { ...toQuestion(input), classes: classes ?? null, binCount, binning, level };
}

/**
 * The request in an input, with its defaults.
 *
 * @throws {ServiceError} BAD_ID
 */
export function toCompareRequest(input: CompareAucInput): CompareAucRequest {
  const side = ({ evaluation, class: className, stratum }: AucSideInput): SideRequest => ({
    evaluation: decodeId("Evaluation", evaluation),
    className: className ?? null,
    stratum,
  });
  const { by, unit, pairing, test, adjustment, level, where, bins, replicates, seed } = input;
  return {
    first: side(input.first),
    second: side(input.second),
    ...{ by, unit, pairing, test, adjustment, level },
    where: where ?? [],
    bins: bins ?? [],
    replicates: replicates ?? 2000,
    seed: seed ?? 0,
  };
}

/**
 * The selection in a filter.
 *
 * @throws {ServiceError} BAD_ID, BAD_USER_INPUT (more than 200 ids)
 */
export function toMetricSelection(filter: MetricFilter | null | undefined): MetricSelection {
  if (filter == null) return {};
  const {
    ids,
    evaluation,
    dataset,
    datasets,
    trainDataset,
    model,
    models,
    class: className,
    ...rest
  } = filter;
  if (ids != null && ids.length > MAX_IDS) {
    throw badInput(`Expected at most ${MAX_IDS} ids, got ${ids.length}; ask in several requests`);
  }
  const both = (one: string | null | undefined, many: readonly string[] | null | undefined) =>
    one == null ? many : [one].filter((word) => many == null || many.includes(word));
  return {
    ...rest,
    ids: ids?.map((id) => decodeId("MetricRecord", id)),
    evaluation: evaluation == null ? null : decodeId("Evaluation", evaluation),
    datasets: both(dataset, datasets),
    trainDatasets: trainDataset == null ? null : [trainDataset],
    models: both(model, models),
    classes: className == null ? null : [className],
  };
}

/** Most records named one by one in a filter. */
const MAX_IDS = 200;

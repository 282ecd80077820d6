import { decodeId } from "../graphql/node-id.ts";
import type { MetricSelection } from "./metric.queries.ts";
import type { MetricFilter } from "./metric.type.ts";
import { badInput, type Question } from "./question.ts";
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

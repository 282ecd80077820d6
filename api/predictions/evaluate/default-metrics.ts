import type { Database } from "../../db/client.ts";
import { ServiceError } from "../../errors.ts";
import { AnalysisFrames } from "../../metrics/analysis-rows.ts";
import type { NewMetricRow } from "../../metrics/metric.queries.ts";
import { metricRowOf } from "../../metrics/metric.service.ts";
import type { AttributePredicate } from "../../metrics/question.ts";
import { computeStratifiedAuc } from "../../metrics/stratified-auc.ts";
import type { EvaluationPlan } from "../evaluation-columns.ts";
import { UnstoredColumns } from "./unstored-columns.ts";

/** Attributes by which every evaluation is looked at; and every finding. */
const canonicalAttributes: readonly string[] = [
  "race",
  "sex",
  "age",
  "bmi",
  "breast_density",
  "view",
  "site",
  "equipment",
];

/** The records that come with an evaluation. */
export interface DefaultMetrics {
  readonly rows: readonly (NewMetricRow & { fingerprint: string })[];
  /** Attributes that would have made too many cells. */
  readonly tooMany: readonly string[];
}

/**
 * AUCs of every class against the rest, over all images and by each canonical attribute of the dataset, for images and,
 * where the dataset names them, for studies. Also those that cannot be estimated, with the reason. None when the dataset
 * does not hold the attribute that the model predicts.
 */
export async function computeDefaultMetrics(
  database: Database,
  plan: EvaluationPlan,
  scores: readonly Float32Array[],
  where: readonly AttributePredicate[],
  options: { readonly cacheBytes: number; readonly signal: AbortSignal },
): Promise<DefaultMetrics> {
  const rows: (NewMetricRow & { fingerprint: string })[] = [];
  const tooMany: string[] = [];
  if (!hasTruth(plan)) return { rows, tooMany };
  const { evaluation } = plan;
  const frames = new AnalysisFrames(new UnstoredColumns(database, plan, scores, options.cacheBytes));
  const hasStudies = [...plan.attributes.values()].some(({ kind }) => kind === "study");
  for (const unit of hasStudies ? (["image", "study"] as const) : (["image"] as const)) {
    for (const by of [undefined, ...dividingAttributes(plan)]) {
      const request = {
        evaluation: evaluation.id,
        by: by === undefined ? [] : [by],
        where,
        bins: [],
        unit,
        classes: null,
        ci: "DELONG",
        level: 0.95,
        replicates: 0,
        seed: 0,
      } as const;
      try {
        const answer = await computeStratifiedAuc(frames, request, options.signal);
        for (const cell of answer.cells) {
          rows.push({ ...metricRowOf(answer.rows, request, cell), runId: evaluation.runId });
        }
      } catch (error) {
        if (!(error instanceof ServiceError) || error.code !== "QUERY_TOO_COSTLY" || by === undefined)
          throw error;
        if (!tooMany.includes(by)) tooMany.push(by);
      }
    }
  }
  return { rows, tooMany };
}

/** Whether the dataset says what is true of at least one class. */
function hasTruth({ evaluation, attributes }: EvaluationPlan): boolean {
  const { taskKind, taskAttribute, classes } = evaluation;
  const names =
    taskKind === "multilabel" ? classes.map((name) => `${taskAttribute}:${name}`) : [taskAttribute];
  return names.some((name) => attributes.has(name));
}

/** What the model predicts divides nothing: within one of its levels there is a single class. */
function dividingAttributes({ evaluation, attributes }: EvaluationPlan): readonly string[] {
  const task = evaluation.taskAttribute;
  return [...attributes.values()]
    .filter(({ kind }) => kind === "category" || kind === "number")
    .map(({ name }) => name)
    .filter((name) => canonicalAttributes.includes(name) || name.startsWith("finding:"))
    .filter((name) => name !== task && !name.startsWith(`${task}:`))
    .sort();
}

import { type PlannedResampling, type ResampledAuc, resampledAuc } from "../../compute/index.ts";
import type { AnalysisFrames, AnalysisRows } from "../metrics/analysis-rows.ts";
import { fingerprintOf } from "../metrics/fingerprint.ts";
import type { NewMetricRow } from "../metrics/metric.queries.ts";
import type { UnitOfAnalysis } from "../metrics/metric.table.ts";
import { MIXED_LEVEL, UNKNOWN_LEVEL } from "../metrics/strata.ts";

/** How the rows of a test set were weighed: part of what the audit leaves. */
export interface ResamplingRecord {
  /** Attributes that were evened out. */
  readonly attributes: readonly string[];
  /** Every combination of their levels, what a row of it weighs, and how many there are. */
  readonly cells: readonly {
    readonly levels: readonly string[];
    readonly rows: number;
    readonly weight: number | null;
  }[];
  readonly seed: number;
  readonly replicates: number;
  /** Rows of a drawn set. */
  readonly size: number;
  /** Rows of one weight that would be as precise; null where there is no number. */
  readonly effectiveSize: number | null;
  /** Rows whose levels are not all known. */
  readonly leftOut: number;
  /** Resamples that lacked a combination, of those of the first class. */
  readonly undefinedReplicates: number;
}

/** Of the records of resampled AUCs; raised when any of their numbers may change. */
const RESAMPLED_VERSION = 1;
export const RESAMPLED_METRIC = "auroc_resampled";
export const RESAMPLED_DIFFERENCE = "auroc_resampled_difference";

type Row = NewMetricRow & { readonly fingerprint: string };

/**
 * The AUC of every class with the test set drawn again, and its difference from the AUC of the same rows as they are.
 * O(classes * replicates * rows).
 *
 * @throws {ServiceError} as questions; the signal's reason once it is aborted
 */
export async function measureResampled(
  frames: AnalysisFrames,
  {
    resample,
    evaluation,
    unit,
    level,
  }: {
    readonly resample: PlannedResampling;
    readonly evaluation: number;
    readonly unit: UnitOfAnalysis;
    readonly level: number;
  },
  signal: AbortSignal,
): Promise<{
  readonly values: readonly Row[];
  readonly differences: readonly Row[];
  readonly resampling: ResamplingRecord;
}> {
  const { steps, timesSize, replicates, seed } = resample;
  const attributes = steps.map(({ attribute }) => attribute);
  const bins = steps.flatMap(({ attribute, cuts }) => (cuts === null ? [] : [{ attribute, edges: cuts }]));
  const question = { evaluation, unit, by: attributes, bins, where: [] };
  const rows = await frames.rows(question);
  const { classes } = rows.plan.evaluation;
  const indexes = [...classes.keys()];
  const columns = await frames.classRows(rows, question, indexes);
  const levels = attributes.map((_, place) => levelsOf(rows, place));
  const even = levels.map(({ codes, words }) => ({ codes, levelCount: words.length }));
  const made: { readonly name: string; readonly auc: ResampledAuc }[] = [];
  for (const [i, { order, labels }] of columns.entries()) {
    const { ordinals: patients, count: patientCount } = rows.clusters;
    const input = { order, labels, steps: even, patients, patientCount };
    const auc = await resampledAuc(input, { timesSize, replicates, seed, level }, signal);
    made.push({ name: classes[i] ?? "", auc });
  }
  const params = { steps, timesSize, replicates, seed };
  const rowOf = (metric: string, name: string, auc: ResampledAuc): Row =>
    recordOf(rows, { metric, unit, level, params }, name, auc);
  const [first] = made;
  return {
    values: made.map(({ name, auc }) => rowOf(RESAMPLED_METRIC, name, auc)),
    differences: made.map(({ name, auc }) => rowOf(RESAMPLED_DIFFERENCE, name, auc)),
    resampling: {
      attributes,
      cells: (first?.auc.cells ?? []).map(({ levels: of, rows: n, weight }) => ({
        levels: of.map((code, place) => levels[place]?.words[code] ?? ""),
        rows: n,
        weight,
      })),
      ...{ seed, replicates },
      size: first?.auc.size ?? 0,
      effectiveSize: first?.auc.effectiveSize ?? null,
      leftOut: first?.auc.leftOut ?? 0,
      undefinedReplicates: first?.auc.undefinedReplicates ?? 0,
    },
  };
}

/** The levels of one of the attributes that rows are divided by; those that say nothing have no code. */
function levelsOf({ strata, count, plan }: AnalysisRows, place: number) {
  const { classes, taskAttribute } = plan.evaluation;
  const of = strata.levels.map((levels) => levels[place]?.level ?? UNKNOWN_LEVEL);
  const isTarget = strata.levels[0]?.[place]?.attribute === taskAttribute;
  const says = (level: string) =>
    level !== UNKNOWN_LEVEL && level !== MIXED_LEVEL && (!isTarget || classes.includes(level));
  const words = [...new Set(of.filter(says))];
  const codeOf = of.map((level) => (says(level) ? words.indexOf(level) : words.length));
  const codes = Uint32Array.from(
    { length: count },
    (_, row) => codeOf[strata.codes?.[row] ?? 0] ?? words.length,
  );
  return { words, codes };
}

function recordOf(
  { plan: { evaluation } }: AnalysisRows,
  {
    metric,
    unit,
    level,
    params,
  }: {
    readonly metric: string;
    readonly unit: UnitOfAnalysis;
    readonly level: number;
    readonly params: Readonly<Record<string, unknown>>;
  },
  className: string,
  auc: ResampledAuc,
): Row {
  const { value, se, low, high } = metric === RESAMPLED_METRIC ? auc.resampled : auc.difference;
  const method = "patient_bootstrap";
  return {
    origin: "computed",
    metric,
    metricVersion: RESAMPLED_VERSION,
    predictionSetId: evaluation.id,
    datasetId: evaluation.datasetId,
    datasetVersionId: evaluation.datasetVersionId,
    modelId: evaluation.modelId,
    modelVersionId: evaluation.modelVersionId,
    className,
    stratum: [],
    params: { ...params, method },
    unit,
    value,
    se,
    ciLow: low,
    ciHigh: high,
    ciLevel: low === null ? null : level,
    ciMethod: low === null ? null : method,
    n: auc.positives + auc.negatives,
    nPositive: auc.positives,
    nNegative: auc.negatives,
    nPatients: auc.patients,
    nLeftOut: auc.leftOut,
    reason: value === null ? auc.reason : null,
    fingerprint: fingerprintOf({
      metric,
      metricVersion: RESAMPLED_VERSION,
      unit,
      evaluation: evaluation.fingerprint,
      class: className,
      method,
      level,
      ...params,
    }),
  };
}

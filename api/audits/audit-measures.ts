import { type AuditPlan, type AuditSettings, type PlannedReading } from "../../compute/index.ts";
import { operator } from "../access/principal.ts";
import type { Database } from "../db/client.ts";
import { ServiceError } from "../errors.ts";
import { AnalysisFrames } from "../metrics/analysis-rows.ts";
import { CompareAucService } from "../metrics/compare-auc.service.ts";
import type { AucComparisonCell } from "../metrics/compare-auc.type.ts";
import { fingerprintOf } from "../metrics/fingerprint.ts";
import type { NewMetricRow } from "../metrics/metric.queries.ts";
import { metricRowOf } from "../metrics/metric.service.ts";
import { computeStratifiedAuc, type StratifiedAucRequest } from "../metrics/stratified-auc.ts";
import { EvaluationColumns, type EvaluationPlan } from "../predictions/evaluation-columns.ts";
import { measureRates } from "./rate-measures.ts";
import { measureResampled, type ResamplingRecord } from "./resampled-measures.ts";
import { compareSamePatients } from "./same-patients.ts";
import { measureShift } from "./shift-measures.ts";

/** The records of one reading of a plan for one unit of analysis, by their fingerprints. */
export interface MeasuredReading {
  /** Index of the reading in the plan. */
  readonly reading: number;
  readonly unit: "image" | "study" | "patient";
  /** AUCs: every class in every stratum; or rates of one finding, in every group. */
  readonly values: readonly string[];
  /** Differences from what the protocol compares with: AUCs of every class, or the rates of the rest. */
  readonly differences: readonly string[];
  /** How rows were weighed, where the test set was drawn again. */
  readonly resampling?: ResamplingRecord;
}

/** What an audit leaves: records, and which of them belong to which reading. */
export interface AuditMeasures {
  readonly rows: readonly (NewMetricRow & { readonly fingerprint: string })[];
  readonly readings: readonly MeasuredReading[];
}

/** Of the records of differences; raised when any of their numbers may change. */
const DIFFERENCE_VERSION = 1;
export const DIFFERENCE_METRIC = "auroc_difference";

/**
 * Computes what an audit reads off its evaluations, with intervals that resample patients; by DeLong where that would take
 * too long. Deterministic. O(readings * replicates * rows).
 *
 * @param evaluations - row id of the evaluation of each step that has one; readings of others are left out
 */
export async function measureAudit(
  {
    database,
    home,
    cacheBytes,
    signal,
  }: {
    readonly database: Database;
    /** Of this worker: where evaluations have left files. */
    readonly home: string;
    readonly cacheBytes: number;
    readonly signal: AbortSignal;
  },
  {
    plan,
    settings,
    evaluations,
    runId,
  }: {
    readonly plan: AuditPlan;
    readonly settings: AuditSettings;
    readonly evaluations: ReadonlyMap<string, number>;
    readonly runId: number;
  },
): Promise<AuditMeasures> {
  const frames = new AnalysisFrames(new EvaluationColumns(database, cacheBytes));
  const comparisons = new CompareAucService(frames);
  const rows = new Map<string, NewMetricRow & { readonly fingerprint: string }>();
  const readings: MeasuredReading[] = [];
  const keep = (made: readonly (NewMetricRow & { readonly fingerprint: string })[]) => {
    for (const row of made) rows.set(row.fingerprint, { ...row, runId });
    return made.map(({ fingerprint }) => fingerprint);
  };
  for (const [index, reading] of plan.readings.entries()) {
    const evaluation = evaluations.get(reading.evaluation);
    if (evaluation === undefined) continue;
    const { rates } = reading;
    const chosenOn = rates && evaluations.get(rates.chosenOn);
    if (rates !== undefined && chosenOn === undefined) continue;
    if (reading.shift !== undefined) {
      const asked = { shift: reading.shift, evaluation, settings };
      const made = await measureShift(frames, { database, home }, asked);
      signal.throwIfAborted();
      const [values, differences] = [keep(made.values), keep(made.differences)];
      readings.push({ reading: index, unit: "patient", values, differences });
      continue;
    }
    for (const unit of reading.units) {
      if (rates !== undefined && chosenOn !== undefined) {
        const made = await measureRates(frames, { rates, unit, settings, evaluation, chosenOn });
        signal.throwIfAborted();
        const [values, differences] = [keep(made.values), keep(made.differences)];
        readings.push({ reading: index, unit, values, differences });
        continue;
      }
      if (reading.resample !== undefined) {
        const { level } = settings;
        const question = { resample: reading.resample, evaluation, unit, level };
        const made = await measureResampled(frames, question, signal);
        const [values, differences] = [keep(made.values), keep(made.differences)];
        readings.push({ reading: index, unit, values, differences, resampling: made.resampling });
        continue;
      }
      const values = keep(await aucsOf(frames, requestOf(reading, evaluation, unit, settings), signal));
      const against = reading.against === null ? undefined : evaluations.get(reading.against);
      // What images give beyond attributes, or how much less a change leaves: the protocol says which.
      const sides = reading.isBeyond
        ? { evaluation: against ?? evaluation, against: evaluation }
        : { evaluation, against: against ?? evaluation };
      const compare =
        reading.testDataset === settings.digitised
          ? () => samePatientsOf(database, frames, { ...sides, unit, settings }, signal)
          : () => differencesOf(comparisons, { ...sides, unit, settings }, frames, signal);
      const differences = against === undefined || against === evaluation ? [] : keep(await compare());
      readings.push({ reading: index, unit, values, differences });
    }
  }
  return { rows: [...rows.values()], readings };
}

function requestOf(
  { by }: PlannedReading,
  evaluation: number,
  unit: StratifiedAucRequest["unit"],
  { level, replicates, seed }: AuditSettings,
): StratifiedAucRequest {
  return {
    evaluation,
    unit,
    by: by === null ? [] : [by.attribute],
    bins: by?.cuts == null ? [] : [{ attribute: by.attribute, edges: by.cuts }],
    where: [],
    classes: null,
    ci: "BOOTSTRAP",
    level,
    replicates,
    seed,
  };
}

async function aucsOf(frames: AnalysisFrames, request: StratifiedAucRequest, signal: AbortSignal) {
  const answer = await orCheaper(
    (ci) => computeStratifiedAuc(frames, { ...request, ci }, signal).then((exact) => ({ ...exact, ci })),
    ["BOOTSTRAP", "DELONG"] as const,
  );
  return answer.cells.map((cell) => metricRowOf(answer.rows, { ...request, ci: answer.ci }, cell));
}

async function differencesOf(
  comparisons: CompareAucService,
  {
    evaluation,
    against,
    unit,
    settings,
  }: {
    readonly evaluation: number;
    readonly against: number;
    readonly unit: StratifiedAucRequest["unit"];
    readonly settings: AuditSettings;
  },
  frames: AnalysisFrames,
  signal: AbortSignal,
) {
  const [plan, other] = await Promise.all([frames.columns.plan(evaluation), frames.columns.plan(against)]);
  const side = (id: number) => ({ evaluation: id, className: null, stratum: [] });
  const { level, replicates, seed } = settings;
  const request = {
    first: side(evaluation),
    second: side(against),
    by: [],
    where: [],
    bins: [],
    unit,
    level,
    replicates,
    seed,
    pairing: "AUTO",
    adjustment: "none",
  } as const;
  const isPaired = plan.evaluation.datasetVersionId === other.evaluation.datasetVersionId;
  const { cells } = await orCheaper(
    (test) => comparisons.answer({ ...request, test }, operator, signal),
    isPaired ? (["BOOTSTRAP", "DELONG"] as const) : (["DELONG"] as const),
  );
  return cells.map((cell) => differenceRow(cell, plan, other, { unit, level, replicates, seed }));
}

/** Differences of versions with the same patients, who are paired by their names. */
async function samePatientsOf(
  { db }: Database,
  frames: AnalysisFrames,
  {
    evaluation,
    against,
    unit,
    settings: { level, replicates, seed },
  }: {
    readonly evaluation: number;
    readonly against: number;
    readonly unit: StratifiedAucRequest["unit"];
    readonly settings: AuditSettings;
  },
  signal: AbortSignal,
) {
  const [plan, other] = await Promise.all([frames.columns.plan(evaluation), frames.columns.plan(against)]);
  const asked = { unit, level, replicates, seed };
  const pairs = await compareSamePatients(db, frames, { evaluation, against, ...asked }, signal);
  return pairs.map((pair) => ({
    ...differenceRow({ ...pair, method: "BOOTSTRAP_PAIRED" }, plan, other, asked),
    nPatients: pair.patients,
  }));
}

/** Does it the first way that is not too costly. */
async function orCheaper<Way, Answer>(
  work: (way: Way) => Promise<Answer>,
  [way, ...cheaper]: readonly [Way, ...Way[]],
): Promise<Answer> {
  try {
    return await work(way);
  } catch (error) {
    const [next, ...rest] = cheaper;
    if (next === undefined || !(error instanceof ServiceError) || error.code !== "QUERY_TOO_COSTLY")
      throw error;
    return orCheaper(work, [next, ...rest]);
  }
}

function differenceRow(
  cell: Pick<
    AucComparisonCell,
    | "class"
    | "method"
    | "difference"
    | "se"
    | "ciLow"
    | "ciHigh"
    | "reason"
    | "nPositiveFirst"
    | "nNegativeFirst"
  >,
  { evaluation }: EvaluationPlan,
  { evaluation: other }: EvaluationPlan,
  asked: {
    readonly unit: StratifiedAucRequest["unit"];
    readonly level: number;
    readonly replicates: number;
    readonly seed: number;
  },
) {
  const { unit, level, ...chance } = asked;
  const identity = {
    metric: DIFFERENCE_METRIC,
    metricVersion: DIFFERENCE_VERSION,
    unit,
    evaluation: evaluation.fingerprint,
    class: cell.class,
    against: other.fingerprint,
    method: cell.method,
    level,
    ...(cell.method === "BOOTSTRAP_PAIRED" ? chance : {}),
  };
  const { against, method } = identity;
  const [low, high] = [cell.ciLow ?? null, cell.ciHigh ?? null];
  return {
    origin: "computed",
    metric: DIFFERENCE_METRIC,
    metricVersion: DIFFERENCE_VERSION,
    predictionSetId: evaluation.id,
    datasetId: evaluation.datasetId,
    datasetVersionId: evaluation.datasetVersionId,
    modelId: evaluation.modelId,
    modelVersionId: evaluation.modelVersionId,
    className: cell.class,
    stratum: [],
    params: { against, method, ...(method === "BOOTSTRAP_PAIRED" ? chance : {}) },
    unit,
    value: cell.difference ?? null,
    se: cell.se ?? null,
    ciLow: low,
    ciHigh: high,
    ciLevel: low === null ? null : level,
    ciMethod: low === null ? null : method,
    n: (cell.nPositiveFirst ?? 0) + (cell.nNegativeFirst ?? 0),
    nPositive: cell.nPositiveFirst ?? null,
    nNegative: cell.nNegativeFirst ?? null,
    nPatients: null,
    nLeftOut: null,
    reason: cell.difference === null ? (cell.reason ?? "NO_ROWS") : null,
    fingerprint: fingerprintOf(identity),
  } as const satisfies NewMetricRow & { fingerprint: string };
}

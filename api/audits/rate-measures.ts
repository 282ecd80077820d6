import {
  type AuditSettings,
  type ChosenThreshold,
  chooseThreshold,
  type GroupRate,
  type GroupRateKind,
  groupRates,
  type PlannedRates,
  requirePlugin,
  type ThresholdRule,
  UNKNOWN_LABEL,
} from "../../compute/index.ts";
import { type AnalysisFrames, type AnalysisRows, stratifiedRows } from "../metrics/analysis-rows.ts";
import { type CellCounts, countCells } from "../metrics/cell-counts.ts";
import { fingerprintOf } from "../metrics/fingerprint.ts";
import type { NewMetricRow } from "../metrics/metric.queries.ts";
import { badInput, type Question } from "../metrics/question.ts";
import { MIXED_LEVEL, UNKNOWN_LEVEL } from "../metrics/strata.ts";

type Row = NewMetricRow & { readonly fingerprint: string };

/** What is read off one evaluation about a division into groups. */
export interface RatesRequest {
  readonly rates: PlannedRates;
  readonly unit: Question["unit"];
  readonly settings: Pick<AuditSettings, "level">;
  /** Row ids of the evaluation that is judged, and of that on whose images the threshold is chosen. */
  readonly evaluation: number;
  readonly chosenOn: number;
}

/** Of the records of gaps; raised when any of their numbers may change. */
const GAP_VERSION = 1;

/** The name of the metric that says how far a group's rate lies from that of the rest. */
export function gapMetric(rate: GroupRateKind): `${GroupRateKind}_gap` {
  return `${rate}_gap`;
}

/**
 * Error rates of a model of findings in each group and in all of them, and the gap of each group from the rest, at a threshold
 * that is chosen on other images. Rows of one patient count as a cluster. Groups whose level is not known take no part.
 *
 * @returns records: rates of all and of each group; and gaps of each group
 * @throws {ServiceError} BAD_USER_INPUT where the model does not tell the finding
 */
export async function measureRates(
  frames: AnalysisFrames,
  request: RatesRequest,
): Promise<{ readonly values: readonly Row[]; readonly differences: readonly Row[] }> {
  const { rates, unit, settings, evaluation } = request;
  const question: Question = {
    evaluation,
    unit,
    by: rates.by.map(({ attribute }) => attribute),
    where: [],
    bins: rates.by.flatMap(({ attribute, cuts }) => (cuts === null ? [] : [{ attribute, edges: cuts }])),
  };
  const chosen = await chosenThreshold(frames, request);
  const divided = await ofFinding(frames, question, rates.finding);
  const whole = await ofFinding(frames, { ...question, by: [], bins: [] }, rates.finding);
  const { levels } = divided.rows.strata;
  const groups = levels.flatMap((stratum, i) =>
    stratum.some(({ level }) => level === UNKNOWN_LEVEL || level === MIXED_LEVEL) ? [] : [i],
  );
  const told = { rates, chosen, level: settings.level, unit, by: cutsOf(rates) };
  const ordinals = divided.rows.clusters.ordinals;
  const values: Row[] = [];
  const differences: Row[] = [];
  for (const rate of rates.rates) {
    // Without a threshold there are no decisions: every rate is empty, and says why.
    const asked = { threshold: chosen.threshold ?? Number.POSITIVE_INFINITY, rate, level: settings.level };
    const { all } = groupRates(whole.input, whole.rows.clusters.ordinals, { ...asked, groups: [0] });
    const { gaps } = groupRates(divided.input, ordinals, { ...asked, groups });
    // The whole is the same whatever it is divided by.
    values.push(rateRow(whole.rows, whole.counts[0], rate, all, { ...told, by: {} }));
    for (const { stratum, rate: own, rest, gap, interval } of gaps) {
      const counts = divided.counts[stratum];
      values.push(rateRow(divided.rows, counts, rate, own, told));
      const reason = gap === null ? (own.reason ?? rest.reason ?? "NO_ROWS") : null;
      const { low, high } = interval;
      differences.push(gapRow(divided.rows, counts, rate, { own, gap, low, high, reason }, told));
    }
  }
  return { values, differences };
}

/**
 * The threshold that the rule finds on the images of the other evaluation. Where a dataset's own split has a patient on both
 * sides, that patient's images choose nothing.
 */
async function chosenThreshold(
  frames: AnalysisFrames,
  { rates, unit, chosenOn, evaluation }: RatesRequest,
): Promise<ChosenThreshold & { readonly on: string }> {
  const question = { unit, by: [], where: [], bins: [] };
  // One after the other: where one is refused, nothing of the other is under way.
  const on = await ofFinding(frames, { ...question, evaluation: chosenOn }, rates.finding);
  const judged = await ofFinding(frames, { ...question, evaluation }, rates.finding);
  const tested = new Set<number>();
  // Safe: a patient a row.
  judged.input.order.scores.forEach((score, row) => {
    if (!Number.isNaN(score)) tested.add(judged.rows.clusters.ordinals[row]!);
  });
  const { ordinals } = on.rows.clusters;
  const labels = on.input.labels.map((label, row) => (tested.has(ordinals[row]!) ? UNKNOWN_LABEL : label));
  const chosen = await chooseThreshold({ ...on.input, labels }, ruleOf(rates));
  return { ...chosen, on: on.rows.plan.evaluation.fingerprint };
}

function ruleOf({ threshold, targetFpr }: PlannedRates): ThresholdRule {
  const rules = {
    target_fpr: { kind: "specificity", at: 1 - (targetFpr ?? 0) },
    sensitivity_equals_specificity: { kind: "balanced" },
    f1: { kind: "max_f1" },
  } as const satisfies Record<PlannedRates["threshold"], ThresholdRule>;
  return rules[threshold];
}

interface Judged {
  readonly rows: AnalysisRows;
  readonly input: ReturnType<typeof stratifiedRows>;
  readonly counts: readonly CellCounts[];
}

async function ofFinding(frames: AnalysisFrames, question: Question, finding: string): Promise<Judged> {
  const rows = await frames.rows(question);
  const index = rows.plan.evaluation.classes.indexOf(finding);
  const [column] = index === -1 ? [] : await frames.classRows(rows, question, [index]);
  if (column === undefined) throw badInput("Expected a model that tells the finding, got one that does not");
  const { counts } = await countCells(frames, rows, index, column);
  return { rows, input: stratifiedRows(rows, column), counts };
}

interface Told {
  readonly rates: PlannedRates;
  readonly chosen: ChosenThreshold & { readonly on: string };
  readonly level: number;
  readonly unit: Question["unit"];
  /** Cuts of the attributes that have any. */
  readonly by: Readonly<Record<string, readonly number[]>>;
}

function cutsOf({ by }: PlannedRates): Told["by"] {
  return Object.fromEntries(by.flatMap(({ attribute, cuts }) => (cuts === null ? [] : [[attribute, cuts]])));
}

function rateRow(
  rows: AnalysisRows,
  counts: CellCounts | undefined,
  rate: GroupRateKind,
  { value, low, high, reason, counted }: GroupRate,
  told: Told,
): Row {
  const failure = told.chosen.reason ?? reason;
  return rowOf(rows, counts, told, {
    metric: rate,
    metricVersion: requirePlugin("METRIC", rate).version,
    method: "wilson",
    n: counted.total,
    designEffect: counted.total === 0 ? null : counted.designEffect,
    ...(failure === null ? { value, low, high } : { value: null, low: null, high: null }),
    reason: failure,
    against: null,
  });
}

function gapRow(
  rows: AnalysisRows,
  counts: CellCounts | undefined,
  rate: GroupRateKind,
  {
    own,
    gap,
    low,
    high,
    reason,
  }: {
    readonly own: GroupRate;
    readonly gap: number | null;
    readonly low: number | null;
    readonly high: number | null;
    readonly reason: string | null;
  },
  told: Told,
): Row {
  const failure = told.chosen.reason ?? reason;
  return rowOf(rows, counts, told, {
    metric: gapMetric(rate),
    metricVersion: GAP_VERSION,
    method: "newcombe",
    n: own.counted.total,
    designEffect: null,
    ...(failure === null ? { value: gap, low, high } : { value: null, low: null, high: null }),
    reason: failure,
    against: "rest",
  });
}

function rowOf(
  { plan: { evaluation }, patients }: AnalysisRows,
  counts: CellCounts | undefined,
  { rates, chosen, level, unit, by }: Told,
  made: {
    readonly metric: string;
    readonly metricVersion: number;
    readonly method: "wilson" | "newcombe";
    readonly value: number | null;
    readonly low: number | null;
    readonly high: number | null;
    readonly n: number;
    readonly designEffect: number | null;
    readonly reason: string | null;
    readonly against: "rest" | null;
  },
): Row {
  const { metric, metricVersion, method, designEffect, against } = made;
  const stratum = [...(counts?.stratum ?? [])].sort((a, b) => (a.attribute < b.attribute ? -1 : 1));
  const params = {
    rule: rates.threshold,
    ...(rates.targetFpr === null ? {} : { targetFpr: rates.targetFpr }),
    threshold: chosen.threshold,
    chosenOn: chosen.on,
    interval: method,
    intervalVersion: requirePlugin("INTERVAL", method).version,
    clusters: patients === undefined ? null : "patient",
    ...(Object.keys(by).length === 0 ? {} : { bins: by }),
    ...(against === null ? {} : { against, by: rates.by.map(({ attribute }) => attribute) }),
  };
  const hasInterval = made.low !== null && made.high !== null;
  return {
    origin: "computed",
    metric,
    metricVersion,
    predictionSetId: evaluation.id,
    datasetId: evaluation.datasetId,
    datasetVersionId: evaluation.datasetVersionId,
    modelId: evaluation.modelId,
    modelVersionId: evaluation.modelVersionId,
    className: rates.finding,
    stratum,
    params: { ...params, ...(designEffect === null ? {} : { designEffect }) },
    unit,
    value: made.value,
    se: null,
    ciLow: made.low,
    ciHigh: made.high,
    ciLevel: hasInterval ? level : null,
    ciMethod: hasInterval ? method : null,
    n: made.n,
    nPositive: counts?.nPositive ?? null,
    nNegative: counts?.nNegative ?? null,
    nPatients: counts?.nPatients ?? null,
    nLeftOut: counts?.nLeftOut ?? null,
    reason: made.reason,
    fingerprint: fingerprintOf({
      ...{ metric, metricVersion, unit, level, evaluation: evaluation.fingerprint },
      ...{ class: rates.finding, stratum, ...params },
    }),
  };
}

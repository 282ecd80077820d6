import { type AuditSettings, featureShift, type PlannedShift, type ShiftTest } from "../../compute/index.ts";
import type { Database } from "../db/client.ts";
import type { AnalysisFrames } from "../metrics/analysis-rows.ts";
import { fingerprintOf } from "../metrics/fingerprint.ts";
import type { NewMetricRow } from "../metrics/metric.queries.ts";
import { type Embeddings, embeddingsOfRun } from "../predictions/confounders/embedded-rows.ts";
import type { EvaluationPlan } from "../predictions/evaluation-columns.ts";
import { companionsOf } from "../predictions/saliency/companions.ts";
import { runsByIds } from "../runs/run.queries.ts";
import { RunFailure } from "../runs/runner.ts";

type Row = NewMetricRow & { readonly fingerprint: string };

/** Of the records of tests of embeddings; raised when any of their numbers may change. */
const SHIFT_VERSION = 1;
/** The share of tests that are rejected, and the distance of one of them. */
export const SHIFT_METRIC = "shifted_tests";
export const DISTANCE_METRIC = "kolmogorov_smirnov";

/**
 * Tests whether what a network keeps of images lies alike in the classes that are asked about: one row a patient, the mean of its
 * images, because the tests take rows as independent. Patients of several classes, and images whose patient is not known, take no
 * part; where the source names no patients, images do. Nothing where the embeddings are on another machine.
 *
 * @returns the share of rejected tests, and each test
 */
export async function measureShift(
  frames: AnalysisFrames,
  { database, home }: { readonly database: Database; readonly home: string },
  {
    shift,
    evaluation,
    settings,
  }: {
    readonly shift: PlannedShift;
    readonly evaluation: number;
    readonly settings: Pick<AuditSettings, "attribute" | "classes">;
  },
): Promise<{ readonly values: readonly Row[]; readonly differences: readonly Row[] }> {
  const plan = await frames.columns.plan(evaluation);
  const [run] = await runsByIds(database.db, [plan.evaluation.runId]);
  if (run === undefined) return { values: [], differences: [] };
  const embeddings = await reachable(() => embeddingsOfRun(run, home));
  if (embeddings === undefined) return { values: [], differences: [] };
  const people = await patientMeans(frames, plan, embeddings, settings);
  const { classes } = settings;
  const found = await featureShift(people, { ...shift, groupCount: classes.length });
  const layer = companionsOf(run)?.params.artefacts?.embedding ?? null;
  const { attribute } = settings;
  const asked = { attribute, classes, layer, ...shift, test: DISTANCE_METRIC };
  const n = found.sizes.reduce((sum, size) => sum + size, 0);
  const { unit } = people;
  const share = rowOf(plan, unit, {
    metric: SHIFT_METRIC,
    params: asked,
    more: { explained: found.explained },
    value: found.rejected,
    n,
  });
  return {
    values: [share],
    differences: found.tests.map((test) => testRow(plan, unit, test, asked, found.sizes, found.explained)),
  };
}

function testRow(
  plan: EvaluationPlan,
  unit: "patient" | "image",
  { component, first, second, distance, p, adjusted, method }: ShiftTest,
  asked: Readonly<Record<string, unknown>> & { readonly classes: readonly string[] },
  sizes: readonly number[],
  explained: readonly number[],
): Row {
  const groups = { first: asked.classes[first] ?? "", second: asked.classes[second] ?? "" };
  return rowOf(plan, unit, {
    metric: DISTANCE_METRIC,
    params: { ...asked, component: component + 1, ...groups },
    more: { p, adjusted, method, explained: explained[component] ?? null },
    value: distance,
    n: (sizes[first] ?? 0) + (sizes[second] ?? 0),
  });
}

/** One row a patient with a class: the mean of its images. */
async function patientMeans(
  frames: AnalysisFrames,
  plan: EvaluationPlan,
  { ordinals, values, width }: Embeddings,
  { attribute, classes }: Pick<AuditSettings, "attribute" | "classes">,
) {
  const units = await frames.columns.units(plan, "patient");
  const { levels, codes } = await frames.conditions.levels(plan, attribute, []);
  const classOf = levels.map((level) => classes.indexOf(level));
  const rows = new Map<number, { readonly sum: Float64Array; group: number; images: number }>();
  // `!`: ordinals are below the images of the version, and values hold width numbers of each.
  for (const [place, ordinal] of ordinals.entries()) {
    const unit = units === undefined ? ordinal : units.ordinals[ordinal]!;
    if (units !== undefined && unit >= units.named) continue;
    const group = classOf[codes[ordinal]!] ?? -1;
    const row = rows.get(unit) ?? { sum: new Float64Array(width), group, images: 0 };
    for (let i = 0; i < width; i += 1) row.sum[i]! += values[place * width + i]!;
    row.images += 1;
    if (row.group !== group) row.group = -1;
    rows.set(unit, row);
  }
  const held = [...rows.entries()].sort(([a], [b]) => a - b).map(([, row]) => row);
  const means = new Float64Array(held.length * width);
  for (const [place, { sum, images }] of held.entries()) {
    means.set(
      sum.map((value) => value / images),
      place * width,
    );
  }
  return {
    values: means,
    cols: width,
    groups: Int32Array.from(held, ({ group }) => group),
    unit: units === undefined ? ("image" as const) : ("patient" as const),
  };
}

function rowOf(
  { evaluation }: EvaluationPlan,
  unit: "patient" | "image",
  {
    metric,
    params,
    more,
    value,
    n,
  }: {
    readonly metric: string;
    /** What was asked: part of the fingerprint. */
    readonly params: Readonly<Record<string, unknown>>;
    /** What came out beside the value. */
    readonly more: Readonly<Record<string, unknown>>;
    readonly value: number | null;
    readonly n: number;
  },
): Row {
  return {
    origin: "computed",
    metric,
    metricVersion: SHIFT_VERSION,
    predictionSetId: evaluation.id,
    datasetId: evaluation.datasetId,
    datasetVersionId: evaluation.datasetVersionId,
    modelId: evaluation.modelId,
    modelVersionId: evaluation.modelVersionId,
    className: null,
    stratum: [],
    params: { ...params, ...more },
    unit,
    value,
    n,
    nPatients: unit === "patient" ? n : null,
    reason: value === null ? "NO_ROWS" : null,
    fingerprint: fingerprintOf({
      ...{ metric, metricVersion: SHIFT_VERSION, unit, evaluation: evaluation.fingerprint },
      ...params,
    }),
  };
}

async function reachable<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RunFailure && error.code === "EMBEDDINGS_UNREACHABLE") return undefined;
    throw error;
  }
}

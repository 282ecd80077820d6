import { assertMayQuery, hasRowRights, roundTo, VALUE_DECIMALS } from "../access/disclosure.ts";
import type { Principal } from "../access/principal.ts";
import { isErrorCode } from "../errors.ts";
import { encodeId } from "../graphql/node-id.ts";
import type { AnalysisFrames } from "./analysis-rows.ts";
import { bandsFor } from "./bands.ts";
import type { MetricRow } from "./metric.queries.ts";
import type { UnitOfAnalysis } from "./metric.table.ts";
import { cellKey, type ShownCounts, shownCells } from "./shown-cells.ts";

/** A record as it leaves: plain values, which GraphQL reads without a call each. */
export interface MetricView extends Omit<MetricRow, "id"> {
  readonly id: string;
  readonly rowId: number;
  readonly class: string | null;
  readonly status: "OK" | "SUPPRESSED" | "NOT_ESTIMABLE";
}

/** Why a record is hidden. */
const SMALL_CELL = "SMALL_CELL";

/**
 * Records as this caller may see them. Published numbers are public. Computed ones are stored exactly; a caller
 * without row-level rights sees those that a stratified question of their own would show, equally coarse: so a record
 * never tells more than the API itself.
 */
export async function discloseMetrics(
  frames: AnalysisFrames,
  records: readonly MetricRow[],
  principal: Principal,
): Promise<MetricView[]> {
  const views: MetricView[] = [];
  for (const record of records) {
    const { datasetId, origin } = record;
    const role = datasetId === null ? principal.baseRole : principal.role(datasetId);
    const open = origin === "published" || hasRowRights(role);
    if (open) views.push(toView(record));
    else {
      const counts = await findShown(frames, record);
      views.push(counts === undefined ? hidden(record) : coarse(record, counts));
    }
  }
  return views;
}

function toView(record: MetricRow): MetricView {
  return {
    ...record,
    rowId: record.id,
    id: encodeId("MetricRecord", record.id),
    class: record.className,
    status: record.value === null ? "NOT_ESTIMABLE" : "OK",
  };
}

/** The counts of a record that a question of anybody would show, or undefined. */
async function findShown(frames: AnalysisFrames, record: MetricRow): Promise<ShownCounts | undefined> {
  const { predictionSetId, className, stratum, unit, params, ciLevel } = record;
  if (predictionSetId === null || className === null || record.metric !== "auroc") return undefined;
  const by = stratum.map(({ attribute }) => attribute).sort();
  const where = params["where"];
  const filtersRows = Array.isArray(where) && where.length > 0;
  try {
    assertMayQuery("public", { by, filtersRows, ...(ciLevel === null ? {} : { level: ciLevel }) });
    const plan = await frames.columns.plan(predictionSetId);
    const numbers = by.filter((name) => plan.attributes.get(name)?.kind === "number");
    const standard = Object.fromEntries(numbers.map((name) => [name, bandsFor(name, []).edges]));
    if (JSON.stringify(params["bins"] ?? {}) !== JSON.stringify(standard)) return undefined;
  } catch (error) {
    // What may not be asked may not be read either.
    if (error instanceof Error && "code" in error && isErrorCode(error.code)) return undefined;
    throw error;
  }
  // Safe: the table holds only units of analysis.
  const shown = await shownCells(frames, { evaluation: predictionSetId, unit: unit as UnitOfAnalysis, by });
  return shown.get(cellKey({ class: className, stratum }));
}

function coarse(record: MetricRow, { nPositive, nNegative, nPatients }: ShownCounts): MetricView {
  const value = (number: number | null) => (number === null ? null : roundTo(number, VALUE_DECIMALS));
  return {
    ...toView(record),
    value: value(record.value),
    se: value(record.se),
    ciLow: value(record.ciLow),
    ciHigh: value(record.ciHigh),
    ...{ n: null, nPositive, nNegative, nPatients, nLeftOut: null },
  };
}

function hidden(record: MetricRow): MetricView {
  const values = { value: null, se: null, ciLow: null, ciHigh: null };
  const counts = { n: null, nPositive: null, nNegative: null, nPatients: null, nLeftOut: null };
  return { ...toView(record), ...values, ...counts, reason: SMALL_CELL, status: "SUPPRESSED" };
}

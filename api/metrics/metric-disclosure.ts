import { assertMayQuery, hasRowRights, roundTo, VALUE_DECIMALS } from "../access/disclosure.ts";
import type { Principal } from "../access/principal.ts";
import { isErrorCode, ServiceError } from "../errors.ts";
import type { AnalysisFrames } from "./analysis-rows.ts";
import { bandsFor } from "./bands.ts";
import { allMetricColumns, type MetricRow } from "./metric.queries.ts";
import type { UnitOfAnalysis } from "./metric.table.ts";
import type { AlwaysRead } from "./metric-columns.ts";
import { cellKey, type ShownCounts, shownCells } from "./shown-cells.ts";

/** A record as it leaves. */
export interface MetricView extends MetricRow {
  /** Its numbers are taken out of it. */
  readonly isHidden?: true;
}

/** Whether a record has a number, and if not whether it is hidden. */
export function statusOf({ isHidden, value }: MetricView): "OK" | "SUPPRESSED" | "NOT_ESTIMABLE" {
  if (isHidden) return "SUPPRESSED";
  return value === null ? "NOT_ESTIMABLE" : "OK";
}

/** A record of which some columns may not have been read, but always those that say who may see it. */
export type ReadRecord = Partial<MetricRow> & Pick<MetricRow, AlwaysRead>;

/** Why a record is hidden. */
const SMALL_CELL = "SMALL_CELL";

/**
 * Whether every record of a list is open to this caller, so that only the columns asked for need be read. Disclosure
 * of the others looks at the whole record.
 */
export function readsOpenly(origin: MetricRow["origin"] | null | undefined, principal: Principal): boolean {
  // A role on one dataset is never lower than the base role.
  return origin === "published" || hasRowRights(principal.baseRole);
}

/**
 * Records as this caller may see them. Published numbers are public. Computed ones are stored exactly; a caller
 * without row-level rights sees those that a stratified question of their own would show, equally coarse: so a record
 * never tells more than the API itself.
 *
 * @param records - whole, unless open to the caller
 * @throws {ServiceError} INTERNAL when a record that is not open was read in part
 */
export async function discloseMetrics(
  frames: AnalysisFrames,
  records: readonly ReadRecord[],
  principal: Principal,
): Promise<MetricView[]> {
  const views: MetricView[] = [];
  for (const record of records) {
    const { datasetId, origin } = record;
    const role = datasetId === null ? principal.baseRole : principal.role(datasetId);
    const open = origin === "published" || hasRowRights(role);
    // Safe: a column that was not read is behind no field that was asked for (columnsFor).
    if (open) views.push(record as MetricView);
    else {
      requireWhole(record);
      const counts = await findShown(frames, record);
      views.push(counts === undefined ? hidden(record) : coarse(record, counts));
    }
  }
  return views;
}

function requireWhole(record: ReadRecord): asserts record is MetricRow {
  if (allMetricColumns.every((column) => record[column] !== undefined)) return;
  throw new ServiceError("INTERNAL", "Expected a whole record to decide what to show of it, got a part");
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
    ...record,
    value: value(record.value),
    se: value(record.se),
    ciLow: value(record.ciLow),
    ciHigh: value(record.ciHigh),
    ...{ n: null, nPositive, nNegative, nPatients, nLeftOut: null },
  };
}

function hidden(record: MetricRow): MetricView {
  // A threshold is the score of an image; a design effect says how patients differ.
  const { threshold: _, designEffect: __, ...params } = record.params;
  const values = { value: null, se: null, ciLow: null, ciHigh: null };
  const counts = { n: null, nPositive: null, nNegative: null, nPatients: null, nLeftOut: null };
  return { ...record, params, ...values, ...counts, reason: SMALL_CELL, isHidden: true };
}

import { assertMayQuery } from "../access/disclosure.ts";
import type { Principal } from "../access/principal.ts";
import { requireRole } from "../access/require-role.ts";
import type { Database } from "../db/client.ts";
import { withTransaction } from "../db/transaction.ts";
import { type Connection, type PageArgs, readPage, toConnection } from "../graphql/paging.ts";
import type { SelectedFields } from "../graphql/selection.ts";
import type { ServiceDeps } from "../services.ts";
import type { AnalysisRows } from "./analysis-rows.ts";
import { fingerprintOf } from "./fingerprint.ts";
import {
  allMetricColumns,
  countMetrics,
  findMetric,
  insertMetricsOnce,
  listMetrics,
  type MetricSelection,
  type MetricSort,
  type NewMetricRow,
} from "./metric.queries.ts";
import { columnOfOrder, columnsFor } from "./metric-columns.ts";
import { discloseMetrics, type MetricView, type ReadRecord, readsOpenly } from "./metric-disclosure.ts";
import { identityOf, type StratifiedAucService } from "./stratified-auc.service.ts";
import { computeStratifiedAuc, type ExactAucCell, type StratifiedAucRequest } from "./stratified-auc.ts";

/** Records that a request made, or found to be there already. */
export interface RecordedMetrics {
  /** In the order of the cells. */
  readonly records: readonly MetricView[];
  /** How many of them are new. */
  readonly created: number;
}

/** The order of a list whose caller names none: the newest first. */
export const newestFirst: MetricSort = { field: "recorded", direction: "desc", nulls: "last" };

/** Reads and writes metric records. */
export class MetricService {
  readonly #database: Database;
  readonly #aucs: StratifiedAucService;

  constructor({ database }: Pick<ServiceDeps, "database">, aucs: StratifiedAucService) {
    this.#database = database;
    this.#aucs = aucs;
  }

  /** The record with this row id as the caller may see it, or undefined. */
  async find(id: number, principal: Principal): Promise<MetricView | undefined> {
    const record = await findMetric(this.#database.db, id);
    return record && (await discloseMetrics(this.#aucs.frames, [record], principal))[0];
  }

  /**
   * One page of records.
   *
   * @param fields - what will be read of the records: other fields may be absent from them
   * @throws {ServiceError} PAGE_TOO_LARGE, BAD_CURSOR; FORBIDDEN for an order by value without row-level rights
   */
  async page(
    selection: MetricSelection,
    sort: MetricSort,
    args: PageArgs,
    principal: Principal,
    fields: SelectedFields,
  ): Promise<Connection<MetricView>> {
    requireSelection(selection, sort, principal);
    const byId = sort.field === "recorded";
    const request = readPage("metrics", { selection, sort }, args, byId ? 1 : 2);
    const [first = null, second = null] = request.after ?? [];
    const place =
      request.after === undefined
        ? undefined
        : byId
          ? { value: null, id: Number(first) }
          : { value: first === null ? null : Number(first), id: Number(second) };
    const columns = readsOpenly(selection.origin, principal) ? columnsFor(fields, sort) : allMetricColumns;
    const rows = await listMetrics(this.#database.db, selection, sort, request.limit, place, columns);
    const exact = new Map<number, ReadRecord>(byId ? [] : rows.map((row) => [row.id, row]));
    const views = await discloseMetrics(this.#aucs.frames, rows, principal);
    return toConnection(
      request,
      views,
      ({ id }) => (byId ? [id] : [orderValue(exact.get(id), sort), id]),
      () => countMetrics(this.#database.db, selection),
    );
  }

  /**
   * Up to `limit` records of a selection in the order they were recorded, as the caller may see them; one more says
   * that there are more.
   *
   * @throws {ServiceError} FORBIDDEN as page
   */
  async select(selection: MetricSelection, limit: number, principal: Principal): Promise<MetricView[]> {
    const sort: MetricSort = { field: "recorded", direction: "asc", nulls: "last" };
    requireSelection(selection, sort, principal);
    const rows = await listMetrics(
      this.#database.db,
      selection,
      sort,
      limit + 1,
      undefined,
      allMetricColumns,
    );
    return discloseMetrics(this.#aucs.frames, rows, principal);
  }

  /**
   * Computes a stratified AUC and stores every cell, also those without an AUC, with the reason. The same request
   * twice gives the same records: each is known by the fingerprint of everything that decides it. One transaction.
   *
   * @throws {ServiceError} UNAUTHENTICATED, FORBIDDEN for all but stewards of the dataset; otherwise as stratifiedAuc
   */
  async record(
    request: StratifiedAucRequest,
    principal: Principal,
    signal?: AbortSignal,
  ): Promise<RecordedMetrics> {
    const plan = await this.#aucs.frames.columns.plan(request.evaluation);
    requireRole(principal, "steward", plan.evaluation.datasetId);
    const { rows, cells } = await computeStratifiedAuc(this.#aucs.frames, request, signal);
    const wanted = cells.map((cell) => metricRowOf(rows, request, cell));
    const { records, created } = await withTransaction(this.#database, (tx) => insertMetricsOnce(tx, wanted));
    return { records: await discloseMetrics(this.#aucs.frames, records, principal), created };
  }
}

function requireSelection(selection: MetricSelection, { field }: MetricSort, { baseRole }: Principal): void {
  const selectsByValue = field !== "recorded" || selection.hasValue != null || selection.hasInterval != null;
  if (selection.origin !== "published") assertMayQuery(baseRole, { selectsByValue });
}

function orderValue(row: ReadRecord | undefined, { field }: MetricSort): number | null {
  return row?.[columnOfOrder[field]] ?? null;
}

/** A cell as a record. Its fingerprint leaves out what it was asked together with: other classes, the other strata. */
export function metricRowOf(
  { plan }: AnalysisRows,
  request: StratifiedAucRequest,
  cell: ExactAucCell,
): NewMetricRow & { fingerprint: string } {
  const { evaluation } = plan;
  const {
    metric,
    metricVersion,
    interval,
    intervalVersion,
    ci,
    level,
    unit,
    evaluation: of,
    ...rest
  } = identityOf(plan, request);
  const stratum = [...cell.stratum].sort((a, b) => (a.attribute < b.attribute ? -1 : 1));
  return {
    origin: "computed",
    metric: String(metric),
    metricVersion: Number(metricVersion),
    predictionSetId: evaluation.id,
    datasetId: evaluation.datasetId,
    datasetVersionId: evaluation.datasetVersionId,
    modelId: evaluation.modelId,
    modelVersionId: evaluation.modelVersionId,
    className: cell.class,
    stratum,
    params: { ...rest, ...(interval === null ? {} : { interval, intervalVersion }) },
    unit: request.unit,
    value: cell.auc,
    se: cell.se,
    ciLow: cell.ciLow,
    ciHigh: cell.ciHigh,
    ciLevel: cell.ciLow === null ? null : request.level,
    ciMethod: cell.ciLow === null ? null : String(interval),
    n: cell.nPositive + cell.nNegative,
    nPositive: cell.nPositive,
    nNegative: cell.nNegative,
    nPatients: cell.nPatients,
    nLeftOut: cell.nLeftOut,
    reason: cell.reason,
    fingerprint: fingerprintOf({
      ...{ metric, metricVersion, interval, intervalVersion, ci, level: level ?? null, unit, evaluation: of },
      ...rest,
      class: cell.class,
      stratum,
    }),
  };
}

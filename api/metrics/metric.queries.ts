import { and, eq, getTableColumns, inArray, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { datasets } from "../datasets/dataset.table.ts";
import type { Db } from "../db/executor.ts";
import { models } from "../models/model.table.ts";
import { isOfCurrentPublication } from "../publications/publication.queries.ts";
import { publications } from "../publications/publication.table.ts";
import { metricRecords, type StratumLevel } from "./metric.table.ts";

/** A stored number and its whole origin. */
export type MetricRow = typeof metricRecords.$inferSelect;

/** A column of it, by its name here. */
export type MetricColumn = keyof MetricRow;

/** Every column, in the table's order. */
// Safe: the columns of the table are the keys of its rows.
export const allMetricColumns = Object.keys(getTableColumns(metricRecords)) as MetricColumn[];

/** What may be stored of a number. */
export type NewMetricRow = typeof metricRecords.$inferInsert;

/** Which records a list holds; all conditions together, null and undefined are none. */
export interface MetricSelection {
  readonly ids?: readonly number[] | null | undefined;
  readonly origin?: MetricRow["origin"] | null | undefined;
  readonly metric?: string | null | undefined;
  /** Slugs. */
  readonly datasets?: readonly string[] | null | undefined;
  readonly trainDatasets?: readonly string[] | null | undefined;
  readonly models?: readonly string[] | null | undefined;
  readonly publication?: string | null | undefined;
  readonly classes?: readonly string[] | null | undefined;
  readonly experiment?: string | null | undefined;
  readonly experimentGroup?: string | null | undefined;
  /** Beginning of the place in the publication. */
  readonly source?: string | null | undefined;
  readonly sourceKind?: string | null | undefined;
  readonly unit?: string | null | undefined;
  /** Row id. */
  readonly evaluation?: number | null | undefined;
  /** Levels that the stratum holds, others allowed. */
  readonly stratum?: readonly StratumLevel[] | null | undefined;
  /** Attributes that divide, exactly these; empty is the whole set. */
  readonly by?: readonly string[] | null | undefined;
  readonly flag?: string | null | undefined;
  readonly hasValue?: boolean | null | undefined;
  readonly hasInterval?: boolean | null | undefined;
}

/** What a list may be ordered by; the row id decides between equals. */
export const metricOrderColumns = {
  recorded: metricRecords.id,
  value: metricRecords.value,
  se: metricRecords.se,
  n: metricRecords.n,
  n_patients: metricRecords.nPatients,
} as const;
export type MetricOrderField = keyof typeof metricOrderColumns;

/** An order of records. */
export interface MetricSort {
  readonly field: MetricOrderField;
  readonly direction: "asc" | "desc";
  readonly nulls: "first" | "last";
}

/** The place after which a page starts: the order's value and the row id of the record before it. */
export interface MetricPlace {
  readonly value: number | null;
  readonly id: number;
}

/** The record with this row id, or undefined. */
export async function findMetric(db: Db, id: number): Promise<MetricRow | undefined> {
  const [row] = await db.select().from(metricRecords).where(eq(metricRecords.id, id));
  return row;
}

/**
 * Up to `limit` records in order, those after `place`. One statement, by keyset. Written by hand: drizzle takes as
 * long to map a page's columns, one value at a time, as the database to find them.
 *
 * @param columns - what to read of each; the fewer, the faster
 */
export async function listMetrics<Column extends MetricColumn = MetricColumn>(
  db: Db,
  selection: MetricSelection,
  sort: MetricSort,
  limit: number,
  place: MetricPlace | undefined,
  columns: readonly Column[],
): Promise<Pick<MetricRow, Column>[]> {
  const column = metricOrderColumns[sort.field];
  const direction = sort.direction === "asc" ? sql`asc` : sql`desc`;
  const nulls = sort.nulls === "first" ? sql`nulls first` : sql`nulls last`;
  const order =
    sort.field === "recorded"
      ? sql`${column} ${direction}`
      : sql`${column} ${direction} ${nulls}, ${metricRecords.id} ${direction}`;
  const where = and(matching(selection), place === undefined ? undefined : comesAfter(sort, place));
  const { rows } = await db.execute(sql`
    select ${columnList(columns)} from ${metricRecords}
    where ${where ?? sql`true`} order by ${order} limit ${limit}`);
  for (const row of rows) {
    const at = row["recordedAt"];
    if (typeof at === "string") row["recordedAt"] = new Date(at);
  }
  // Safe: the list names exactly these columns, and casts those that node-postgres would give as another type.
  return rows as Pick<MetricRow, Column>[];
}

/** Lists by the names in them: a query's text asks for the same columns each time. */
const columnLists = new Map<string, SQL>();
const MOST_LISTS = 500;

function columnList(columns: readonly MetricColumn[]): SQL {
  const key = columns.join();
  const known = columnLists.get(key);
  if (known !== undefined) return known;
  const table = getTableColumns(metricRecords);
  const named = columns.map((name) => {
    const column = table[name];
    // node-postgres gives bigint as text; identities and counts stay far below 2^53.
    const cast = column.getSQLType() === "bigint" ? "::float8" : "";
    return `metric_record."${column.name}"${cast} as "${name}"`;
  });
  const list = sql.raw(named.join(", "));
  if (columnLists.size >= MOST_LISTS) columnLists.clear();
  columnLists.set(key, list);
  return list;
}

/** How many records a selection holds. */
export async function countMetrics(db: Db, selection: MetricSelection): Promise<number> {
  const [row] = await db
    .select({ count: sql<number>`count(*)::int` })
    .from(metricRecords)
    .where(matching(selection));
  return row?.count ?? 0;
}

function comesAfter({ field, direction, nulls }: MetricSort, { value, id }: MetricPlace): SQL {
  const column = metricOrderColumns[field];
  const beyond = direction === "asc" ? sql`>` : sql`<`;
  const laterId = sql`${metricRecords.id} ${beyond} ${id}`;
  if (field === "recorded") return laterId;
  if (value === null) {
    const nullsBefore = nulls === "first" ? sql` or ${column} is not null` : sql``;
    return sql`((${column} is null and ${laterId})${nullsBefore})`;
  }
  const nullsAfter = nulls === "last" ? sql` or ${column} is null` : sql``;
  return sql`(${column} ${beyond} ${value} or (${column} = ${value} and ${laterId})${nullsAfter})`;
}

function matching(selection: MetricSelection): SQL | undefined {
  const record = metricRecords;
  const { stratum, by, publication, hasValue, hasInterval, flag, source } = selection;
  return and(
    selection.ids == null ? undefined : inArray(record.id, [...selection.ids]),
    equals(record.origin, selection.origin),
    equals(record.metric, selection.metric),
    equals(record.experiment, selection.experiment),
    equals(record.experimentGroup, selection.experimentGroup),
    equals(record.sourceKind, selection.sourceKind),
    equals(record.unit, selection.unit),
    equals(record.predictionSetId, selection.evaluation),
    oneOf(record.className, selection.classes),
    ofSlugs(record.datasetId, datasets, selection.datasets),
    ofSlugs(record.trainDatasetId, datasets, selection.trainDatasets),
    ofSlugs(record.modelId, models, selection.models),
    // The newest version of a publication's data files, so that a corrected one is not counted beside its forerunner;
    // a record asked for by its id is given whatever its version.
    publication == null
      ? selection.ids == null
        ? isOfCurrentPublication
        : undefined
      : sql`${record.publicationId} = (select ${publications.id} from ${publications} where ${publications.slug} = ${publication} order by ${publications.version} desc limit 1)`,
    source == null ? undefined : sql`starts_with(${record.source}, ${source})`,
    flag == null ? undefined : sql`${flag} = any (${record.flags})`,
    hasValue == null ? undefined : sql`(${record.value} is not null) = ${hasValue}`,
    hasInterval == null
      ? undefined
      : sql`(${record.ciLow} is not null and ${record.ciHigh} is not null) = ${hasInterval}`,
    stratum == null || stratum.length === 0
      ? undefined
      : sql`${record.stratum} @> ${JSON.stringify(stratum.map(({ attribute, level }) => ({ attribute, level })))}::jsonb`,
    by == null
      ? undefined
      : sql`array(select level ->> 'attribute' from jsonb_array_elements(${record.stratum}) as level order by 1) = ${textArray([...new Set(by)].sort())}`,
  );
}

function equals(column: PgColumn, value: string | number | null | undefined): SQL | undefined {
  return value == null ? undefined : sql`${column} = ${value}`;
}

function oneOf(column: PgColumn, values: readonly string[] | null | undefined): SQL | undefined {
  return values == null ? undefined : sql`${column} = any (${textArray(values)})`;
}

function ofSlugs(
  column: PgColumn,
  table: typeof datasets | typeof models,
  slugs: readonly string[] | null | undefined,
): SQL | undefined {
  if (slugs == null) return undefined;
  return sql`${column} = any (array(select ${table.id} from ${table} where ${table.slug} = any (${textArray(slugs)})))`;
}

/** One parameter, however many words: statements keep one shape. */
function textArray(words: readonly string[]): SQL {
  return sql`${sql.param([...words])}::text[]`;
}

/**
 * Stores records that are not there yet and gives all of them back in the order given: one statement to insert, one to
 * read. A record whose fingerprint is known stays as it is.
 *
 * @returns the rows, and how many of them are new
 */
export async function insertMetricsOnce(
  tx: Db,
  rows: readonly NewMetricRow[],
): Promise<{ records: MetricRow[]; created: number }> {
  if (rows.length === 0) return { records: [], created: 0 };
  const inserted = await tx.execute(sql`
    insert into ${metricRecords} (
      origin, metric, metric_version, prediction_set_id, dataset_id, dataset_version_id, model_id, model_version_id,
      class_name, stratum, params, unit, value, se, ci_low, ci_high, ci_level, ci_method,
      n, n_positive, n_negative, n_patients, n_left_out, reason, run_id, fingerprint)
    select
      given.origin, given.metric, given.metric_version, given.prediction_set_id, given.dataset_id,
      given.dataset_version_id, given.model_id, given.model_version_id, given.class_name, given.stratum::jsonb,
      given.params::jsonb, given.unit, given.value, given.se, given.ci_low, given.ci_high, given.ci_level,
      given.ci_method, given.n, given.n_positive, given.n_negative, given.n_patients, given.n_left_out, given.reason,
      given.run_id, given.fingerprint
    from unnest(
      ${column(rows, ({ origin }) => origin)}::text[],
      ${column(rows, ({ metric }) => metric)}::text[],
      ${column(rows, ({ metricVersion }) => metricVersion)}::integer[],
      ${column(rows, ({ predictionSetId }) => predictionSetId)}::bigint[],
      ${column(rows, ({ datasetId }) => datasetId)}::bigint[],
      ${column(rows, ({ datasetVersionId }) => datasetVersionId)}::bigint[],
      ${column(rows, ({ modelId }) => modelId)}::bigint[],
      ${column(rows, ({ modelVersionId }) => modelVersionId)}::bigint[],
      ${column(rows, ({ className }) => className)}::text[],
      ${column(rows, ({ stratum }) => JSON.stringify(stratum ?? []))}::text[],
      ${column(rows, ({ params }) => JSON.stringify(params ?? {}))}::text[],
      ${column(rows, ({ unit }) => unit)}::text[],
      ${column(rows, ({ value }) => value)}::double precision[],
      ${column(rows, ({ se }) => se)}::double precision[],
      ${column(rows, ({ ciLow }) => ciLow)}::double precision[],
      ${column(rows, ({ ciHigh }) => ciHigh)}::double precision[],
      ${column(rows, ({ ciLevel }) => ciLevel)}::double precision[],
      ${column(rows, ({ ciMethod }) => ciMethod)}::text[],
      ${column(rows, ({ n }) => n)}::bigint[],
      ${column(rows, ({ nPositive }) => nPositive)}::bigint[],
      ${column(rows, ({ nNegative }) => nNegative)}::bigint[],
      ${column(rows, ({ nPatients }) => nPatients)}::bigint[],
      ${column(rows, ({ nLeftOut }) => nLeftOut)}::bigint[],
      ${column(rows, ({ reason }) => reason)}::text[],
      ${column(rows, ({ runId }) => runId)}::bigint[],
      ${column(rows, ({ fingerprint }) => fingerprint)}::text[]
    ) with ordinality as given (
      origin, metric, metric_version, prediction_set_id, dataset_id, dataset_version_id, model_id, model_version_id,
      class_name, stratum, params, unit, value, se, ci_low, ci_high, ci_level, ci_method,
      n, n_positive, n_negative, n_patients, n_left_out, reason, run_id, fingerprint, place)
    order by given.place
    on conflict (fingerprint) do nothing`);
  const stored = await tx
    .select(getTableColumns(metricRecords))
    .from(metricRecords)
    .where(
      sql`${metricRecords.fingerprint} = any (${textArray(rows.map(({ fingerprint }) => fingerprint))})`,
    );
  const byFingerprint = new Map(stored.map((record) => [record.fingerprint, record]));
  return {
    records: rows.flatMap(({ fingerprint }) => byFingerprint.get(fingerprint) ?? []),
    created: inserted.rowCount ?? 0,
  };
}

function column(
  rows: readonly NewMetricRow[],
  pick: (row: NewMetricRow) => string | number | null | undefined,
): SQL {
  return sql`${sql.param(rows.map((row) => pick(row) ?? null))}`;
}

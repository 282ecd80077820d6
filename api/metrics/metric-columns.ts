import type { SelectedFields } from "../graphql/selection.ts";
import { allMetricColumns, type MetricColumn, type MetricSort } from "./metric.queries.ts";

/** Columns that every page reads: what decides who may see a record, and what its cursor holds. */
export type AlwaysRead = "id" | "origin" | "datasetId";
const alwaysRead: readonly AlwaysRead[] = ["id", "origin", "datasetId"];

/** Columns behind fields of another name. A field that is neither here nor a column reads all of them. */
const behind = new Map<string, readonly MetricColumn[]>([
  ["__typename", []],
  ["class", ["className"]],
  ["status", ["value"]],
  ["dataset", ["datasetId"]],
  ["trainDataset", ["trainDatasetId"]],
  ["evaluation", ["predictionSetId"]],
  ["run", ["runId"]],
  ["model", ["modelId"]],
  ["publication", ["publicationId"]],
]);

/** The column that gives the value of an order. */
export const columnOfOrder = {
  recorded: "id",
  value: "value",
  se: "se",
  n: "n",
  n_patients: "nPatients",
} as const satisfies Record<MetricSort["field"], MetricColumn>;

/** The columns that records need for these fields in this order, in the table's order. */
export function columnsFor(fields: SelectedFields, { field }: MetricSort): readonly MetricColumn[] {
  const wanted = new Set<string>([...alwaysRead, columnOfOrder[field]]);
  for (const name of fields) {
    const columns = behind.get(name) ?? [name];
    if (columns.some((column) => !known.has(column))) return allMetricColumns;
    for (const column of columns) wanted.add(column);
  }
  return allMetricColumns.filter((column) => wanted.has(column));
}

const known: ReadonlySet<string> = new Set(allMetricColumns);

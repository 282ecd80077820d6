import DataLoader from "dataloader";
import type { DatasetRecord } from "./datasets/dataset.queries.ts";
import type { EvaluationRecord } from "./predictions/evaluation.queries.ts";
import type { Services } from "./services.ts";

/** Look-ups by row id, one statement for all that a request asks in one tick. A new noun adds its line. */
export interface Loaders {
  readonly dataset: DataLoader<number, DatasetRecord>;
  readonly evaluation: DataLoader<number, EvaluationRecord>;
}

/** Fresh loaders for one request, so that nothing is remembered across requests. */
export function createLoaders(services: Services): Loaders {
  return {
    dataset: byId((ids) => services.datasets.byIds(ids)),
    evaluation: byId((ids) => services.evaluations.byIds(ids)),
  };
}

/**
 * A loader of rows that must exist (foreign keys say so).
 *
 * @param fetch - rows with these ids, in any order
 */
export function byId<Row extends { readonly id: number }>(
  fetch: (ids: readonly number[]) => Promise<readonly Row[]>,
): DataLoader<number, Row> {
  return new DataLoader(async (ids) => {
    const rows = new Map((await fetch(ids)).map((row) => [row.id, row] as const));
    return ids.map((id) => rows.get(id) ?? new Error(`Expected a row that a foreign key names, got none`));
  });
}

/**
 * A loader of the rows that belong to one parent: an empty list where there are none.
 *
 * @param fetch - rows of these parents, in the order they are to have
 * @param parentOf - the parent's id of a row
 */
export function byParent<Row>(
  fetch: (parents: readonly number[]) => Promise<readonly Row[]>,
  parentOf: (row: Row) => number,
): DataLoader<number, readonly Row[]> {
  return new DataLoader(async (parents) => {
    const groups = new Map<number, Row[]>(parents.map((parent) => [parent, []]));
    for (const row of await fetch(parents)) groups.get(parentOf(row))?.push(row);
    return parents.map((parent) => groups.get(parent) ?? []);
  });
}

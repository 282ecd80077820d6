import { and, asc, count, eq, gt, inArray, type SQL } from "drizzle-orm";
import type { Db } from "../db/client.ts";
import { datasets } from "./dataset.table.ts";

/** A dataset's row. */
export type DatasetRecord = typeof datasets.$inferSelect;

/** Which datasets a list holds; all conditions together. */
export interface DatasetSelection {
  readonly origin?: DatasetRecord["origin"] | null;
  readonly access?: DatasetRecord["access"] | null;
  readonly modality?: string | null;
  readonly bodyPart?: string | null;
  readonly slugs?: readonly string[] | null;
}

/** The dataset with this slug, or undefined. */
export async function findDatasetBySlug(db: Db, slug: string): Promise<DatasetRecord | undefined> {
  const [row] = await db.select().from(datasets).where(eq(datasets.slug, slug));
  return row;
}

/** The datasets with these row ids, in no particular order. */
export async function datasetsByIds(db: Db, ids: readonly number[]): Promise<readonly DatasetRecord[]> {
  return db
    .select()
    .from(datasets)
    .where(inArray(datasets.id, [...ids]));
}

/** Up to `limit` datasets in order of slug, those after `afterSlug`. */
export async function listDatasets(
  db: Db,
  selection: DatasetSelection,
  limit: number,
  afterSlug: string | undefined,
): Promise<readonly DatasetRecord[]> {
  const after = afterSlug === undefined ? undefined : gt(datasets.slug, afterSlug);
  return db
    .select()
    .from(datasets)
    .where(and(matching(selection), after))
    .orderBy(asc(datasets.slug))
    .limit(limit);
}

/** How many datasets a selection holds. */
export async function countDatasets(db: Db, selection: DatasetSelection): Promise<number> {
  const [row] = await db.select({ total: count() }).from(datasets).where(matching(selection));
  return row?.total ?? 0;
}

function matching({ origin, access, modality, bodyPart, slugs }: DatasetSelection): SQL | undefined {
  return and(
    origin == null ? undefined : eq(datasets.origin, origin),
    access == null ? undefined : eq(datasets.access, access),
    modality == null ? undefined : eq(datasets.modality, modality),
    bodyPart == null ? undefined : eq(datasets.bodyPart, bodyPart),
    slugs == null ? undefined : inArray(datasets.slug, [...slugs]),
  );
}

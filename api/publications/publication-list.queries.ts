import { and, asc, count, desc, eq, gt, inArray, sql } from "drizzle-orm";
import type { Db } from "../db/executor.ts";
import { discrepancies, publications } from "./publication.table.ts";

/** A publication's row: one version of its data files. */
export type PublicationRecord = typeof publications.$inferSelect;

/** A discrepancy's row. */
export type DiscrepancyRecord = typeof discrepancies.$inferSelect;

const newest = sql`${publications.version} = (select max(version) from publication as other where other.slug = ${publications.slug})`;

/** The newest version of the publication with this slug, or undefined. */
export async function findPublicationBySlug(db: Db, slug: string): Promise<PublicationRecord | undefined> {
  const [row] = await db
    .select()
    .from(publications)
    .where(eq(publications.slug, slug))
    .orderBy(desc(publications.version))
    .limit(1);
  return row;
}

/** The publications with these row ids, in no particular order. */
export async function publicationsByIds(
  db: Db,
  ids: readonly number[],
): Promise<readonly PublicationRecord[]> {
  return db
    .select()
    .from(publications)
    .where(inArray(publications.id, [...ids]));
}

/** Up to `limit` publications in their newest versions, in order of slug, those after `afterSlug`. */
export async function listPublications(
  db: Db,
  limit: number,
  afterSlug: string | undefined,
): Promise<readonly PublicationRecord[]> {
  const after = afterSlug === undefined ? undefined : gt(publications.slug, afterSlug);
  return db
    .select()
    .from(publications)
    .where(and(newest, after))
    .orderBy(asc(publications.slug))
    .limit(limit);
}

/** How many publications there are, versions of one counted once. */
export async function countPublications(db: Db): Promise<number> {
  const [row] = await db.select({ total: count() }).from(publications).where(newest);
  return row?.total ?? 0;
}

/** Discrepancies of these publications in order of their number. */
export async function discrepanciesOf(
  db: Db,
  publicationIds: readonly number[],
): Promise<readonly DiscrepancyRecord[]> {
  return db
    .select()
    .from(discrepancies)
    .where(inArray(discrepancies.publicationId, [...publicationIds]))
    .orderBy(asc(discrepancies.number));
}

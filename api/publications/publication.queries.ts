import { and, asc, eq, inArray, max, type SQL, sql } from "drizzle-orm";
import type { RaceMapping } from "../../compute/index.ts";
import { categoryMappingEntries, categoryMappings } from "../datasets/category-mapping.table.ts";
import { datasets } from "../datasets/dataset.table.ts";
import type { Db } from "../db/executor.ts";
import { metricRecords } from "../metrics/metric.table.ts";
import { models } from "../models/model.table.ts";
import { discrepancies, publications } from "./publication.table.ts";

/** Rows of one statement: PostgreSQL takes at most 65,535 parameters. */
const ROWS_A_STATEMENT = 500;

/**
 * True for computed records and for those of the newest version of their publication. Earlier versions stay in the
 * table; without this condition a number that was loaded in two versions would be counted twice.
 */
export const isOfCurrentPublication: SQL = sql`(${metricRecords.publicationId} is null or ${metricRecords.publicationId} in (
  select distinct on (slug) id from publication order by slug, version desc))`;

/** The version of a publication with exactly this content, if it is loaded. */
export async function findPublicationVersion(
  db: Db,
  slug: string,
  contentSha256: string,
): Promise<typeof publications.$inferSelect | undefined> {
  const [found] = await db
    .select()
    .from(publications)
    .where(and(eq(publications.slug, slug), eq(publications.contentSha256, contentSha256)));
  return found;
}

/** The highest version of a publication; 0 when there is none. */
export async function latestPublicationVersion(db: Db, slug: string): Promise<number> {
  const [found] = await db
    .select({ version: max(publications.version) })
    .from(publications)
    .where(eq(publications.slug, slug));
  return found?.version ?? 0;
}

/** Stores a version of a publication and returns its id. */
export async function insertPublication(db: Db, row: typeof publications.$inferInsert): Promise<number> {
  const [stored] = await db.insert(publications).values(row).returning({ id: publications.id });
  // safe: one row in, one row back
  return stored!.id;
}

/** Waits until no other process loads publications; the lock ends with the transaction. */
export async function lockPublications(db: Db): Promise<void> {
  await db.execute(sql`select pg_advisory_xact_lock(hashtext('stratum:publications'))`);
}

/**
 * Adds datasets that are known from a publication only, or brings what is printed about them up to date; a dataset
 * that was imported under the same slug is left alone. Returns every id by slug.
 */
export async function savePublishedDatasets(
  db: Db,
  rows: readonly (typeof datasets.$inferInsert)[],
): Promise<ReadonlyMap<string, number>> {
  await db
    .insert(datasets)
    .values([...rows])
    .onConflictDoUpdate({
      target: datasets.slug,
      set: {
        title: sql`excluded.title`,
        description: sql`excluded.description`,
        modality: sql`excluded.modality`,
        bodyPart: sql`excluded.body_part`,
        access: sql`excluded.access`,
        printedFacts: sql`excluded.printed_facts`,
      },
      setWhere: eq(datasets.origin, "published"),
    });
  const slugs = rows.map(({ slug }) => slug);
  const stored = await db
    .select({ slug: datasets.slug, id: datasets.id })
    .from(datasets)
    .where(inArray(datasets.slug, slugs));
  return new Map(stored.map(({ slug, id }) => [slug, id]));
}

/** As `savePublishedDatasets`, for models. */
export async function savePublishedModels(
  db: Db,
  rows: readonly (typeof models.$inferInsert)[],
): Promise<ReadonlyMap<string, number>> {
  await db
    .insert(models)
    .values([...rows])
    .onConflictDoUpdate({
      target: models.slug,
      set: {
        title: sql`excluded.title`,
        description: sql`excluded.description`,
        architecture: sql`excluded.architecture`,
      },
      setWhere: eq(models.origin, "published"),
    });
  const slugs = rows.map(({ slug }) => slug);
  const stored = await db
    .select({ slug: models.slug, id: models.id })
    .from(models)
    .where(inArray(models.slug, slugs));
  return new Map(stored.map(({ slug, id }) => [slug, id]));
}

/** Stores published metric records; one that is stored already is left alone. Returns how many are new. */
export async function insertPublishedMetrics(
  db: Db,
  rows: readonly (typeof metricRecords.$inferInsert)[],
): Promise<number> {
  let stored = 0;
  for (let start = 0; start < rows.length; start += ROWS_A_STATEMENT) {
    const added = await db
      .insert(metricRecords)
      .values(rows.slice(start, start + ROWS_A_STATEMENT))
      .onConflictDoNothing({ target: metricRecords.fingerprint })
      .returning({ id: metricRecords.id });
    stored += added.length;
  }
  return stored;
}

/** Stores the discrepancies of a publication's version. */
export async function insertDiscrepancies(
  db: Db,
  rows: readonly (typeof discrepancies.$inferInsert)[],
): Promise<void> {
  if (rows.length > 0) await db.insert(discrepancies).values([...rows]);
}

/** The entries of a mapping's version, recorded value to category (null: left out); undefined when it is not stored. */
export async function findMappingEntries(
  db: Db,
  slug: string,
  version: number,
): Promise<ReadonlyMap<string, string | null> | undefined> {
  const rows = await db
    .select({ recorded: categoryMappingEntries.recorded, category: categoryMappingEntries.category })
    .from(categoryMappings)
    .innerJoin(categoryMappingEntries, eq(categoryMappingEntries.mappingId, categoryMappings.id))
    .where(and(eq(categoryMappings.slug, slug), eq(categoryMappings.version, version)))
    .orderBy(asc(categoryMappingEntries.id));
  return rows.length === 0 ? undefined : new Map(rows.map(({ recorded, category }) => [recorded, category]));
}

/** Stores a version of a mapping with its entries; `excluded` becomes a null category. */
export async function insertMapping(db: Db, mapping: RaceMapping, source: string): Promise<void> {
  const { slug, version, attribute, description, unlisted, rules, entries } = mapping;
  const [stored] = await db
    .insert(categoryMappings)
    .values({ slug, version, attribute, description, source, unlisted, rules })
    .returning({ id: categoryMappings.id });
  // safe: one row in, one row back
  const mappingId = stored!.id;
  await db.insert(categoryMappingEntries).values(
    entries.map(({ recorded, category }) => ({
      mappingId,
      recorded,
      category: category === "excluded" ? null : category,
    })),
  );
}

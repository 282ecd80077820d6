import { and, asc, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { Db } from "../db/executor.ts";
import type { MetricRow } from "../metrics/metric.queries.ts";
import { metricRecords } from "../metrics/metric.table.ts";
import { predictionSets } from "../predictions/prediction.table.ts";
import { isOfCurrentPublication } from "../publications/publication.queries.ts";
import { publications } from "../publications/publication.table.ts";
import { experiments } from "./experiment.table.ts";

/** An experiment's row. */
export type ExperimentRecord = typeof experiments.$inferSelect;

/** A computed record and what was done to the images it is of. */
export interface ComputedRecord {
  readonly record: MetricRow;
  readonly transforms: readonly unknown[];
}

/** Every experiment in the order of the protocols: that of the study's Table 2. */
export async function listExperiments(db: Db): Promise<readonly ExperimentRecord[]> {
  return db.select().from(experiments).orderBy(asc(experiments.id)).limit(1_000);
}

/** Experiments of these publications in their order. */
export async function experimentsOf(
  db: Db,
  publicationIds: readonly number[],
): Promise<readonly ExperimentRecord[]> {
  return db
    .select()
    .from(experiments)
    .where(inArray(experiments.publicationId, [...publicationIds]))
    .orderBy(asc(experiments.id));
}

/** Stores experiments, or brings those that are there up to date: their slugs outlast versions of their protocols. */
export async function saveExperiments(
  db: Db,
  rows: readonly (typeof experiments.$inferInsert)[],
): Promise<void> {
  if (rows.length === 0) return;
  await db
    .insert(experiments)
    .values([...rows])
    .onConflictDoUpdate({
      target: experiments.slug,
      set: {
        title: sql`excluded.title`,
        group: sql`excluded.experiment_group`,
        protocol: sql`excluded.protocol`,
        publicationId: sql`excluded.publication_id`,
      },
      setWhere: sql`(experiment.title, experiment.experiment_group, experiment.protocol, experiment.publication_id) is distinct from (excluded.title, excluded.experiment_group, excluded.protocol, excluded.publication_id)`,
    });
}

/** The newest version of every publication, by slug. */
export async function newestPublications(db: Db): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectDistinctOn([publications.slug], { slug: publications.slug, id: publications.id })
    .from(publications)
    .orderBy(asc(publications.slug), sql`${publications.version} desc`);
  return new Map(rows.map(({ slug, id }) => [slug, id]));
}

/** Names of experiments in one publication's data files. */
export interface PublishedNames {
  readonly publication: string;
  readonly experiments: readonly string[];
}

/**
 * The numbers that publications print under these names, in the order of their keys.
 *
 * @param source - only from places that begin so, such as `Table 2`; undefined for all.
 */
export async function publishedRecords(
  db: Db,
  names: readonly PublishedNames[],
  source: string | undefined,
): Promise<readonly MetricRow[]> {
  if (names.length === 0) return [];
  const named = names.map(
    ({ publication, experiments: titles }): SQL =>
      sql`(${metricRecords.publicationId} in (select id from publication where slug = ${publication}) and ${metricRecords.experiment} = any (${sql.param([...titles])}::text[]))`,
  );
  return db
    .select()
    .from(metricRecords)
    .where(
      and(
        eq(metricRecords.origin, "published"),
        isOfCurrentPublication,
        sql`(${sql.join(named, sql` or `)})`,
        source === undefined ? undefined : sql`starts_with(${metricRecords.source}, ${source})`,
      ),
    )
    .orderBy(asc(metricRecords.publicationKey), asc(metricRecords.id))
    .limit(1_000);
}

/** Computed records of these models on these datasets with what their images went through, the newest first. */
export async function computedRecords(
  db: Db,
  models: readonly number[],
  datasets: readonly number[],
  metrics: readonly string[],
): Promise<readonly ComputedRecord[]> {
  if (models.length === 0 || datasets.length === 0) return [];
  return db
    .select({ record: metricRecords, transforms: predictionSets.transformChain })
    .from(metricRecords)
    .innerJoin(predictionSets, eq(predictionSets.id, metricRecords.predictionSetId))
    .where(
      and(
        eq(metricRecords.origin, "computed"),
        inArray(metricRecords.modelId, [...models]),
        inArray(metricRecords.datasetId, [...datasets]),
        inArray(metricRecords.metric, [...metrics]),
      ),
    )
    .orderBy(sql`${metricRecords.id} desc`)
    .limit(5_000);
}

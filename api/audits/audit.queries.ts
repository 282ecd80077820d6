import { and, asc, eq, getTableColumns, inArray, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { datasets } from "../datasets/dataset.table.ts";
import type { Db } from "../db/client.ts";
import { type MetricRow } from "../metrics/metric.queries.ts";
import { metricRecords } from "../metrics/metric.table.ts";
import { models, modelVersions } from "../models/model.table.ts";
import { isOfCurrentPublication } from "../publications/publication.queries.ts";
import { publications } from "../publications/publication.table.ts";
import { runEvents, runParts, runs } from "../runs/run.table.ts";

/** The models that these trainings made. */
export async function trainedVersionsOf(
  db: Db,
  runIds: readonly number[],
): Promise<readonly { readonly runId: number; readonly slug: string; readonly version: number }[]> {
  const rows = await db
    .select({ runId: modelVersions.trainedByRunId, slug: models.slug, version: modelVersions.version })
    .from(modelVersions)
    .innerJoin(models, eq(models.id, modelVersions.modelId))
    .where(inArray(modelVersions.trainedByRunId, [...runIds]));
  return rows.map(({ runId, ...rest }) => ({ runId: runId ?? 0, ...rest }));
}

/** How often a run was asked for: 1, and 1 for each time it was queued again after it had failed or been cancelled. */
export async function timesQueued(db: Db, runId: number): Promise<number> {
  const [row] = await db
    .select({ count: sql<number>`count(*)::int` })
    .from(runEvents)
    .where(and(eq(runEvents.runId, runId), eq(runEvents.kind, "queued")));
  return row?.count ?? 0;
}

/** What a run has stored of its work so far, in order. */
export function partsOfRun(
  db: Db,
  runId: number,
): Promise<readonly { readonly part: number; readonly payload: Buffer }[]> {
  return db
    .select({ part: runParts.part, payload: runParts.payload })
    .from(runParts)
    .where(eq(runParts.runId, runId))
    .orderBy(asc(runParts.part));
}

/** The records with these fingerprints, in no particular order. */
export async function metricsByFingerprint(
  db: Db,
  fingerprints: readonly string[],
): Promise<readonly MetricRow[]> {
  return db
    .select()
    .from(metricRecords)
    .where(sql`${metricRecords.fingerprint} = any (${sql.param([...fingerprints])}::text[])`);
}

/** Seconds and images of the newest runs of a kind that told them, for estimates. */
export async function newestSpeeds(
  db: Db,
  kind: "training" | "evaluation",
  limit: number,
): Promise<
  readonly { readonly seconds: number; readonly summary: Readonly<Record<string, unknown>> | null }[]
> {
  return db
    .select({
      seconds: sql<number>`extract(epoch from ${runs.finishedAt} - ${runs.startedAt})::float8`,
      summary: runs.summary,
    })
    .from(runs)
    .where(and(eq(runs.kind, kind), eq(runs.state, "succeeded")))
    .orderBy(sql`${runs.id} desc`)
    .limit(limit);
}

/** Published records of these experiments, in the order of their publications' files, with the datasets they are about. */
export async function publishedOf(db: Db, experiments: readonly string[]) {
  const [test, train] = [alias(datasets, "test_dataset"), alias(datasets, "train_dataset")];
  return db
    .select({
      ...getTableColumns(metricRecords),
      publication: publications.slug,
      test: test.slug,
      train: train.slug,
    })
    .from(metricRecords)
    .innerJoin(publications, eq(publications.id, metricRecords.publicationId))
    .leftJoin(test, eq(test.id, metricRecords.datasetId))
    .leftJoin(train, eq(train.id, metricRecords.trainDatasetId))
    .where(and(isOfCurrentPublication, inArray(metricRecords.experiment, [...experiments])))
    .orderBy(asc(metricRecords.id));
}

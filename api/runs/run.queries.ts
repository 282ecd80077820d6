import { and, asc, eq, gt, inArray } from "drizzle-orm";
import { datasetVersions } from "../datasets/dataset.table.ts";
import type { Db } from "../db/client.ts";
import { predictionSets } from "../predictions/prediction.table.ts";
import { runEvents, runs } from "./run.table.ts";

/** A run's row. */
export type RunRecord = typeof runs.$inferSelect;

/** A run event's row. */
export type RunEventRecord = typeof runEvents.$inferSelect;

/** The runs with these row ids, in no particular order. */
export async function runsByIds(db: Db, ids: readonly number[]): Promise<readonly RunRecord[]> {
  return db
    .select()
    .from(runs)
    .where(inArray(runs.id, [...ids]));
}

/** Up to `limit` events of a run with a higher sequence number than `after`, in order. */
export async function listRunEvents(
  db: Db,
  runId: number,
  after: number,
  limit: number,
): Promise<readonly RunEventRecord[]> {
  return db
    .select()
    .from(runEvents)
    .where(and(eq(runEvents.runId, runId), gt(runEvents.sequence, after)))
    .orderBy(asc(runEvents.sequence))
    .limit(limit);
}

/** Row ids of the datasets whose evaluations these runs made. */
export async function datasetsOfRuns(
  db: Db,
  runIds: readonly number[],
): Promise<readonly { readonly runId: number; readonly datasetId: number }[]> {
  return db
    .selectDistinct({ runId: predictionSets.runId, datasetId: datasetVersions.datasetId })
    .from(predictionSets)
    .innerJoin(datasetVersions, eq(datasetVersions.id, predictionSets.datasetVersionId))
    .where(inArray(predictionSets.runId, [...runIds]));
}

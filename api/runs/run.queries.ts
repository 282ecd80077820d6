import { and, asc, count, desc, eq, gt, inArray, lt, type SQL, sql } from "drizzle-orm";
import { datasets, datasetVersions } from "../datasets/dataset.table.ts";
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

/** The run with this fingerprint, or undefined. */
export async function findRunByFingerprint(db: Db, fingerprint: string): Promise<RunRecord | undefined> {
  const [run] = await db.select().from(runs).where(eq(runs.fingerprint, fingerprint));
  return run;
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

/** Which runs a list holds; all conditions together. */
export interface RunSelection {
  readonly kind?: RunRecord["kind"] | null | undefined;
  readonly states?: readonly RunRecord["state"][] | null | undefined;
  /** Slug. */
  readonly dataset?: string | null | undefined;
}

/** Up to `limit` runs, the newest first, those below row id `before`. */
export async function listRuns(
  db: Db,
  selection: RunSelection,
  limit: number,
  before: number | undefined,
): Promise<readonly RunRecord[]> {
  return db
    .select()
    .from(runs)
    .where(and(matching(selection), before === undefined ? undefined : lt(runs.id, before)))
    .orderBy(desc(runs.id))
    .limit(limit);
}

/** How many runs a selection holds. */
export async function countRuns(db: Db, selection: RunSelection): Promise<number> {
  const [row] = await db.select({ total: count() }).from(runs).where(matching(selection));
  return row?.total ?? 0;
}

function matching({ kind, states, dataset }: RunSelection): SQL | undefined {
  return and(
    kind == null ? undefined : eq(runs.kind, kind),
    states == null ? undefined : inArray(runs.state, [...states]),
    dataset == null
      ? undefined
      : sql`${runs.datasetId} = (select ${datasets.id} from ${datasets} where ${datasets.slug} = ${dataset})`,
  );
}

/** Row ids of the datasets that these runs are about, or whose evaluations they made. */
export async function datasetsOfRuns(
  db: Db,
  runIds: readonly number[],
): Promise<readonly { readonly runId: number; readonly datasetId: number }[]> {
  const made = db
    .select({ runId: predictionSets.runId, datasetId: datasetVersions.datasetId })
    .from(predictionSets)
    .innerJoin(datasetVersions, eq(datasetVersions.id, predictionSets.datasetVersionId))
    .where(inArray(predictionSets.runId, [...runIds]));
  const about = db
    .select({ runId: runs.id, datasetId: sql<number>`${runs.datasetId}`.mapWith(Number) })
    .from(runs)
    .where(and(inArray(runs.id, [...runIds]), sql`${runs.datasetId} is not null`));
  return made.union(about);
}

/** The evaluations that these runs made, by row id. */
export async function evaluationsOfRuns(
  db: Db,
  runIds: readonly number[],
): Promise<readonly { readonly runId: number; readonly id: number }[]> {
  return db
    .select({ runId: predictionSets.runId, id: predictionSets.id })
    .from(predictionSets)
    .where(inArray(predictionSets.runId, [...runIds]));
}

/** The newest progress event of each of these runs; those without any are missing. */
export async function progressOfRuns(
  db: Db,
  runIds: readonly number[],
): Promise<readonly { readonly runId: number; readonly payload: RunEventRecord["payload"] }[]> {
  const { rows } = await db.execute<{ run_id: string; payload: RunEventRecord["payload"] }>(sql`
    select run.id as run_id, event.payload from unnest(${sql.param([...runIds])}::bigint[]) as run (id)
    cross join lateral (
      select payload from run_event where run_id = run.id and kind = 'progress' order by sequence desc limit 1
    ) as event`);
  return rows.map(({ run_id, payload }) => ({ runId: Number(run_id), payload }));
}

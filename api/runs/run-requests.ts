import type { Database, Db } from "../db/client.ts";
import { withTransaction } from "../db/transaction.ts";
import { ServiceError } from "../errors.ts";
import type { RunRecord } from "./run.queries.ts";
import { appendEvent } from "./run-events.ts";
import {
  addJob,
  cancel,
  insertRunOnce,
  lockRun,
  type NewRun,
  removeJob,
  requestCancel,
  requeueEnded,
} from "./run-queue.queries.ts";

/** A run that was asked for. */
export interface RequestedRun {
  readonly run: RunRecord;
  /** Whether the run is new. */
  readonly created: boolean;
  /** Whether this request put it into the queue: a new one, or one that had ended without results. */
  readonly queued: boolean;
}

/**
 * Asks for a run. The same request again is the same run: returned as it is while it waits, runs or has succeeded, queued
 * anew when it failed or was cancelled. The run and its job come in one transaction.
 *
 * @throws {ServiceError} as withTransaction
 */
export function requestRun(database: Pick<Database, "pool">, run: NewRun): Promise<RequestedRun> {
  return withTransaction(database, async (tx) => {
    const stored = await insertRunOnce(tx, run);
    if (stored.created) {
      await appendEvent(tx, stored.run.id, "queued");
      await addJob(tx, stored.run.id);
      return { ...stored, queued: true };
    }
    const queued = hasEndedEmpty(stored.run);
    return { run: queued ? await queueAgain(tx, stored.run) : stored.run, created: false, queued };
  });
}

/**
 * Stops a run: at once while it waits, within a second or two while it runs; one that ended stays as it is.
 *
 * @throws {ServiceError} NOT_FOUND; as withTransaction
 */
export function cancelRun(database: Pick<Database, "pool">, id: number): Promise<RunRecord> {
  return withTransaction(database, async (tx) => {
    const run = await requireRun(tx, id);
    if (run.state === "queued") {
      await cancel(tx, id);
      await removeJob(tx, id);
    } else if (run.state === "running") {
      await requestCancel(tx, id);
    }
    return requireRun(tx, id);
  });
}

/**
 * Queues a run that failed or was cancelled once more; any other stays as it is. What it had worked out counts.
 *
 * @throws {ServiceError} NOT_FOUND; as withTransaction
 */
export function retryRun(database: Pick<Database, "pool">, id: number): Promise<RunRecord> {
  return withTransaction(database, async (tx) => {
    const run = await requireRun(tx, id);
    return hasEndedEmpty(run) ? queueAgain(tx, run) : run;
  });
}

function hasEndedEmpty({ state }: RunRecord): boolean {
  return state === "failed" || state === "cancelled";
}

function queueAgain(tx: Db, run: RunRecord): Promise<RunRecord> {
  return requeueEnded(tx, run.id, { after: run.state });
}

async function requireRun(tx: Db, id: number): Promise<RunRecord> {
  const run = await lockRun(tx, id);
  if (run === undefined)
    throw new ServiceError("NOT_FOUND", "Expected the id of a run, got one that is not here");
  return run;
}

import type { Logger } from "pino";
import type { Database } from "../db/client.ts";
import { withTransaction } from "../db/transaction.ts";
import {
  addMissingJobs,
  buryWorkers,
  cancel,
  fail,
  lockExpired,
  requeue,
  unlockJobs,
} from "./run-queue.queries.ts";

/** Lost workers in a row without progress after which a run is given up. High: most die of something else. */
export const MOST_LOSSES = 10;

/** What a reaper works on. */
export interface ReaperDeps {
  readonly database: Pick<Database, "pool">;
  readonly log: Logger;
}

/**
 * Gives runs of workers that fell silent back to the queue, and sets their jobs free. Every worker does so; each run is
 * locked while it is looked at, so several at once do no harm.
 *
 * @throws {ServiceError} as withTransaction
 */
export async function reap({ database, log }: ReaperDeps, leaseMs: number): Promise<void> {
  for (;;) {
    const reaped = await withTransaction(database, async (tx) => {
      const run = await lockExpired(tx);
      if (run === undefined) return undefined;
      const losses = run.losses + 1;
      if (run.cancelRequestedAt !== null) {
        await cancel(tx, run.id);
      } else if (losses >= MOST_LOSSES) {
        await fail(tx, run.id, "WORKER_LOST", `${losses} workers vanished with it without any progress`);
      } else {
        await requeue(tx, run.id, { losses }, { code: "WORKER_LOST", attempt: run.attempt });
      }
      return { run: run.id, attempt: run.attempt, losses };
    });
    if (reaped === undefined) break;
    log.warn({ ...reaped, code: "WORKER_LOST" }, "a worker fell silent; its run was taken from it");
  }
  await withTransaction(database, async (tx) => {
    const dead = await buryWorkers(tx, leaseMs);
    await unlockJobs(tx, dead);
    const missing = await addMissingJobs(tx);
    if (missing.length > 0) log.warn({ runs: missing }, "queued runs had no job");
  });
}

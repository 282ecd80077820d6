import { sql } from "drizzle-orm";
import type { Db } from "../db/client.ts";

/** Channel on which the database says that something happened in a run; the payload is the run's row id. */
export const RUN_CHANNEL = "stratum_run";

/** What may happen in a run, as `kind` of its events. */
export const runEventKinds = {
  queued: "It waits for a worker: asked for, or asked for again.",
  started: "A worker began an attempt; again with the device, once what computes has said what it runs on.",
  progress:
    "How far it is: {done, total, perSecond, secondsLeft}, and of a training its {epoch, loss} or {phase} before the first step; at most one a second.",
  resumed:
    "A training goes on from a checkpoint: {epoch, step, damaged}, damaged counting newer ones that were passed over.",
  epoch:
    "A training finished an epoch: {epoch, epochs, step, learningRate, trainingLoss, validationLoss, validationAuc, best, seconds}.",
  checkpoint: "A training can go on from here, whatever happens: {epoch, step}.",
  problem: "Something was left out: {code, count} and the first places.",
  requeued: "The attempt ended without a result and another will follow: {code, message, attempt}.",
  finished: "Its results are stored.",
  failed: "It ended without results: {code, message}.",
  cancelled: "It was stopped by request.",
} as const;
export type RunEventKind = keyof typeof runEventKinds;

/** The kinds after which nothing follows, unless somebody asks for the run again. */
export const finalEventKinds: readonly RunEventKind[] = ["finished", "failed", "cancelled"];

/** What is known of an event, without patients' data. */
export type EventPayload = Readonly<Record<string, unknown>>;

/**
 * Adds an event to a run, with the next number, and wakes those who watch it once the transaction is committed. The
 * caller holds the run's row (`for update`), so that numbers have no gaps and become visible in order.
 */
export async function appendEvent(
  tx: Db,
  runId: number,
  kind: RunEventKind,
  payload: EventPayload = {},
): Promise<void> {
  await tx.execute(sql`
    with added as (
      insert into run_event (run_id, sequence, kind, payload)
      select ${runId}::bigint, coalesce(max(sequence), 0) + 1, ${kind}, ${JSON.stringify(payload)}::jsonb
      from run_event where run_id = ${runId}
      returning run_id
    )
    select pg_notify(${RUN_CHANNEL}, run_id::text) from added`);
}

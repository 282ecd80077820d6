import { and, eq, gt, inArray, type SQL, sql } from "drizzle-orm";
import type { Db } from "../db/client.ts";
import type { RunRecord } from "./run.queries.ts";
import { runParts, runs } from "./run.table.ts";
import { appendEvent, type EventPayload, type RunEventKind } from "./run-events.ts";
import { workers } from "./worker.table.ts";

/** The one task of the queue; its payload is `{"runId": n}`. */
export const RUN_TASK = "stratum_run";

/** Channel on which workers hear that a run is to be cancelled; the payload is the run's row id. */
export const CANCEL_CHANNEL = "stratum_cancel";

/** One attempt of a run at the hands of one worker: the fence that every write of it has to pass. */
export interface Fence {
  readonly runId: number;
  readonly attempt: number;
  readonly workerId: string;
}

/** What a new run is, beside what the queue adds. */
export type NewRun = Omit<typeof runs.$inferInsert, "state" | "attempt" | "workerId" | "leaseUntil">;

// By the clock: inside a transaction `now()` stands still.
const clock = sql`clock_timestamp()`;
const inMs = (milliseconds: number): SQL => sql`make_interval(secs => ${milliseconds}::float8 / 1000)`;

/** Puts the run's job into the queue, to be taken after `delayMs`; in place of the one that waits, if there is one. */
export async function addJob(tx: Db, runId: number, delayMs = 0): Promise<void> {
  await tx.execute(sql`
    select from graphile_worker.add_job(${RUN_TASK}, json_build_object('runId', ${runId}::bigint),
      run_at => ${clock} + ${inMs(delayMs)}, job_key => ${jobKey(runId)})`);
}

/** Takes the run's job out of the queue, if it waits there. */
export async function removeJob(tx: Db, runId: number): Promise<void> {
  await tx.execute(sql`select from graphile_worker.remove_job(${jobKey(runId)})`);
}

function jobKey(runId: number): string {
  return `run:${runId}`;
}

/** Stores the run unless there is one with its fingerprint; the row is locked until the transaction ends. */
export async function insertRunOnce(
  tx: Db,
  run: NewRun,
): Promise<{ readonly run: RunRecord; readonly created: boolean }> {
  const [made] = await tx
    .insert(runs)
    .values(run)
    .onConflictDoNothing({ target: runs.fingerprint })
    .returning();
  if (made !== undefined) return { run: made, created: true };
  const [found] = await tx.select().from(runs).where(eq(runs.fingerprint, run.fingerprint)).for("update");
  return { run: found!, created: false }; // safe: the conflict was with this row, and runs are never deleted
}

/** The run, locked until the transaction ends. */
export async function lockRun(tx: Db, id: number): Promise<RunRecord | undefined> {
  const [run] = await tx.select().from(runs).where(eq(runs.id, id)).for("update");
  return run;
}

/** The run, locked, if this attempt still has it. */
export async function lockMine(tx: Db, { runId, attempt, workerId }: Fence): Promise<RunRecord | undefined> {
  const run = await lockRun(tx, runId);
  return run?.state === "running" && run.attempt === attempt && run.workerId === workerId ? run : undefined;
}

/** Makes a queued run this worker's for `leaseMs`; undefined when it is not queued (any more). */
export async function claimQueued(
  tx: Db,
  runId: number,
  worker: { readonly id: string; readonly software: Readonly<Record<string, string>> },
  leaseMs: number,
): Promise<RunRecord | undefined> {
  const [run] = await tx
    .update(runs)
    .set({
      state: "running",
      attempt: sql`${runs.attempt} + 1`,
      workerId: worker.id,
      leaseUntil: sql`${clock} + ${inMs(leaseMs)}`,
      software: worker.software,
      startedAt: clock,
      finishedAt: null,
    })
    .where(and(eq(runs.id, runId), eq(runs.state, "queued")))
    .returning();
  return run;
}

/** Gives a run that nobody works on back to the queue. `changes` says what is counted. */
export async function requeue(
  tx: Db,
  runId: number,
  changes: Partial<Pick<typeof runs.$inferInsert, "crashes" | "losses" | "attempt">>,
  event: EventPayload,
  delayMs = 0,
): Promise<void> {
  await tx
    .update(runs)
    .set({ ...changes, state: "queued", leaseUntil: null })
    .where(eq(runs.id, runId));
  await appendEvent(tx, runId, "requeued", event);
  await addJob(tx, runId, delayMs);
}

/**
 * Gives a run that waits for others back to the queue, to be taken again after `delayMs`. No event: it happens often. An
 * attempt that came this far is none that kills workers: crashes and losses count from 0 again.
 */
export async function pause(tx: Db, runId: number, delayMs: number): Promise<void> {
  await tx
    .update(runs)
    .set({ state: "queued", leaseUntil: null, crashes: 0, losses: 0 })
    .where(eq(runs.id, runId));
  await addJob(tx, runId, delayMs);
}

/** Ends a run with its results: nothing about it changes any more. */
export async function succeed(tx: Db, runId: number, summary: EventPayload): Promise<void> {
  await tx
    .update(runs)
    .set({ state: "succeeded", leaseUntil: null, finishedAt: clock, summary })
    .where(eq(runs.id, runId));
  await tx.delete(runParts).where(eq(runParts.runId, runId));
  await appendEvent(tx, runId, "finished", summary);
}

/** Ends a run without results. Its parts stay: somebody may ask for it again. */
export async function fail(tx: Db, runId: number, code: string, message: string): Promise<void> {
  await tx
    .update(runs)
    .set({ state: "failed", leaseUntil: null, finishedAt: clock, failure: `${code}: ${message}` })
    .where(eq(runs.id, runId));
  await appendEvent(tx, runId, "failed", { code, message });
}

/** Ends a run by request. */
export async function cancel(tx: Db, runId: number): Promise<void> {
  await tx
    .update(runs)
    .set({ state: "cancelled", leaseUntil: null, finishedAt: clock })
    .where(eq(runs.id, runId));
  await appendEvent(tx, runId, "cancelled");
}

/** Notes that a running run is to be cancelled, and tells its worker when the transaction is committed. */
export async function requestCancel(tx: Db, runId: number): Promise<void> {
  await tx
    .update(runs)
    .set({ cancelRequestedAt: sql`coalesce(${runs.cancelRequestedAt}, ${clock})` })
    .where(eq(runs.id, runId));
  await tx.execute(sql`select pg_notify(${CANCEL_CHANNEL}, ${String(runId)})`);
}

/** Queues a run that ended without results, as if it were new; its checkpoints count. */
export async function requeueEnded(tx: Db, runId: number, event: EventPayload): Promise<RunRecord> {
  const [run] = await tx
    .update(runs)
    .set({
      state: "queued",
      failure: null,
      finishedAt: null,
      cancelRequestedAt: null,
      crashes: 0,
      losses: 0,
      leaseUntil: null,
    })
    .where(eq(runs.id, runId))
    .returning();
  await appendEvent(tx, runId, "queued", event);
  await addJob(tx, runId);
  return run!; // safe: the caller holds the row
}

/** Stores a part unless it is there; whether this call stored it. Storing one is progress: crashes count from 0 again. */
export async function insertPart(tx: Db, runId: number, part: number, payload: Buffer): Promise<boolean> {
  const made = await tx
    .insert(runParts)
    .values({ runId, part, payload })
    .onConflictDoNothing()
    .returning({ part: runParts.part });
  if (made.length === 0) return false;
  await noteProgress(tx, runId);
  return true;
}

/** Counts the crashes of a run from 0 again. */
export async function noteProgress(tx: Db, runId: number): Promise<void> {
  await tx.update(runs).set({ crashes: 0, losses: 0 }).where(eq(runs.id, runId));
}

/** The first part of a run after another, or undefined. */
export async function nextPart(
  db: Db,
  runId: number,
  after: number,
): Promise<{ readonly part: number; readonly payload: Buffer } | undefined> {
  const [row] = await db
    .select({ part: runParts.part, payload: runParts.payload })
    .from(runParts)
    .where(and(eq(runParts.runId, runId), gt(runParts.part, after)))
    .orderBy(runParts.part)
    .limit(1);
  return row;
}

/** Forgets the parts of a run. */
export async function deleteParts(tx: Db, runId: number): Promise<void> {
  await tx.delete(runParts).where(eq(runParts.runId, runId));
}

/** The payload of the newest event of a kind, or undefined. */
export async function newestEvent(db: Db, runId: number, kind: string): Promise<EventPayload | undefined> {
  const { rows } = await db.execute<{ payload: EventPayload }>(
    sql`select payload from run_event where run_id = ${runId} and kind = ${kind} order by sequence desc limit 1`,
  );
  return rows[0]?.payload;
}

/** The number of the newest event of a kind; 0 where there is none. */
export async function newestSequence(db: Db, runId: number, kind: RunEventKind): Promise<number> {
  const { rows } = await db.execute<{ newest: number }>(
    sql`select coalesce(max(sequence), 0)::int as newest from run_event where run_id = ${runId} and kind = ${kind}`,
  );
  return rows[0]?.newest ?? 0;
}

/** What a heartbeat finds of the runs that a worker believes to have. */
export type HeldRun = Pick<RunRecord, "id" | "state" | "attempt" | "workerId" | "cancelRequestedAt">;

/**
 * Says that a worker lives, and prolongs the leases of the runs it works on; then reads them. A run whose row is locked
 * is being written by this worker or reaped: its lease is left as it is.
 */
export async function beat(
  db: Db,
  worker: { readonly id: string; readonly queueId: string | undefined },
  runIds: readonly number[],
  leaseMs: number,
): Promise<readonly HeldRun[]> {
  await db
    .update(workers)
    .set({ heartbeatAt: clock, stoppedAt: null, queueId: worker.queueId ?? null })
    .where(eq(workers.id, worker.id));
  if (runIds.length === 0) return [];
  await db.execute(sql`
    update run set lease_until = ${clock} + ${inMs(leaseMs)}
    where id in (
      select id from run
      where id = any(${sql.param([...runIds])}::bigint[]) and worker_id = ${worker.id} and state = 'running'
      for update skip locked)`);
  return db
    .select({
      id: runs.id,
      state: runs.state,
      attempt: runs.attempt,
      workerId: runs.workerId,
      cancelRequestedAt: runs.cancelRequestedAt,
    })
    .from(runs)
    .where(inArray(runs.id, [...runIds]));
}

/** One run whose lease is over, locked until the transaction ends; undefined when there is none. */
export async function lockExpired(tx: Db): Promise<RunRecord | undefined> {
  const [run] = await tx
    .select()
    .from(runs)
    .where(and(eq(runs.state, "running"), sql`${runs.leaseUntil} < ${clock}`))
    .limit(1)
    .for("update", { skipLocked: true });
  return run;
}

/** Notes workers that have been silent for `silentMs` as stopped, and gives the names under which they lock jobs. */
export async function buryWorkers(tx: Db, silentMs: number): Promise<readonly string[]> {
  const dead = await tx
    .update(workers)
    .set({ stoppedAt: clock })
    .where(sql`${workers.stoppedAt} is null and ${workers.heartbeatAt} < ${clock} - ${inMs(silentMs)}`)
    .returning({ queueId: workers.queueId });
  return dead.flatMap(({ queueId }) => queueId ?? []);
}

/** Sets the jobs free that workers of these names hold, and throws away those that were replaced meanwhile. */
export async function unlockJobs(tx: Db, queueIds: readonly string[]): Promise<void> {
  await tx.execute(
    sql`select from graphile_worker.force_unlock_workers(${sql.param([...queueIds])}::text[])`,
  );
  await tx.execute(sql`
    select from graphile_worker.complete_jobs(array(
      select id from graphile_worker.jobs
      where task_identifier = ${RUN_TASK} and key is null and locked_at is null and attempts >= max_attempts))`);
}

/**
 * Gives a job to every queued run that has none to come within a minute: whoever meddled with the queue, no run waits
 * for ever. Returns their row ids.
 */
export async function addMissingJobs(tx: Db): Promise<readonly number[]> {
  const { rows } = await tx.execute<{ id: string }>(sql`
    select run.id from run
    where run.state = 'queued' and not exists (
      select from graphile_worker.jobs as job
      where job.key = 'run:' || run.id and job.attempts < job.max_attempts and job.run_at < ${clock} + interval '1 minute')
    for update of run skip locked`);
  const ids = rows.map(({ id }) => Number(id));
  for (const id of ids) await addJob(tx, id);
  return ids;
}

/** Adds a worker that starts. */
export async function insertWorker(db: Db, worker: typeof workers.$inferInsert): Promise<void> {
  await db.insert(workers).values(worker);
}

/** Notes that a worker said goodbye. */
export async function endWorker(db: Db, id: string): Promise<void> {
  await db.update(workers).set({ stoppedAt: clock }).where(eq(workers.id, id));
}

/** Workers that have said within `withinMs` that they live, and where they do. */
export async function livingWorkers(
  db: Db,
  withinMs: number,
): Promise<readonly Pick<typeof workers.$inferSelect, "id" | "host" | "pid">[]> {
  return db
    .select({ id: workers.id, host: workers.host, pid: workers.pid })
    .from(workers)
    .where(sql`${workers.stoppedAt} is null and ${workers.heartbeatAt} > ${clock} - ${inMs(withinMs)}`);
}

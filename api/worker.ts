import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { GuardedPool } from "./db/guarded-pool.ts";
import { Notices } from "./db/notices.ts";
import { withTransaction } from "./db/transaction.ts";
import { describeFault } from "./http/error-format.ts";
import { Attempt, type AttemptDeps } from "./runs/attempt.ts";
import { JobQueue } from "./runs/job-queue.ts";
import { reap } from "./runs/reaper.ts";
import type { RunRecord } from "./runs/run.queries.ts";
import { appendEvent } from "./runs/run-events.ts";
import {
  addJob,
  beat,
  CANCEL_CHANNEL,
  claimQueued,
  endWorker,
  fail,
  insertWorker,
  lockRun,
  unlockJobs,
} from "./runs/run-queue.queries.ts";
import type { Runners } from "./runs/runner.ts";
import { software } from "./software.ts";

/** How a worker works. */
export interface WorkerOptions {
  /** How many runs at once. */
  readonly concurrency: number;
  /** Who does the work of each kind of run; runs of other kinds fail. */
  readonly runners: Runners;
}

/** A process that takes runs from the queue; disposing it gives back what it has. */
export interface Worker extends AsyncDisposable {
  /** Its row in the table of workers. */
  readonly id: string;
  /** Row ids of the runs it has now. */
  readonly running: readonly number[];
}

/** When a job that came although there is no room for it may come again. */
const NO_ROOM_MS = 1_000;

/** When a job may come again whose run could not be claimed. */
const UNCLAIMED_MS = 200;

/** A stop must be over before whoever asked for it loses patience: 10 s. */
const STOP_MS = 8_000;

/**
 * Starts taking runs from the queue. The database must be migrated; it stays the caller's.
 *
 * @throws {ServiceError} as openDatabase
 */
export async function startWorker(deps: AttemptDeps, options: WorkerOptions): Promise<Worker> {
  const worker = new QueueWorker(deps, options);
  await worker.start();
  return worker;
}

class QueueWorker implements Worker {
  readonly id: string = randomUUID();
  readonly #deps: AttemptDeps;
  readonly #options: WorkerOptions;
  readonly #attempts = new Map<number, Attempt>();
  /** What was made of jobs that are not over. */
  readonly #takes = new Set<Promise<void>>();
  readonly #cancels: Notices;
  /** Its own: a run must not wait for the queue's statements. */
  readonly #queuePool: GuardedPool;
  readonly #queue: JobQueue;
  readonly #over = new AbortController();
  #beating: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor({ database, config, log }: AttemptDeps, options: WorkerOptions) {
    this.#deps = { database, config, log: log.child({ worker: this.id }) };
    this.#options = options;
    this.#cancels = new Notices(database.connectionString, CANCEL_CHANNEL);
    this.#queuePool = new GuardedPool(database.connectionString, { ...config.pool, size: 4 });
    this.#queue = new JobQueue({
      pool: this.#queuePool,
      concurrency: options.concurrency,
      pollMs: Math.min(2_000, config.jobs.heartbeatMs),
      log: this.#deps.log,
      take: (payload) => {
        const taking = this.#take(payload).finally(() => this.#takes.delete(taking));
        this.#takes.add(taking);
        return taking;
      },
    });
  }

  get running(): readonly number[] {
    return [...this.#attempts.keys()];
  }

  async start(): Promise<void> {
    const { database, log } = this.#deps;
    const { concurrency } = this.#options;
    try {
      await insertWorker(database.db, {
        id: this.id,
        host: hostname(),
        pid: process.pid,
        concurrency,
        software,
      });
      this.#cancels.listen(
        (payload) => this.#attempts.get(Number(payload))?.end("cancelled"),
        () => void this.#beat(),
      );
      await this.#queue.start();
    } catch (error) {
      await this.#cancels[Symbol.asyncDispose]();
      await this.#queuePool.end();
      throw error;
    }
    this.#beating = this.#keepBeating();
    log.info({ pid: process.pid, concurrency }, "a worker takes runs");
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const { database, log } = this.#deps;
    this.#over.abort();
    for (const attempt of this.#attempts.values()) attempt.end("stopped");
    const stopped = Promise.allSettled([this.#queue.stop(), ...this.#takes]);
    const inTime = await Promise.race([stopped.then(() => true), sleep(STOP_MS, false, { ref: false })]);
    if (inTime !== true)
      log.warn("the database does not answer: runs of this worker wait for their leases to end");
    await Promise.race([
      Promise.allSettled([
        this.#beating,
        endWorker(database.db, this.id),
        this.#cancels[Symbol.asyncDispose](),
        this.#queuePool.end(),
      ]),
      sleep(1_000, undefined, { ref: false }),
    ]);
    log.info("a worker has stopped");
  }

  /** What the queue calls for each job. Throwing would make it come again much later: a reaper knows better. */
  async #take(payload: unknown): Promise<void> {
    const runId = runIdOf(payload);
    if (runId === undefined || this.#over.signal.aborted || this.#attempts.has(runId)) return;
    // This one is not among them yet. A queue that was opened anew does not know of the runs that came by the old one.
    if (this.#takes.size >= this.#options.concurrency) return this.#comeAgain(runId, NO_ROOM_MS);
    const run = await this.#claim(runId).catch((error: unknown) => {
      this.#deps.log.warn({ run: runId, ...describeFault(error) }, "a run could not be claimed");
      return "unknown" as const;
    });
    if (run === "unknown") return this.#comeAgain(runId, UNCLAIMED_MS);
    if (run === undefined) return;
    const attempt = new Attempt(this.#deps, run);
    this.#attempts.set(runId, attempt);
    if (this.#over.signal.aborted) attempt.end("stopped");
    // Between the claim and this line a notice to cancel found nobody.
    void this.#beat();
    try {
      const runner = this.#options.runners[run.kind];
      if (runner === undefined) await this.#refuse(run);
      else await attempt.carryOut(runner);
    } finally {
      this.#attempts.delete(runId);
    }
  }

  #claim(runId: number): Promise<RunRecord | undefined> {
    const { database, config } = this.#deps;
    return withTransaction(database, async (tx) => {
      const run = await claimQueued(tx, runId, { id: this.id, software }, config.jobs.leaseMs);
      if (run !== undefined) {
        await appendEvent(tx, runId, "started", { attempt: run.attempt, host: hostname() });
        return run;
      }
      // Claimed by this worker, which never heard that it succeeded in doing so.
      const held = await lockRun(tx, runId);
      return held?.state === "running" && held.workerId === this.id ? held : undefined;
    });
  }

  /** If the database is away for this too, a reaper finds the run without a job. */
  async #comeAgain(runId: number, delayMs: number): Promise<void> {
    await addJob(this.#deps.database.db, runId, delayMs).catch(() => undefined);
  }

  #refuse(run: RunRecord): Promise<void> {
    return withTransaction(this.#deps.database, (tx) =>
      fail(tx, run.id, "RUN_UNSUPPORTED", `Expected a kind of run that this worker knows, got ${run.kind}`),
    );
  }

  async #keepBeating(): Promise<void> {
    const { config, log } = this.#deps;
    const { signal } = this.#over;
    let healthyBeats = 1;
    while (!signal.aborted) {
      const isHealthy = await this.#beat();
      healthyBeats = isHealthy ? healthyBeats + 1 : 0;
      // After an outage the others get a beat to come back before their runs are taken from them.
      if (healthyBeats >= 2) {
        await reap(this.#deps, config.jobs.leaseMs).catch((error: unknown) => {
          log.warn(describeFault(error), "runs of lost workers could not be looked for");
        });
        await this.#mendQueue();
      }
      await sleep(config.jobs.heartbeatMs * (0.9 + Math.random() / 10), undefined, { signal }).catch(
        () => undefined,
      );
    }
  }

  async #mendQueue(): Promise<void> {
    const { database, log } = this.#deps;
    try {
      const old = await this.#queue.mend();
      if (old === undefined) return;
      log.warn("the queue gave no runs any more; it is opened anew");
      await unlockJobs(database.db, [old]);
    } catch (error) {
      log.warn(describeFault(error), "the queue gives no runs, and could not be opened anew");
    }
  }

  /** Prolongs the leases, and hears of what became of the runs meanwhile; false when the database is away. */
  async #beat(): Promise<boolean> {
    const { database, config, log } = this.#deps;
    const held = [...this.#attempts.values()];
    try {
      const me = { id: this.id, queueId: this.#queue.id };
      const ids = held.map(({ run }) => run.id);
      const rows = new Map(
        (await beat(database.db, me, ids, config.jobs.leaseMs)).map((row) => [row.id, row]),
      );
      for (const attempt of held) {
        const row = rows.get(attempt.run.id);
        const { attempt: number, workerId } = attempt.fence;
        if (row?.cancelRequestedAt != null) attempt.end("cancelled");
        // A run that ended is not lost: this attempt may be just about to hear that it ended it.
        if (row?.attempt !== number || row.workerId !== workerId || row.state === "queued")
          attempt.end("lost");
      }
      return true;
    } catch (error) {
      log.warn(describeFault(error), "a heartbeat could not be written");
      return false;
    }
  }
}

function runIdOf(payload: unknown): number | undefined {
  const id =
    typeof payload === "object" && payload !== null && "runId" in payload ? payload.runId : undefined;
  return Number.isSafeInteger(id) ? Number(id) : undefined;
}

import { EventEmitter } from "node:events";
import { Logger as QueueLogger, type Runner, run as startRunner } from "graphile-worker";
import type { Logger } from "pino";
import type { GuardedPool } from "../db/guarded-pool.ts";
import { QUEUE_SCHEMA } from "../db/queue-schema.ts";
import { RUN_TASK } from "./run-queue.queries.ts";

/** What a queue needs. */
export interface JobQueueOptions {
  /** Its own: graphile-worker keeps a connection for good. */
  readonly pool: GuardedPool;
  readonly concurrency: number;
  readonly pollMs: number;
  readonly log: Logger;
  /** Called for each job; a job is over when it settles. */
  readonly take: (payload: unknown) => Promise<void>;
}

/** As many failures in a row to take a job are more than a moment of the database. */
const MOST_FAILURES = 2;

/**
 * graphile-worker, mended when it has stopped taking jobs. It does so for good, and without a word, when it cannot note
 * that a job is done; and when its first question to the database fails, whose answer it keeps and never asks again (0.17.3).
 */
export class JobQueue {
  readonly #options: JobQueueOptions;
  #current: Opened | undefined;
  #isStopping = false;

  constructor(options: JobQueueOptions) {
    this.#options = options;
  }

  /** The name under which it locks jobs now, or undefined. */
  get id(): string | undefined {
    return this.#current?.id;
  }

  /**
   * Begins to take jobs.
   *
   * @throws what the database throws
   */
  async start(): Promise<void> {
    this.#current = await open(this.#options);
    if (this.#isStopping) await this.stop();
  }

  /**
   * Opens the queue anew when it takes no jobs any more; jobs that the old one has go on to their ends. To be called from
   * time to time while the database answers.
   *
   * @returns the name under which the old one locked jobs; undefined where it is well
   * @throws what the database throws; it may then be called again
   */
  async mend(): Promise<string | undefined> {
    const sick = this.#current;
    if (sick === undefined || this.#isStopping || !sick.isSick()) return undefined;
    await this.start();
    sick.runner.stop().catch(() => undefined); // has stopped by itself
    return sick.id;
  }

  /** Takes no more jobs; resolves when those it has are over. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#current?.runner.stop();
  }
}

/** One life of graphile-worker. */
interface Opened {
  readonly runner: Runner;
  readonly id: string | undefined;
  readonly isSick: () => boolean;
}

async function open({ pool, concurrency, pollMs, log, take }: JobQueueOptions): Promise<Opened> {
  const events = new EventEmitter();
  let [failures, hasStopped] = [0, false];
  let id: string | undefined;
  events.on("pool:create", ({ workerPool }: { workerPool: { id: string } }) => {
    id = workerPool.id;
  });
  events.on("worker:getJob:error", () => {
    failures += 1;
  });
  for (const event of ["worker:getJob:empty", "job:start"]) {
    events.on(event, () => {
      failures = 0;
    });
  }
  events.on("pool:gracefulShutdown", () => {
    hasStopped = true;
  });
  const runner = await startRunner({
    pgPool: pool,
    schema: QUEUE_SCHEMA,
    concurrency,
    events,
    noHandleSignals: true,
    pollInterval: pollMs,
    logger: new QueueLogger(() => (level, message) => {
      // Its messages may quote statements, so only what it is about is kept.
      if (level === "error") log.warn({ queue: message.split(/[:'\n]/, 1)[0] }, "the queue complains");
    }),
    // Without a batch, what it writes after a job is a promise that nobody holds: it would end the process when the
    // database is away.
    preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    taskList: { [RUN_TASK]: take },
  });
  return { runner, id, isSick: () => hasStopped || failures > MOST_FAILURES };
}

import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { Logger } from "pino";
import { ComputeError, ModelError } from "../../compute/index.ts";
import type { Config } from "../config.ts";
import type { Database, Db } from "../db/client.ts";
import { toServiceError } from "../db/database-error.ts";
import { type TransactionOptions, withTransaction } from "../db/transaction.ts";
import { ServiceError } from "../errors.ts";
import { describeFault } from "../http/error-format.ts";
import type { RunRecord } from "./run.queries.ts";
import { appendEvent, type EventPayload } from "./run-events.ts";
import { ProgressMeter } from "./run-progress.ts";
import {
  cancel,
  deleteParts,
  type Fence,
  fail,
  insertPart,
  lockMine,
  lockRun,
  newestEvent,
  nextPart,
  noteProgress,
  pause,
  requeue,
  succeed,
} from "./run-queue.queries.ts";
import {
  type RunContext,
  RunFailure,
  type Runner,
  type RunOutcome,
  type RunPart,
  type RunPause,
} from "./runner.ts";

/** Crashes in a row without progress after which a run is given up: it would take every worker down in turn. */
export const MOST_CRASHES = 3;

/** What attempts are made with. */
export interface AttemptDeps {
  readonly database: Database;
  readonly config: Config;
  readonly log: Logger;
}

/** Why an attempt has to end: by request, because the worker stops, or because another worker may have the run. */
export type EndReason = "cancelled" | "stopped" | "lost";

/** Thrown by every write of an attempt that no longer has its run. */
class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

const MOST_TIMEOUTS = 5;

/** The results of a run may be hundreds of megabytes. */
const STORING: TransactionOptions = { statementTimeoutMs: 60_000, idleTimeoutMs: 60_000 };

/** One attempt of one run: does the work by its runner and writes how it ended, all behind the fence. */
export class Attempt {
  readonly run: RunRecord;
  readonly fence: Fence;
  readonly #deps: AttemptDeps;
  readonly #over = new AbortController();
  readonly #meter = new ProgressMeter();
  #reason: EndReason | undefined;
  #telling: Promise<void> | undefined;

  /** @param run - as claimed: running, with this worker's id */
  constructor(deps: AttemptDeps, run: RunRecord) {
    this.#deps = { ...deps, log: deps.log.child({ run: run.id, attempt: run.attempt }) };
    this.run = run;
    this.fence = { runId: run.id, attempt: run.attempt, workerId: run.workerId ?? "" };
  }

  /** Ends the attempt from outside; the first reason counts, but that the run is lost goes above all. */
  end(reason: EndReason): void {
    if (this.#reason === undefined || reason === "lost") this.#reason = reason;
    this.#over.abort(new Error(`the attempt is over: ${reason}`));
  }

  /** Does the work and writes how it ended. Never throws: what cannot be written is left to whoever reaps the run. */
  async carryOut(runner: Runner): Promise<void> {
    const { log } = this.#deps;
    try {
      await this.#conclude(runner);
    } catch (error) {
      if (error instanceof LeaseLost) log.warn({ code: "LEASE_LOST" }, "another worker may have this run");
      else log.error(describeFault(error), "how the attempt ended could not be written");
    }
  }

  async #conclude(runner: Runner): Promise<void> {
    let outcome: RunOutcome | RunPause;
    try {
      const crashedBefore = await this.#crashedBefore();
      outcome = await runner.run(this.#context(crashedBefore));
      await this.#telling;
    } catch (error) {
      await this.#telling;
      await this.#giveUp(error);
      return;
    }
    try {
      if ("pauseMs" in outcome) await this.#pause(outcome);
      else await this.#finish(outcome);
    } catch (error) {
      if (error instanceof LeaseLost) throw error;
      await this.#giveUp(error);
      return;
    }
    if ("pauseMs" in outcome) return;
    await outcome.settled?.().catch((error: unknown) => {
      this.#deps.log.warn(describeFault(error), "what an attempt left could not be tidied up");
    });
  }

  async #finish(outcome: RunOutcome): Promise<void> {
    try {
      await this.#write(async (tx, run, client) => {
        if (run.cancelRequestedAt !== null) return cancel(tx, run.id);
        await outcome.store(tx, client);
        await succeed(tx, run.id, outcome.summary);
      }, STORING);
    } catch (error) {
      // The answer to an earlier COMMIT may have been lost on its way.
      if (error instanceof LeaseLost && (await this.#isDone())) return;
      throw error;
    }
  }

  #pause({ pauseMs }: RunPause): Promise<void> {
    return this.#write((tx, run) =>
      run.cancelRequestedAt === null ? pause(tx, run.id, pauseMs) : cancel(tx, run.id),
    );
  }

  #isDone(): Promise<boolean> {
    return this.#patiently(async () => {
      const run = await withTransaction(this.#deps.database, (tx) => lockRun(tx, this.run.id));
      const { attempt, workerId } = this.fence;
      return run?.attempt === attempt && run.workerId === workerId && run.state === "succeeded";
    });
  }

  async #giveUp(error: unknown): Promise<void> {
    if (error instanceof LeaseLost || this.#reason === "lost") throw new LeaseLost();
    if (this.#reason === "cancelled") return this.#write((tx, run) => cancel(tx, run.id));
    if (this.#reason === "stopped") {
      return this.#write((tx, run) => {
        if (run.cancelRequestedAt !== null) return cancel(tx, run.id);
        // Nobody's fault: the attempt does not count. The fence holds all the same, for the worker's id is part of it.
        const changes = { attempt: run.attempt - 1 };
        return requeue(tx, run.id, changes, { code: "WORKER_STOPPED", attempt: run.attempt });
      });
    }
    const failure = toFailure(error);
    this.#deps.log.warn(
      { code: failure.code, kind: failure.kind, ...describeFault(error) },
      "an attempt failed",
    );
    await this.#write((tx, run) => this.#writeFailure(tx, run, failure));
  }

  async #writeFailure(tx: Db, run: RunRecord, { kind, code, message, details }: RunFailure): Promise<void> {
    if (run.cancelRequestedAt !== null) return cancel(tx, run.id);
    if (kind === "permanent") return fail(tx, run.id, code, message);
    const crashes = run.crashes + 1;
    if (crashes >= MOST_CRASHES) {
      return fail(tx, run.id, code, `${message} (${crashes} times without progress)`);
    }
    const delayMs = Math.min(30_000, this.#deps.config.jobs.retryMs * 4 ** (crashes - 1));
    await requeue(tx, run.id, { crashes }, { ...details, code, message, attempt: run.attempt }, delayMs);
  }

  /** Writes behind the fence, again and again while the database is away. @throws {LeaseLost} */
  #write<T>(
    work: (tx: Db, run: RunRecord, client: pg.PoolClient) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    return this.#patiently(() => this.#writeOnce(work, options));
  }

  #writeOnce<T>(
    work: (tx: Db, run: RunRecord, client: pg.PoolClient) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    return withTransaction(
      this.#deps.database,
      async (tx, client) => {
        const run = await lockMine(tx, this.fence);
        if (run === undefined) throw new LeaseLost();
        return work(tx, run, client);
      },
      options,
    );
  }

  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    let timeouts = 0;
    for (let waitMs = 100; ; waitMs = Math.min(5_000, waitMs * 2)) {
      try {
        return await work();
      } catch (thrown) {
        const error = toServiceError(thrown);
        if (error instanceof LeaseLost) this.end("lost");
        if (!(error instanceof ServiceError) || !error.retryable || this.#reason === "lost") throw error;
        // A statement that is too slow time and again will stay so.
        if (error.code === "DB_TIMEOUT" && ++timeouts >= MOST_TIMEOUTS) throw error;
      }
      await sleep(waitMs * (0.5 + Math.random() / 2));
    }
  }

  /** What the crash that ended the last attempt left to know, if there was one. */
  async #crashedBefore(): Promise<EventPayload | undefined> {
    if (this.run.crashes === 0) return undefined;
    return this.#patiently(() => newestEvent(this.#deps.database.db, this.run.id, "requeued"));
  }

  #context(crashedBefore: EventPayload | undefined): RunContext {
    const { signal } = this.#over;
    const whileOn = async <T>(work: () => Promise<T>): Promise<T> => {
      signal.throwIfAborted();
      const result = await work();
      signal.throwIfAborted();
      return result;
    };
    return {
      ...this.#deps,
      run: this.run,
      signal,
      crashedBefore,
      read: (work) => whileOn(() => this.#patiently(work)),
      parts: () => this.#parts(),
      savePart: (part, payload) =>
        whileOn(async () => {
          await this.#write((tx, run) => insertPart(tx, run.id, part, payload));
        }),
      dropParts: () => whileOn(() => this.#write((tx, run) => deleteParts(tx, run.id))),
      progress: (done, total, details) => this.#tell(done, total, details),
      event: (kind, payload) =>
        whileOn(() => this.#write((tx, run) => appendEvent(tx, run.id, kind, payload as EventPayload))),
      checkpointed: (payload) =>
        whileOn(() =>
          this.#write(async (tx, run) => {
            await noteProgress(tx, run.id);
            await appendEvent(tx, run.id, "checkpoint", payload);
          }),
        ),
    };
  }

  async *#parts(): AsyncGenerator<RunPart> {
    for (let after = -1; ; ) {
      const next = await this.#patiently(() => nextPart(this.#deps.database.db, this.run.id, after));
      if (next === undefined) return;
      yield next;
      after = next.part;
    }
  }

  /** Stores progress when it is due, one write at a time; progress that cannot be stored is forgotten. */
  #tell(done: number, total: number, details: EventPayload = {}): void {
    this.#meter.note(done, total);
    if (this.#telling !== undefined || this.#reason !== undefined) return;
    const progress = this.#meter.due();
    if (progress === undefined) return;
    this.#telling = this.#writeOnce((tx, run) =>
      appendEvent(tx, run.id, "progress", { ...progress, ...details }),
    )
      .catch((error: unknown) => {
        if (error instanceof LeaseLost) this.end("lost");
      })
      .finally(() => {
        this.#telling = undefined;
      });
  }
}

function toFailure(error: unknown): RunFailure {
  if (error instanceof RunFailure) return error;
  if (error instanceof ComputeError || error instanceof ModelError) {
    return new RunFailure("permanent", error.code, error.message, { cause: error });
  }
  if (error instanceof ServiceError) {
    return new RunFailure(error.retryable ? "crash" : "permanent", error.code, error.message, {
      cause: error,
    });
  }
  return new RunFailure(
    "crash",
    "INTERNAL",
    "Expected the attempt to end with results, got a fault of Stratum; the worker's log has it",
    { cause: error },
  );
}

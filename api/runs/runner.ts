import type pg from "pg";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import type { Database, Db } from "../db/client.ts";
import type { RunRecord } from "./run.queries.ts";
import type { runKinds } from "./run.table.ts";
import type { EventPayload, RunEventKind } from "./run-events.ts";

/** A numbered piece of a run's work, as an earlier attempt or this one stored it. */
export interface RunPart {
  readonly part: number;
  readonly payload: Buffer;
}

/** What one attempt of a run has to work with. Everything it writes through this passes the fence of the attempt. */
export interface RunContext {
  readonly run: RunRecord;
  /** What is to be written goes into parts, events and the outcome; for reading use `read`. */
  readonly database: Database;
  readonly config: Config;
  readonly log: Logger;
  /** Aborted when the attempt is over (cancelled, stopped, lost): the runner then ends as fast as it can, by throwing. */
  readonly signal: AbortSignal;
  /** Why the attempt before this one ended, where it crashed: `code` and `details` of its RunFailure. */
  readonly crashedBefore: EventPayload | undefined;
  /** Reads from the database; does so again, for as long as it takes, while the database is away. */
  read<T>(work: () => Promise<T>): Promise<T>;
  /** The parts stored so far, in order. */
  parts(): AsyncIterable<RunPart>;
  /**
   * Stores a part for good: if this attempt ends, the next one finds it. Counts as progress. Waits while the database
   * is away.
   */
  savePart(part: number, payload: Buffer): Promise<void>;
  /** Forgets all parts, where they turn out to be of no use. */
  dropParts(): Promise<void>;
  /** Tells how far it is, in any unit, and what else there is to see; costs nothing, and at most one a second is stored. */
  progress(done: number, total: number, details?: EventPayload): void;
  /** Adds an event. */
  event(kind: TellableEvent, payload: EventPayload): Promise<void>;
  /** Adds a checkpoint event where the runner keeps its work in files of its own. Counts as progress. */
  checkpointed(payload: EventPayload): Promise<void>;
}

/** The kinds of events that runners add; all others come from the attempt itself. */
export type TellableEvent = Extract<RunEventKind, "started" | "problem" | "resumed" | "epoch" | "checkpoint">;

/** What an attempt that worked out everything leaves to be written. */
export interface RunOutcome {
  /** What came out, counted; without patients' data. */
  readonly summary: Readonly<Record<string, unknown>>;
  /**
   * Writes the results, in the transaction that also ends the run: all of it counts, or nothing. May be called again
   * when that transaction has to be repeated.
   */
  store(tx: Db, client: pg.PoolClient): Promise<void>;
  /** Tidies up once the run has ended for good, with these results or cancelled; may not be called where the worker dies. */
  settled?(): Promise<void>;
}

/** What an attempt leaves that waits for other runs: it goes back to the queue, and holds no worker meanwhile. */
export interface RunPause {
  readonly pauseMs: number;
}

/** Does the work of one kind of run: one attempt a call, possibly several at once for different runs. */
export interface Runner {
  run(context: RunContext): Promise<RunOutcome | RunPause>;
}

/** The runner of each kind of run that a worker takes. */
export type Runners = Readonly<Partial<Record<(typeof runKinds)[number], Runner>>>;

/**
 * Why an attempt ended without a result.
 *
 * - `permanent`: every attempt would end so. The run fails.
 * - `crash`: what computed died or stood still. Another attempt follows, unless three ended so without progress.
 */
export class RunFailure extends Error {
  override readonly name = "RunFailure";
  readonly code: string;
  readonly kind: "permanent" | "crash";
  /** What the next attempt may want to know. */
  readonly details: EventPayload;

  constructor(
    kind: RunFailure["kind"],
    code: string,
    message: string,
    { details = {}, ...options }: ErrorOptions & { readonly details?: EventPayload } = {},
  ) {
    super(message, options);
    this.kind = kind;
    this.code = code;
    this.details = details;
  }
}

import { setTimeout as sleep } from "node:timers/promises";
import { ServiceError } from "../errors.ts";
import { encodeId } from "../graphql/node-id.ts";
import { CommandError, exitCodes } from "./exit-code.ts";
import { startProgress } from "./progress.ts";
import type { Session } from "./session.ts";

/** A run as the API answers it. */
export interface RunAnswer {
  readonly id: string;
  readonly kind: string;
  readonly state: "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED";
  readonly attempt: number;
  readonly failure: string | null;
  readonly summary: Readonly<Record<string, unknown>> | null;
  readonly recordedAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly dataset: { readonly slug: string } | null;
  readonly evaluation: { readonly id: string } | null;
  readonly progress: {
    readonly done: number;
    readonly total: number;
    readonly perSecond: number | null;
    readonly secondsLeft: number | null;
  } | null;
}

/** Something that happened in a run, as the API answers it. */
export interface RunEventAnswer {
  readonly sequence: number;
  readonly kind: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly recordedAt: Date;
}

/** What is asked of a run. */
export const RUN_FIELDS = `id kind state attempt failure summary recordedAt startedAt finishedAt
  dataset { slug } evaluation { id } progress { done total perSecond secondsLeft }`;

const RUN = `query Run($id: ID!, $after: Int!) {
  run(id: $id) { ${RUN_FIELDS} events(after: $after, first: 200) { sequence kind payload recordedAt } }
}`;

const POLL_MS = 400;
const RETRY_MS = 1_000;
const MOST_TRIES = 60;

/** The id of a run, given as the API shows it or as the number of its row. */
export function runIdOf(text: string): string {
  return /^[0-9]+$/.test(text) ? encodeId("Run", Number(text)) : text;
}

/** Whether nothing will happen in a run any more unless somebody asks for it. */
export function hasEnded({ state }: Pick<RunAnswer, "state">): boolean {
  return state !== "QUEUED" && state !== "RUNNING";
}

/**
 * Follows a run until it has ended or `stopped` resolves, with a bar on a terminal.
 *
 * @param onEvent - hears of every event after sequence number `after`, in order
 * @throws {CommandError} notFound
 */
export async function followRun(
  session: Session,
  id: string,
  options: {
    readonly after?: number;
    readonly stopped?: Promise<void>;
    readonly onEvent?: (event: RunEventAnswer) => void;
    /** A line for the error stream about an event. */
    readonly lineOf?: (event: RunEventAnswer) => string | undefined;
  } = {},
): Promise<RunAnswer> {
  const { stopped = new Promise<void>(() => undefined), onEvent, lineOf } = options;
  const progress = startProgress("Run");
  let isStopped = false;
  let remark = "";
  const stop = stopped.then(() => {
    isStopped = true;
  });
  try {
    for (let after = options.after ?? 0; ; ) {
      const { run } = await patiently(() =>
        session.ask<{
          run: (RunAnswer & { readonly events: readonly RunEventAnswer[] }) | null;
        }>(RUN, { id, after }),
      );
      if (run === null) {
        throw new CommandError(
          exitCodes.notFound,
          "Expected the id of a run, got one that is not here",
          "NOT_FOUND",
        );
      }
      const { events, ...answer } = run;
      for (const event of events) {
        onEvent?.(event);
        const line = lineOf?.(event);
        if (line !== undefined) progress.line(line);
        if (event.kind === "progress") remark = remarkOf(event.payload);
      }
      after = events.at(-1)?.sequence ?? after;
      if (run.progress !== null) {
        const { done, total, perSecond } = run.progress;
        const rate = perSecond === null ? "" : `${Number(perSecond.toPrecision(3))} a second`;
        progress.update(done, total, [remark, rate].filter((part) => part !== "").join(", "));
      }
      if (events.length === 0 && (hasEnded(run) || isStopped)) return answer;
      await Promise.race([sleep(POLL_MS), stop]);
    }
  } finally {
    progress.stop();
  }
}

/** What a progress event says beside numbers: what a training is at. */
function remarkOf({ epoch, loss, phase }: RunEventAnswer["payload"]): string {
  if (typeof epoch === "number" && typeof loss === "number") return `epoch ${epoch}, loss ${loss.toFixed(4)}`;
  return typeof phase === "string" ? phase : "";
}

/** Asks again while the database does not answer: whoever waits for a run for hours does not give up for a moment of it. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let left = MOST_TRIES; ; left -= 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ServiceError) || !error.retryable || left === 0) throw error;
      await sleep(RETRY_MS);
    }
  }
}

/** The exit status that tells how a run ended. */
export function exitCodeOfRun({ state }: RunAnswer): number {
  if (state === "SUCCEEDED") return exitCodes.ok;
  return hasEnded({ state }) ? exitCodes.failure : exitCodes.interrupted;
}

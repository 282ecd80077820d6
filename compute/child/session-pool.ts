import type { OpenedModel, OpenModelOptions } from "./open-model.ts";
import type { RunAnswer, SessionAnswer, SessionRequest } from "./session-thread.ts";
import { Thread } from "./thread.ts";
import { withinSeconds } from "./time-limit.ts";

/** More hold more weights, and gain nothing over sessions of more threads. */
const MOST_SESSIONS = 8;
/** Memory that a session is reckoned to hold for each byte of its model's file: read, parsed and packed. */
const BYTES_FOR_EACH = 3;

/** What sessions side by side have to share. */
export interface SessionNeeds {
  readonly processors: number;
  readonly memoryMiB: number;
  /** Length of the model's file. */
  readonly modelBytes: number;
  /** What a batch is reckoned to hold while it runs. */
  readonly batchBytes: number;
}

/**
 * How many sessions run side by side, and of how many threads each: as many as half of the memory holds. Threads that
 * share one operator wait for each other at its end, most of all where something else needs a processor; sessions of one
 * thread never do (ResNet-18 at 64 x 64 on two busy processors: 219 images a second against 145).
 *
 * Depends on nothing that changes between attempts of a run, since the number of threads may change a score's last bit.
 */
export function shareProcessors({ processors, memoryMiB, modelBytes, batchBytes }: SessionNeeds): {
  readonly sessions: number;
  readonly threads: number;
} {
  const fitting = Math.floor((memoryMiB * 2 ** 20) / 2 / (modelBytes * BYTES_FOR_EACH + batchBytes));
  const sessions = Math.max(1, Math.min(processors, MOST_SESSIONS, fitting));
  return { sessions, threads: Math.max(1, Math.floor(processors / sessions)) };
}

/** Sessions of one model, each on a thread of its own; a batch goes to the one with the fewest before it. */
export class SessionPool {
  #places: { readonly thread: Thread<SessionRequest, SessionAnswer>; waiting: number }[];

  constructor(sessions: number) {
    this.#places = Array.from({ length: sessions }, () => ({
      thread: new Thread("session-thread"),
      waiting: 0,
    }));
  }

  /** Sessions that are open. */
  get size(): number {
    return this.#places.length;
  }

  /**
   * Opens all sessions.
   *
   * @throws {RemoteError} as `openModel`
   */
  async open(options: OpenModelOptions): Promise<OpenedModel> {
    const [opened] = await Promise.all(
      this.#places.map(({ thread }) => thread.ask({ kind: "open", options })),
    );
    return opened as OpenedModel; // safe: the answer to "open"
  }

  /** Runs a batch; moves its pixels. */
  async run(request: Extract<SessionRequest, { readonly kind: "run" }>, seconds: number): Promise<RunAnswer> {
    const place = this.#places.reduce((least, other) => (other.waiting < least.waiting ? other : least));
    place.waiting += 1;
    // Those before it have their time first.
    const answer = place.thread.ask(request, [request.pixels.buffer]);
    try {
      return (await withinSeconds(seconds * place.waiting, answer)) as RunAnswer; // safe: the answer to "run"
    } finally {
      place.waiting -= 1;
    }
  }

  /** Lets all sessions go but the first `count`. */
  async keep(count: number): Promise<void> {
    const surplus = this.#places.slice(count);
    this.#places = this.#places.slice(0, count);
    await Promise.all(surplus.map(({ thread }) => thread.ask({ kind: "close" })));
  }
}

import type { Db } from "../db/client.ts";
import { toServiceError } from "../db/database-error.ts";
import type { Notices } from "../db/notices.ts";
import { ServiceError } from "../errors.ts";
import { listRunEvents, type RunEventRecord, runsByIds } from "./run.queries.ts";

const PAGE = 200;
/** How often it is looked without a notice, which may get lost. */
const POLL_MS = 5_000;
const AWAY_MS = 1_000;

/** What a watch works with. */
export interface WatchDeps {
  readonly db: Db;
  readonly notices: Notices;
  /** Asked before anything is given: ends the watch by throwing when the watcher may not read any more. */
  readonly authorise: () => Promise<void>;
}

/**
 * The events of a run after a sequence number, and every one that follows, each once and in order, until the run has
 * ended. Survives an absence of the database. `return` ends it at once, also while it waits.
 *
 * @throws whatever `authorise` throws
 */
export function watchRun(
  deps: WatchDeps,
  runId: number,
  after: number,
): AsyncGenerator<RunEventRecord, void, void> {
  const bell = new Bell();
  const events = generateEvents(deps, runId, after, bell);
  return Object.assign(Object.create(events) as typeof events, {
    next: () => events.next(),
    throw: (error: unknown) => events.throw(error),
    return() {
      // A generator that waits would not hear of it before it has something to yield.
      bell.break();
      return events.return();
    },
  });
}

async function* generateEvents(
  { db, notices, authorise }: WatchDeps,
  runId: number,
  after: number,
  bell: Bell,
): AsyncGenerator<RunEventRecord, void, void> {
  const stopListening = notices.listen(
    (payload) => {
      if (payload === String(runId)) bell.ring();
    },
    () => bell.ring(),
  );
  try {
    for (let last = after; !bell.isBroken; ) {
      bell.reset();
      // The state first: when it says that the run has ended, its last event is there to be read.
      const found = await patiently(bell, async () => ({
        state: (await runsByIds(db, [runId]))[0]?.state,
        events: await listRunEvents(db, runId, last, PAGE),
      }));
      // After the events were read: nothing that happened after a right was lost goes out.
      await patiently(bell, authorise);
      for (const event of found.events) {
        yield event;
        last = event.sequence;
      }
      if (found.events.length === PAGE) continue;
      if (found.state !== "queued" && found.state !== "running") return;
      await bell.rung(POLL_MS);
    }
  } finally {
    stopListening();
  }
}

async function patiently<T>(bell: Bell, read: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await read();
    } catch (thrown) {
      const error = toServiceError(thrown);
      if (!(error instanceof ServiceError) || !error.retryable || bell.isBroken) throw error;
      await bell.rung(AWAY_MS);
    }
  }
}

/** Something to wait for that may already have happened. */
class Bell {
  /** Nobody is interested any more. */
  isBroken = false;
  #isRung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#isRung = true;
    this.#wake?.();
  }

  break(): void {
    this.isBroken = true;
    this.ring();
  }

  reset(): void {
    this.#isRung = this.isBroken;
  }

  async rung(limitMs: number): Promise<void> {
    if (this.#isRung) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}

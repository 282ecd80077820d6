import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

type Heard = (payload: string) => void;

/**
 * Hears what the database says by NOTIFY, on one connection of its own that is opened for the first listener and opened
 * again whenever it breaks. A notice is a hint that may get lost: whoever listens also looks from time to time.
 */
export class Notices implements AsyncDisposable {
  readonly #connectionString: string;
  readonly #channel: string;
  readonly #listeners = new Map<Heard, () => void>();
  readonly #over = new AbortController();
  #running: Promise<void> | undefined;
  #client: pg.Client | undefined;

  /** @param channel - a name of ours: lower-case letters and underscores */
  constructor(connectionString: string, channel: string) {
    this.#connectionString = connectionString;
    this.#channel = channel;
  }

  /**
   * Calls `heard` for every notice until the returned function is called.
   *
   * @param missed - called after a connection was lost and found again: there may have been notices in between
   */
  listen(heard: Heard, missed: () => void = () => undefined): () => void {
    this.#listeners.set(heard, missed);
    this.#running ??= this.#run();
    return () => void this.#listeners.delete(heard);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    this.#listeners.clear();
    this.#client?.end().catch(() => undefined);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#over;
    for (let waitMs = 100; !signal.aborted; waitMs = Math.min(5_000, waitMs * 2)) {
      const lasted = await this.#connection();
      if (lasted > 10_000) waitMs = 100;
      await sleep(waitMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Listens until the connection ends; for how many milliseconds it did. */
  async #connection(): Promise<number> {
    const started = performance.now();
    const client = new pg.Client({
      connectionString: this.#connectionString,
      application_name: "stratum notices",
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    });
    const ended = new Promise<void>((resolve) => client.once("end", () => resolve()));
    client.on("error", () => undefined);
    client.on("notification", ({ payload }) => {
      for (const heard of [...this.#listeners.keys()]) heard(payload ?? "");
    });
    try {
      await client.connect();
      this.#client = client;
      if (this.#over.signal.aborted) return 0;
      await client.query(`listen ${this.#channel}`);
      for (const missed of [...this.#listeners.values()]) missed();
      await ended;
      return performance.now() - started;
    } catch {
      return 0;
    } finally {
      this.#client = undefined;
      await client.end().catch(() => undefined);
    }
  }
}

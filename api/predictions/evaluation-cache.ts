/** What the cache holds and how often it answered; for logs and tests. */
export interface CacheStatistics {
  readonly entries: number;
  readonly bytes: number;
  readonly hits: number;
  readonly loads: number;
}

interface Entry {
  readonly value: Promise<unknown>;
  /** 0 while it loads. */
  bytes: number;
}

/**
 * Keeps values that never change (columns of frozen versions, blocks of stored evaluations, what is derived from
 * them), the least recently used leaving first. Nothing is ever invalidated: a key must name its content for ever.
 * Callers that ask for a key while it loads share the load; a load that fails is forgotten.
 */
export class EvaluationCache {
  readonly #entries = new Map<string, Entry>();
  readonly #maxBytes: number;
  #bytes = 0;
  #hits = 0;
  #loads = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether the key is here or on its way. */
  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** The value of `key`, made by `load` the first time; `bytesOf` counts what it costs to keep. */
  get<T>(key: string, bytesOf: (value: T) => number, load: () => Promise<T>): Promise<T> {
    const found = this.#entries.get(key);
    if (found !== undefined) {
      this.#hits += 1;
      // A Map iterates in order of insertion: put in again, it is the youngest.
      this.#entries.delete(key);
      this.#entries.set(key, found);
      return found.value as Promise<T>; // safe: a key is used by one function, with one type
    }
    this.#loads += 1;
    const entry: Entry = { value: load(), bytes: 0 };
    this.#entries.set(key, entry);
    entry.value.then(
      (value) => this.#settle(key, entry, bytesOf(value as T)), // safe: load() made it
      () => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key);
      },
    );
    return entry.value as Promise<T>; // safe: load() made it
  }

  statistics(): CacheStatistics {
    return { entries: this.#entries.size, bytes: this.#bytes, hits: this.#hits, loads: this.#loads };
  }

  #settle(key: string, entry: Entry, bytes: number): void {
    if (this.#entries.get(key) !== entry) return;
    entry.bytes = bytes + ENTRY_BYTES;
    this.#bytes += entry.bytes;
    for (const [oldest, { bytes: freed }] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) return;
      if (freed === 0) continue; // still loading
      this.#entries.delete(oldest);
      this.#bytes -= freed;
    }
  }
}

/** What an entry costs beside its arrays: key, promise, objects. A round guess that bounds the number of entries. */
const ENTRY_BYTES = 512;

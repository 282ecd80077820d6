/** How long a kept row may be out of date. */
const KEPT_MS = 1_000;
const MOST_ROWS = 10_000;

/**
 * Small rows that nearly every answer links to (datasets, models, publications), kept for a second: a statement costs
 * the API about 0.5 ms of processor time, and a page of records would ask three for the same few rows.
 *
 * A change made elsewhere shows a second late; rows of these tables are never deleted.
 */
export class RowCache<Row extends { readonly id: number }> {
  readonly #fetch: (ids: readonly number[]) => Promise<readonly Row[]>;
  readonly #now: () => number;
  readonly #kept = new Map<number, { readonly row: Row; readonly until: number }>();

  /**
   * @param fetch - reads rows by id in one statement; ids without a row are left out
   * @param now - a monotonic clock in milliseconds
   */
  constructor(
    fetch: (ids: readonly number[]) => Promise<readonly Row[]>,
    now: () => number = () => performance.now(),
  ) {
    this.#fetch = fetch;
    this.#now = now;
  }

  /** The row of this id when it is kept, at once; undefined when it would have to be read. */
  kept(id: number): Row | undefined {
    const kept = this.#kept.get(id);
    return kept !== undefined && kept.until > this.#now() ? kept.row : undefined;
  }

  /** The rows of these ids, in no order; at most one statement. */
  async rows(ids: readonly number[]): Promise<readonly Row[]> {
    const now = this.#now();
    const found: Row[] = [];
    const missing: number[] = [];
    for (const id of ids) {
      const kept = this.#kept.get(id);
      if (kept !== undefined && kept.until > now) found.push(kept.row);
      else missing.push(id);
    }
    if (missing.length === 0) return found;
    const fetched = await this.#fetch(missing);
    if (this.#kept.size + fetched.length > MOST_ROWS) this.#kept.clear();
    for (const row of fetched) this.#kept.set(row.id, { row, until: now + KEPT_MS });
    return [...found, ...fetched];
  }
}

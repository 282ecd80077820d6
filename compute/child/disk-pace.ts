/** A mean above this is a disk that seeks, or a network. */
const SLOW_MS = 1;
/** Reads by libuv's threads before the disk is timed again. */
const PATIENCE = 64;

/**
 * How to read next. A file from the page cache costs 15 us of processor read on this thread and 130 to 250 us read on
 * libuv's (64 x 64 radiographs), which is what a small network takes for an image; where a file is waited for, several at
 * once beat one after the other.
 */
export class DiskPace {
  readonly #now: () => number;
  #meanMs = 0;
  #left = 0;

  /** @param now - a monotonic clock in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Whether the next file had better be read on another thread; asked once a file. */
  isSlow(): boolean {
    if (this.#left === 0) return false;
    this.#left -= 1;
    return true;
  }

  /** Reads on this thread, and notes how long that took. */
  timed<Value>(read: () => Value): Value {
    const from = this.#now();
    try {
      return read();
    } finally {
      this.#meanMs += (this.#now() - from - this.#meanMs) / 8;
      if (this.#meanMs > SLOW_MS) {
        this.#left = PATIENCE;
        this.#meanMs = 0;
      }
    }
  }
}

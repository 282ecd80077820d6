/** How far a run is, as its progress events and the API say it. */
export interface RunProgress {
  readonly done: number;
  readonly total: number;
  /** Units a second over the last 30 seconds; null at first. */
  readonly perSecond: number | null;
  /** Null at first. */
  readonly secondsLeft: number | null;
}

const WINDOW_MS = 30_000;

/** Turns counts into progress with a rate, and says when it is time to store one. */
export class ProgressMeter {
  readonly #now: () => number;
  readonly #started: number;
  #samples: { readonly at: number; readonly done: number }[] = [];
  #total = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  #toldDone = -1;

  /** @param now - a monotonic clock in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#started = now();
  }

  /** Notes how far it is. */
  note(done: number, total: number): void {
    const at = this.#now();
    // Another unit: rates of the two do not mix.
    if (total !== this.#total) this.#samples.length = 0;
    this.#total = total;
    const last = this.#samples.at(-1);
    // Ten samples a second are enough for a rate.
    if (last !== undefined && this.#samples.length > 1 && at - last.at < 100) this.#samples.pop();
    this.#samples.push({ at, done });
    while (this.#samples.length > 2 && at - (this.#samples[0]?.at ?? at) > WINDOW_MS) this.#samples.shift();
  }

  /**
   * The progress to tell now; undefined while nothing is new, or the last one is not old enough: a second at first,
   * ten in a run of an hour, so that no run leaves more than a few thousand events.
   */
  due(): RunProgress | undefined {
    const at = this.#now();
    const pauseMs = Math.min(10_000, Math.max(1_000, (at - this.#started) / 360));
    if (at - this.#toldAt < pauseMs) return undefined;
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.done === this.#toldDone) return undefined;
    this.#toldAt = at;
    this.#toldDone = last.done;
    const seconds = (last.at - first.at) / 1000;
    const perSecond = seconds > 0 && last.done > first.done ? (last.done - first.done) / seconds : null;
    const secondsLeft = perSecond === null ? null : (this.#total - last.done) / perSecond;
    return {
      done: last.done,
      total: this.#total,
      perSecond: perSecond === null ? null : Number(perSecond.toPrecision(4)),
      secondsLeft: secondsLeft === null ? null : Math.round(secondsLeft * 10) / 10,
    };
  }
}

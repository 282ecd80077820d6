import { ArtefactFiles } from "./artefact-files.ts";
import type { Parent } from "./parent.ts";
import type { PreparedBatch } from "./prepare-batch.ts";
import type { EvaluateTask } from "./protocol.ts";
import type { RunAnswer } from "./session-thread.ts";

/** The rate shown is that of the last so many ticks. */
const TICKS = 20;

/** An image without scores ends a run that may leave none out. */
export class BadImageError extends Error {
  override readonly name = "BadImageError";
  readonly code: string;
  readonly ordinal: number;

  constructor(code: string, message: string, ordinal: number) {
    super(message);
    this.code = code;
    this.ordinal = ordinal;
  }
}

/** What an evaluation has done so far, and what it tells of it. */
export class Tally {
  readonly #task: EvaluateTask;
  readonly #parent: Parent;
  readonly #started: number;
  readonly #sessions: number;
  readonly #files: ArtefactFiles | undefined;
  readonly #ticks: { readonly at: number; readonly done: number }[] = [];
  #done = 0;
  #leftOut = 0;
  #sessionSeconds = 0;
  #waitingSeconds = 0;
  #disagreement: number | undefined;
  #occluded: { pixels: number; untouched: number } | undefined;

  /** @param from - when it began, of performance.now(), and the sessions that run side by side */
  constructor(
    task: EvaluateTask,
    parent: Parent,
    { started, sessions }: { readonly started: number; readonly sessions: number },
  ) {
    this.#sessions = sessions;
    this.#task = task;
    this.#parent = parent;
    this.#started = started;
    this.#files = task.extras && new ArtefactFiles(task.extras.folder);
  }

  /**
   * Tells of the images of a batch that have no pixels.
   *
   * @throws {BadImageError} at the first, when none may be left out
   */
  async leaveOut({ problems, ordinals }: PreparedBatch): Promise<void> {
    for (const { place, code, message } of problems) {
      const ordinal = ordinals[place] ?? 0; // safe: a place within the batch
      if (this.#task.onBadImage === "fail") throw new BadImageError(code, message, ordinal);
      this.#leftOut += 1;
      await this.#parent.send({ kind: "problem", ordinal, code });
    }
  }

  /** Passes the scores of a batch on, less those of images left out. */
  async take(answer: RunAnswer, { ordinals, problems }: Omit<PreparedBatch, "pixels">): Promise<void> {
    this.#sessionSeconds += answer.seconds;
    this.#waitingSeconds += answer.waitedSeconds;
    this.#disagreement ??= answer.disagreement;
    const bad = new Set(problems.map(({ place }) => place));
    const kept = ordinals.length - bad.size;
    if (kept === 0) return;
    this.#done += kept;
    const { classes } = this.#task;
    const places = [...ordinals.keys()].filter((place) => !bad.has(place));
    await this.#files?.add(ordinals, answer.extras, places);
    this.#count(answer.occluded, places);
    if (bad.size === 0) return this.#parent.send({ kind: "scores", ordinals, scores: answer.scores });
    const scores = new Float32Array(kept * classes);
    for (const [i, place] of places.entries()) {
      scores.set(answer.scores.subarray(place * classes, (place + 1) * classes), i * classes);
    }
    return this.#parent.send({ kind: "scores", ordinals: ordinals.filter((_, i) => !bad.has(i)), scores });
  }

  #count(occluded: Uint32Array | undefined, places: readonly number[]): void {
    if (occluded === undefined) return;
    this.#occluded ??= { pixels: 0, untouched: 0 };
    for (const place of places) {
      const pixels = occluded[place] ?? 0;
      this.#occluded.pixels += pixels;
      if (pixels === 0) this.#occluded.untouched += 1;
    }
  }

  /** Tells how far it is; also that this process lives. */
  async tell(): Promise<void> {
    const now = { at: performance.now(), done: this.#done };
    this.#ticks.push(now);
    if (this.#ticks.length > TICKS) this.#ticks.shift();
    const first = this.#ticks[0] ?? now;
    const perSecond = now.at > first.at ? ((now.done - first.done) * 1_000) / (now.at - first.at) : 0;
    await this.#parent.send({
      kind: "progress",
      done: this.#done + this.#leftOut,
      total: this.#task.total,
      perSecond,
    });
  }

  /** Tells the end of it. */
  async finish(): Promise<void> {
    const artefacts = await this.#files?.finish();
    const { rows, cols } = this.#task.preprocessing;
    await this.#parent.send({
      kind: "done",
      done: this.#done,
      leftOut: this.#leftOut,
      seconds: (performance.now() - this.#started) / 1_000,
      sessionSeconds: this.#sessionSeconds / this.#sessions,
      waitingSeconds: this.#waitingSeconds / this.#sessions,
      peakMiB: Math.round(process.resourceUsage().maxRSS / 1_024),
      ...(this.#disagreement === undefined ? {} : { disagreement: this.#disagreement }),
      ...(artefacts === undefined ? {} : { artefacts }),
      ...(this.#occluded === undefined
        ? {}
        : {
            occluded: {
              share: this.#occluded.pixels / (this.#done * rows * cols),
              untouched: this.#occluded.untouched,
            },
          }),
    });
  }
}

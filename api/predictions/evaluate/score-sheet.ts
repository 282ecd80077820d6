/** What ran when a part was worked out: parts of different sessions are not mixed unless they are alike. */
export interface PartSession {
  readonly batch: number;
  readonly provider: string;
  readonly onnxruntime: string;
}

/** An image that has no scores, and the code of the reason. */
export interface LeftOut {
  readonly position: number;
  readonly code: string;
}

interface PartHeader extends PartSession {
  readonly from: number;
  readonly to: number;
  readonly leftOut: readonly (readonly [offset: number, code: string])[];
}

/**
 * The scores of an evaluation while they come in, in any order: a column a class over all images of the version. An
 * image's position is its place among those that are evaluated, in order of ordinal.
 */
export class ScoreSheet {
  /** How many images are evaluated. */
  readonly length: number;
  /** One a class, as long as the version; NaN where there is no score. */
  readonly columns: readonly Float32Array[];
  readonly leftOut = new Map<number, string>();
  readonly #ordinals: Uint32Array | undefined;
  /** By position: 1 with scores or left out. */
  readonly #done: Uint8Array;
  #doneCount = 0;
  #prefix = 0;

  /** @param ordinals - of the images that are evaluated, ascending; absent: all */
  constructor(imageCount: number, classes: number, ordinals?: Uint32Array) {
    this.length = ordinals?.length ?? imageCount;
    this.columns = Array.from({ length: classes }, () => new Float32Array(imageCount).fill(Number.NaN));
    this.#ordinals = ordinals;
    this.#done = new Uint8Array(this.length);
  }

  /** Images with scores or left out. */
  get doneCount(): number {
    return this.#doneCount;
  }

  /** All positions below this one are done. */
  get prefix(): number {
    while (this.#prefix < this.length && this.#done[this.#prefix] === 1) this.#prefix += 1;
    return this.#prefix;
  }

  /** The ordinal at a position. */
  ordinalAt(position: number): number {
    return this.#ordinals?.[position] ?? position;
  }

  /** Takes the scores of some images, image after image; those that are done already stay as they are. */
  take(ordinals: Uint32Array, scores: Float32Array): void {
    const { columns } = this;
    // `!` in this loop: indexes below the lengths that are looped over.
    for (let i = 0; i < ordinals.length; i += 1) {
      const ordinal = ordinals[i]!;
      if (!this.#finish(this.#positionOf(ordinal))) continue;
      for (let index = 0; index < columns.length; index += 1) {
        columns[index]![ordinal] = scores[i * columns.length + index]!;
      }
    }
  }

  /** Notes that an image has no scores. False when that was known. */
  leave(ordinal: number, code: string): boolean {
    const position = this.#positionOf(ordinal);
    if (!this.#finish(position)) return false;
    this.leftOut.set(position, code);
    return true;
  }

  /** Forgets everything. */
  clear(): void {
    for (const column of this.columns) column.fill(Number.NaN);
    this.leftOut.clear();
    this.#done.fill(0);
    this.#doneCount = 0;
    this.#prefix = 0;
  }

  /** The positions [from, to), all of them done, as bytes: a line of JSON, then scores as little-endian float32. */
  writePart(from: number, to: number, session: PartSession): Buffer {
    const leftOut: [number, string][] = [];
    const scores = new Float32Array((to - from) * this.columns.length);
    for (let position = from; position < to; position += 1) {
      const code = this.leftOut.get(position);
      if (code !== undefined) leftOut.push([position - from, code]);
      const place = (position - from) * this.columns.length;
      for (const [index, column] of this.columns.entries()) {
        scores[place + index] = column[this.ordinalAt(position)] ?? Number.NaN;
      }
    }
    const header: PartHeader = { from, to, leftOut, ...session };
    return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), Buffer.from(scores.buffer)]);
  }

  /**
   * Takes what `writePart` wrote, if it goes on where the positions before it end.
   *
   * @returns the session it came from; undefined when it does not fit.
   */
  readPart(payload: Buffer): PartSession | undefined {
    const end = payload.indexOf(10);
    const header = JSON.parse(payload.subarray(0, end).toString("utf8")) as PartHeader; // safe: only writePart writes parts
    const { from, to, leftOut, batch, provider, onnxruntime } = header;
    const scores = new Float32Array(Uint8Array.from(payload.subarray(end + 1)).buffer);
    if (from !== this.prefix || to > this.length || scores.length !== (to - from) * this.columns.length)
      return undefined;
    for (const [offset, code] of leftOut) this.leave(this.ordinalAt(from + offset), code);
    const ordinals = Uint32Array.from({ length: to - from }, (_, offset) => this.ordinalAt(from + offset));
    this.take(ordinals, scores);
    return { batch, provider, onnxruntime };
  }

  #finish(position: number): boolean {
    if (this.#done[position] !== 0) return false;
    this.#done[position] = 1;
    this.#doneCount += 1;
    return true;
  }

  /** -1, of which nothing is ever done, for an image that is not evaluated. */
  #positionOf(ordinal: number): number {
    const ordinals = this.#ordinals;
    if (ordinals === undefined) return ordinal;
    let low = 0;
    let high = ordinals.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = ordinals[middle]!; // safe: low <= middle <= high < length
      if (found === ordinal) return middle;
      if (found < ordinal) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}

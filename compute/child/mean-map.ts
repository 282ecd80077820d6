/** The mean of the maps of many images, in at most 32 x 32 places. */
export interface MeanMap {
  readonly images: number;
  readonly rows: number;
  readonly cols: number;
  /** Length rows * cols, to six digits: the order in which images came does not show. */
  readonly values: readonly number[];
}

const MOST_SIDE = 32;
const DIGITS = 6;

/** Adds maps up. */
export class MapSum {
  readonly #rows: number;
  readonly #cols: number;
  readonly #sums: Float64Array;
  #images = 0;

  constructor(rows: number, cols: number) {
    this.#rows = rows;
    this.#cols = cols;
    this.#sums = new Float64Array(rows * cols);
  }

  /** @param maps - length images * rows * cols */
  add(maps: Float32Array): void {
    const size = this.#sums.length;
    // `!`: at % size lies within the sums.
    for (let at = 0; at < maps.length; at += 1) this.#sums[at % size]! += maps[at]!;
    this.#images += maps.length / size;
  }

  /** Larger maps are averaged over neighbouring places. */
  get mean(): MeanMap {
    const [rows, cols] = [Math.min(MOST_SIDE, this.#rows), Math.min(MOST_SIDE, this.#cols)];
    const from = (place: number, places: number, side: number) => Math.floor((place * side) / places);
    const values = Array.from({ length: rows * cols }, (_, at) => {
      const [row, col] = [Math.floor(at / cols), at % cols];
      let [sum, places] = [0, 0];
      for (let y = from(row, rows, this.#rows); y < from(row + 1, rows, this.#rows); y += 1) {
        for (let x = from(col, cols, this.#cols); x < from(col + 1, cols, this.#cols); x += 1) {
          sum += this.#sums[y * this.#cols + x] ?? 0;
          places += 1;
        }
      }
      return Number((sum / places / Math.max(1, this.#images)).toPrecision(DIGITS));
    });
    return { images: this.#images, rows, cols, values };
  }
}

import type { ImageFormat } from "../images/decoded-image.ts";
import type { FileFacts } from "./image-file.ts";

/** The most distinct sizes that are told apart. */
const SIZE_CAP = 100_000;

/** Counts what image files are. */
export class FileSummary {
  readonly formats: Partial<Record<ImageFormat, number>> = {};
  bytes = 0;
  rows: readonly [number, number] = [0, 0];
  cols: readonly [number, number] = [0, 0];
  readonly #sizes = new Set<number>();

  note({ format, bytes, rows, cols }: FileFacts): void {
    this.formats[format] = (this.formats[format] ?? 0) + 1;
    this.bytes += bytes;
    this.rows =
      this.#sizes.size === 0 ? [rows, rows] : [Math.min(this.rows[0], rows), Math.max(this.rows[1], rows)];
    this.cols =
      this.#sizes.size === 0 ? [cols, cols] : [Math.min(this.cols[0], cols), Math.max(this.cols[1], cols)];
    if (this.#sizes.size < SIZE_CAP) this.#sizes.add(rows * 2 ** 26 + cols);
  }

  /** Distinct sizes, up to 100,000. */
  get sizes(): number {
    return this.#sizes.size;
  }
}

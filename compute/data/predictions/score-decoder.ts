import { parseDecimal, parseFraction, parseNumberText } from "../csv/parse-decimal.ts";
import type { Cells, TextCells } from "../tabular.ts";
import { type ColumnDecoder, type DecodedColumn, skipBlanks } from "./column-decoder.ts";
import type { Frame } from "./frame.ts";
import type { ImportErrorCode } from "./import-error.ts";
import type { ScoreKind, UnknownCells } from "./types.ts";

/** Reads scores as float32; an empty cell is NaN and counted. */
export class ScoreDecoder implements ColumnDecoder {
  readonly #at: DecodedColumn;
  readonly #slot: number;
  readonly #lowest: number;
  readonly #highest: number;
  readonly #parsed = new Float64Array(1);
  #empty = 0;

  /** @param slot - index of the frame's float32 column. */
  constructor(at: DecodedColumn, slot: number, kind: ScoreKind) {
    this.#at = at;
    this.#slot = slot;
    this.#lowest = kind === "probability" ? 0 : Number.NEGATIVE_INFINITY;
    this.#highest = kind === "probability" ? 1 : Number.POSITIVE_INFINITY;
  }

  decode(cells: Cells, lines: Uint32Array, from: number, to: number, frame: Frame, at: number): void {
    // In bounds: the batch has rows [from, to), the frame's columns exist and have room for them.
    const out = frame.f32[this.#slot] as Float32Array;
    if (cells.kind === "text") {
      const { bytes, starts, ends, stride, offset } = cells;
      const lowest = this.#lowest;
      const highest = this.#highest;
      const parsed = this.#parsed;
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let row = from, to_ = at, cell = from * stride + offset; row < to; row++, to_++, cell += stride) {
        const start = starts[cell] as number;
        const end = ends[cell] as number;
        const isPlain =
          parseFraction(bytes, view, start, end, parsed) || parseDecimal(bytes, start, end, parsed);
        const value = parsed[0] as number;
        // What is written otherwise, and what is refused, the slow path decides.
        if (isPlain && value >= lowest && value <= highest && value < 3.4e38 && value > -3.4e38)
          out[to_] = value;
        else out[to_] = this.#slowCell(cells, cell, lines[row] as number);
      }
      return;
    }
    for (let row = from, to_ = at; row < to; row++, to_++) {
      if (cells.nulls[row] === 1) {
        this.#empty++;
        out[to_] = Number.NaN;
      } else out[to_] = this.#accept(cells.values[row] as number, lines[row] as number);
    }
  }

  unknownCells(): UnknownCells {
    return { file: this.#at.file, column: this.#at.column, count: this.#empty };
  }

  #slowCell(cells: TextCells, cell: number, line: number): number {
    // In bounds: the caller's cell.
    const start = cells.starts[cell] as number;
    const end = cells.ends[cell] as number;
    if (skipBlanks(cells.bytes, start, end) === end) {
      this.#empty++;
      return Number.NaN;
    }
    const value = parseNumberText(cells.bytes, start, end);
    if (typeof value === "number") return this.#accept(value, line);
    if (value === "notFinite") return this.#accept(Number.POSITIVE_INFINITY, line);
    return this.#refuse(
      "SCORE_UNPARSABLE",
      line,
      `a number like 0.25, got ${describeText(cells.bytes, start, end)}`,
    );
  }

  #accept(value: number, line: number): number {
    const rounded = Math.fround(value);
    if (!Number.isFinite(rounded)) {
      return this.#refuse("SCORE_NOT_FINITE", line, "a finite number within single precision, got none");
    }
    if (value < this.#lowest)
      return this.#refuse("SCORE_OUT_OF_RANGE", line, "a probability from 0 to 1, got less than 0");
    if (value > this.#highest) {
      return this.#refuse("SCORE_OUT_OF_RANGE", line, "a probability from 0 to 1, got more than 1");
    }
    return rounded;
  }

  #refuse(code: ImportErrorCode, line: number, what: string): number {
    const { problems, file, column } = this.#at;
    problems.add(
      code,
      { file, line, column },
      () => `Expected ${what}; leave the cell empty if the score is unknown`,
    );
    return Number.NaN;
  }
}

/** Says what kind of text is no number, without showing it: it may be an identifier of a misplaced column. */
export function describeText(bytes: Uint8Array, start: number, end: number): string {
  const text = new TextDecoder().decode(bytes.subarray(start, Math.min(end, start + 64))).trim();
  if (/^[+-]?\d+,\d+$/.test(text)) return "a decimal comma";
  if (/^0[xX][\da-fA-F]+$/.test(text)) return "a hexadecimal number";
  if (/^(na|n\/a|none|null|nil|\?|-|\.)$/i.test(text)) return `the word ${JSON.stringify(text)}`;
  return `text of ${end - start} bytes`;
}

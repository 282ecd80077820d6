import type { Cells } from "../tabular.ts";
import type { ColumnDecoder, DecodedColumn } from "./column-decoder.ts";
import type { Frame } from "./frame.ts";
import { IdIndex } from "./id-index.ts";
import { IdListBuilder } from "./id-list.ts";
import { UNKNOWN_CODE, type UnknownCells } from "./types.ts";

/** The longest image, patient or study id, in bytes. */
export const ID_CAP = 512;

/** Numbers patients or studies by first appearance, whichever file names them. */
export class KeyRegistry {
  readonly #index = new IdIndex();
  /** Ids not yet handed on; the first of them has the ordinal `delivered`. */
  readonly fresh = new IdListBuilder();
  delivered = 0;

  get size(): number {
    return this.#index.size;
  }

  ordinal(bytes: Uint8Array, start: number, end: number): number {
    const known = this.#index.size;
    const ordinal = this.#index.add(bytes, start, end);
    if (ordinal === known) this.fresh.append(bytes, start, end);
    return ordinal;
  }

  /** Forgets the fresh ids, once they are handed on. */
  markDelivered(): void {
    this.delivered += this.fresh.count;
    this.fresh.clear();
  }
}

/** Reads patient or study ids as ordinals; an empty cell is unknown and counted. */
export class KeyDecoder implements ColumnDecoder {
  readonly #at: DecodedColumn;
  readonly #slot: number;
  readonly #registry: KeyRegistry;
  #unknown = 0;

  /** @param slot - index of the frame's u32 column. */
  constructor(at: DecodedColumn, slot: number, registry: KeyRegistry) {
    this.#at = at;
    this.#slot = slot;
    this.#registry = registry;
  }

  decode(cells: Cells, lines: Uint32Array, from: number, to: number, frame: Frame, at: number): void {
    if (cells.kind !== "text") throw new TypeError("Expected text cells for a column of ids");
    // In bounds: the batch has rows [from, to), the frame has the column and room for them.
    const { bytes, starts, ends, stride, offset } = cells;
    const out = frame.u32[this.#slot] as Uint32Array;
    let lastStart = 0;
    let lastEnd = 0;
    let lastOrdinal = UNKNOWN_CODE;
    for (let row = from, to_ = at, cell = from * stride + offset; row < to; row++, to_++, cell += stride) {
      const start = starts[cell] as number;
      const end = ends[cell] as number;
      if (end === start) {
        this.#unknown++;
        out[to_] = UNKNOWN_CODE;
        continue;
      }
      // Images of a patient mostly follow each other.
      if (!sameBytes(bytes, start, end, lastStart, lastEnd)) {
        if (end - start > ID_CAP) this.#tooLong(lines[row] as number);
        lastOrdinal = this.#registry.ordinal(bytes, start, end);
        lastStart = start;
        lastEnd = end;
      }
      out[to_] = lastOrdinal;
    }
  }

  unknownCells(): UnknownCells {
    return { file: this.#at.file, column: this.#at.column, count: this.#unknown };
  }

  #tooLong(line: number): void {
    const { problems, file, column } = this.#at;
    problems.add(
      "FIELD_TOO_LONG",
      { file, line, column },
      () => `Expected ids of at most ${ID_CAP} bytes, got a longer one`,
    );
  }
}

function sameBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  otherStart: number,
  otherEnd: number,
): boolean {
  const length = end - start;
  if (length !== otherEnd - otherStart) return false;
  for (let at = 0; at < length; at++) if (bytes[start + at] !== bytes[otherStart + at]) return false;
  return true;
}

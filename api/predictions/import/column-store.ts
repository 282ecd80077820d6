import { UNKNOWN_CODE } from "../../../compute/index.ts";
import type { ColumnEncoding } from "../../datasets/dataset.table.ts";

/** A whole column, as a row of `attribute` holds it. */
export interface StoredColumn {
  readonly encoding: ColumnEncoding;
  readonly unknownCount: number;
  /** One part a block, in order; their concatenation is the column. */
  readonly parts: readonly Buffer[];
}

type Codes = Uint8Array | Uint16Array | Uint32Array;

/**
 * Gathers category codes block by block in the narrowest width that holds them; the highest code is unknown.
 * A column of ten million rows with a few levels takes 10 MB.
 */
export class CategoryColumn {
  readonly #blocks: Codes[] = [];
  #unknownCount = 0;
  #highest = -1;

  append(codes: Uint32Array, count: number): void {
    let highest = -1;
    for (let i = 0; i < count; i++) {
      const code = codes[i]!; // safe: i < count <= codes.length by contract
      if (code === UNKNOWN_CODE) this.#unknownCount++;
      else if (code > highest) highest = code;
    }
    if (highest > this.#highest) this.#highest = highest;
    const block = new (widthOf(highest))(count);
    const unknown = unknownOf(block);
    for (let i = 0; i < count; i++) {
      const code = codes[i]!; // safe: as above
      block[i] = code === UNKNOWN_CODE ? unknown : code;
    }
    this.#blocks.push(block);
  }

  finish(): StoredColumn {
    const Width = widthOf(this.#highest);
    const parts = this.#blocks.map((block) => bytesOf(widen(block, Width)));
    const encoding = Width === Uint8Array ? "u8" : Width === Uint16Array ? "u16" : "u32";
    return { encoding, unknownCount: this.#unknownCount, parts };
  }
}

/** Gathers ordinals of patients or studies as u32; the highest code is unknown. */
export class OrdinalColumn {
  readonly #blocks: Uint32Array[] = [];
  #unknownCount = 0;

  append(ordinals: Uint32Array, count: number): void {
    const block = ordinals.slice(0, count);
    for (const ordinal of block) if (ordinal === UNKNOWN_CODE) this.#unknownCount++;
    this.#blocks.push(block);
  }

  finish(): StoredColumn {
    return { encoding: "u32", unknownCount: this.#unknownCount, parts: this.#blocks.map(bytesOf) };
  }
}

/** Gathers numbers as float32 while every one is exactly a float32, as float64 otherwise; NaN is unknown. */
export class NumberColumn {
  readonly #blocks: (Float32Array | Float64Array)[] = [];
  #unknownCount = 0;
  #exact = true;

  append(values: Float64Array, count: number): void {
    const block = new Float32Array(count);
    let exact = true;
    for (let i = 0; i < count; i++) {
      const value = values[i]!; // safe: i < count <= values.length by contract
      block[i] = value;
      if (Number.isNaN(value)) this.#unknownCount++;
      else if (block[i] !== value) exact = false;
    }
    this.#exact &&= exact;
    this.#blocks.push(exact ? block : values.slice(0, count));
  }

  finish(): StoredColumn {
    const parts = this.#blocks.map((block) => bytesOf(this.#exact ? block : Float64Array.from(block)));
    return { encoding: this.#exact ? "f32" : "f64", unknownCount: this.#unknownCount, parts };
  }
}

function widthOf(highest: number): Uint8ArrayConstructor | Uint16ArrayConstructor | Uint32ArrayConstructor {
  return highest < 0xff ? Uint8Array : highest < 0xffff ? Uint16Array : Uint32Array;
}

function unknownOf(codes: Codes): number {
  return 2 ** (8 * codes.BYTES_PER_ELEMENT) - 1;
}

function widen(codes: Codes, Width: ReturnType<typeof widthOf>): Codes {
  if (codes instanceof Width) return codes;
  const wide = Width.from(codes);
  const narrowUnknown = unknownOf(codes);
  const unknown = unknownOf(wide);
  for (let i = 0; i < wide.length; i++) if (wide[i] === narrowUnknown) wide[i] = unknown;
  return wide;
}

function bytesOf(column: Codes | Float32Array | Float64Array): Buffer {
  return Buffer.from(column.buffer, column.byteOffset, column.byteLength);
}

import { SpoolFile, UNKNOWN_CODE } from "../../../compute/index.ts";
import type { ColumnEncoding } from "../../datasets/dataset.table.ts";

/** A whole column, as a row of `attribute` holds it. */
export interface StoredColumn {
  readonly encoding: ColumnEncoding;
  readonly unknownCount: number;
  readonly byteLength: number;
  /** The column in order, a block at a time; may be read again. */
  parts(): AsyncIterable<Buffer>;
}

type Numbers = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;
type NumbersConstructor =
  | Uint8ArrayConstructor
  | Uint16ArrayConstructor
  | Uint32ArrayConstructor
  | Float32ArrayConstructor
  | Float64ArrayConstructor;

/** Blocks of an import's columns, of which only so much stays in memory; the rest waits in a file without a name. */
export class BlockSpool implements AsyncDisposable {
  readonly #inMemory: SpooledBlock[] = [];
  readonly #most: number;
  #bytes = 0;
  #file: SpoolFile | undefined;

  /** @param most - bytes that may stay in memory; default 16 MB: columns of a million images. */
  constructor(most = 16_000_000) {
    this.#most = most;
  }

  /** Takes a block over. */
  hold(numbers: Numbers): SpooledBlock {
    const block = new SpooledBlock(numbers);
    this.#inMemory.push(block);
    this.#bytes += numbers.byteLength;
    return block;
  }

  /** Moves the blocks to the file when too much is in memory; call it now and then. */
  async relieve(): Promise<void> {
    if (this.#bytes <= this.#most) return;
    this.#file ??= await SpoolFile.create();
    for (const block of this.#inMemory) await block.moveTo(this.#file);
    this.#inMemory.length = 0;
    this.#bytes = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.close();
  }
}

/** One block, in memory or in the file. */
class SpooledBlock {
  readonly byteLength: number;
  readonly #make: NumbersConstructor;
  #numbers: Numbers | undefined;
  #place: { readonly file: SpoolFile; readonly position: number } | undefined;

  constructor(numbers: Numbers) {
    this.byteLength = numbers.byteLength;
    this.#make = numbers.constructor as NumbersConstructor; // safe: the five types above have these constructors
    this.#numbers = numbers;
  }

  get width(): number {
    return this.#make.BYTES_PER_ELEMENT;
  }

  get count(): number {
    return this.byteLength / this.width;
  }

  async moveTo(file: SpoolFile): Promise<void> {
    if (this.#numbers === undefined) return;
    this.#place = { file, position: await file.append(bytesOf(this.#numbers)) };
    this.#numbers = undefined;
  }

  async read(): Promise<Numbers> {
    if (this.#numbers !== undefined) return this.#numbers;
    const numbers = new this.#make(this.count);
    await this.#place?.file.readAt(bytesOf(numbers), this.#place.position);
    return numbers;
  }
}

/**
 * Gathers category codes block by block in the narrowest width that holds them; the highest code is unknown.
 * A column of ten million rows with a few levels takes 10 MB.
 */
export class CategoryColumn {
  readonly #spool: BlockSpool;
  readonly #blocks: SpooledBlock[] = [];
  #unknownCount = 0;
  #highest = -1;

  constructor(spool: BlockSpool) {
    this.#spool = spool;
  }

  append(codes: Uint32Array, count: number): void {
    let highest = -1;
    for (let i = 0; i < count; i++) {
      const code = codes[i]!; // safe: i < count <= codes.length by contract
      if (code === UNKNOWN_CODE) this.#unknownCount++;
      else if (code > highest) highest = code;
    }
    if (highest > this.#highest) this.#highest = highest;
    const block = new (codesFor(highest))(count);
    const unknown = unknownOf(block);
    for (let i = 0; i < count; i++) {
      const code = codes[i]!; // safe: as above
      block[i] = code === UNKNOWN_CODE ? unknown : code;
    }
    this.#blocks.push(this.#spool.hold(block));
  }

  finish(): StoredColumn {
    const Codes = codesFor(this.#highest);
    const encoding = Codes === Uint8Array ? "u8" : Codes === Uint16Array ? "u16" : "u32";
    return columnOf(encoding, this.#unknownCount, Codes.BYTES_PER_ELEMENT, this.#blocks, (block) =>
      widen(block, Codes),
    );
  }
}

/** Gathers ordinals of patients or studies as u32; the highest code is unknown. */
export class OrdinalColumn {
  readonly #spool: BlockSpool;
  readonly #blocks: SpooledBlock[] = [];
  #unknownCount = 0;

  constructor(spool: BlockSpool) {
    this.#spool = spool;
  }

  append(ordinals: Uint32Array, count: number): void {
    const block = ordinals.slice(0, count);
    for (const ordinal of block) if (ordinal === UNKNOWN_CODE) this.#unknownCount++;
    this.#blocks.push(this.#spool.hold(block));
  }

  finish(): StoredColumn {
    return columnOf("u32", this.#unknownCount, 4, this.#blocks, (block) => block);
  }
}

/** Gathers numbers as float32 while every one is exactly a float32, as float64 otherwise; NaN is unknown. */
export class NumberColumn {
  readonly #spool: BlockSpool;
  readonly #blocks: SpooledBlock[] = [];
  #unknownCount = 0;
  #exact = true;

  constructor(spool: BlockSpool) {
    this.#spool = spool;
  }

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
    this.#blocks.push(this.#spool.hold(exact ? block : values.slice(0, count)));
  }

  finish(): StoredColumn {
    const exact = this.#exact;
    return columnOf(exact ? "f32" : "f64", this.#unknownCount, exact ? 4 : 8, this.#blocks, (block) =>
      exact || block instanceof Float64Array ? block : Float64Array.from(block),
    );
  }
}

/** The whole column in memory, aligned for any width. */
export async function readWhole(column: StoredColumn): Promise<ArrayBuffer> {
  const whole = new Uint8Array(column.byteLength);
  let at = 0;
  for await (const part of column.parts()) {
    whole.set(part, at);
    at += part.length;
  }
  return whole.buffer;
}

function columnOf(
  encoding: ColumnEncoding,
  unknownCount: number,
  width: number,
  blocks: readonly SpooledBlock[],
  convert: (block: Numbers) => Numbers,
): StoredColumn {
  return {
    encoding,
    unknownCount,
    byteLength: blocks.reduce((sum, block) => sum + block.count * width, 0),
    async *parts() {
      for (const block of blocks) yield bytesOf(convert(await block.read()));
    },
  };
}

function codesFor(highest: number): Uint8ArrayConstructor | Uint16ArrayConstructor | Uint32ArrayConstructor {
  return highest < 0xff ? Uint8Array : highest < 0xffff ? Uint16Array : Uint32Array;
}

function unknownOf(codes: Numbers): number {
  return 2 ** (8 * codes.BYTES_PER_ELEMENT) - 1;
}

function widen(codes: Numbers, Codes: ReturnType<typeof codesFor>): Numbers {
  if (codes instanceof Codes) return codes;
  const wide = Codes.from(codes);
  const narrowUnknown = unknownOf(codes);
  const unknown = unknownOf(wide);
  for (let i = 0; i < wide.length; i++) if (wide[i] === narrowUnknown) wide[i] = unknown;
  return wide;
}

function bytesOf(column: Numbers): Buffer {
  return Buffer.from(column.buffer, column.byteOffset, column.byteLength);
}

import { ImportError } from "../predictions/import-error.ts";

const STOP = 0;
const MAX_DEPTH = 16;

/**
 * Walks one Thrift compact struct of a Parquet file without building it, so that no length in it can make a reader
 * allocate more than the bytes that are there: list sizes, string lengths and nesting are checked.
 *
 * @returns its length in bytes, or -1 when it runs past the end of `bytes`.
 * @throws {ImportError} PARQUET_INVALID when it is no such struct.
 */
export function thriftStructLength(bytes: Uint8Array): number {
  const walker = new Walker(bytes);
  try {
    walker.struct(0);
    return walker.at;
  } catch (error) {
    if (error === CUT_OFF) return -1;
    throw error;
  }
}

const CUT_OFF = Symbol("the struct goes on after the bytes at hand");

class Walker {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  struct(depth: number): void {
    if (depth > MAX_DEPTH) refuse("nested deeper than any Parquet file");
    for (;;) {
      const byte = this.#byte();
      const type = byte & 15;
      if (type === STOP) return;
      if (byte >> 4 === 0) this.#varint();
      // Booleans of a struct are in the type itself.
      if (type > 2) this.#value(type, depth);
    }
  }

  #value(type: number, depth: number): void {
    if (type <= 3) this.#skip(1);
    else if (type <= 6) this.#varint();
    else if (type === 7) this.#skip(8);
    else if (type === 8) this.#skip(this.#varint());
    else if (type === 9) this.#list(depth + 1);
    else if (type === 12) this.struct(depth + 1);
    else refuse(`of an unknown type ${type}`);
  }

  #list(depth: number): void {
    if (depth > MAX_DEPTH) refuse("nested deeper than any Parquet file");
    const byte = this.#byte();
    const count = byte >> 4 === 15 ? this.#varint() : byte >> 4;
    // Every element takes a byte at least.
    if (count > this.#bytes.length - this.at) throw CUT_OFF;
    for (let element = 0; element < count; element++) this.#value(byte & 15, depth);
  }

  #byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw CUT_OFF;
    return byte;
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    return refuse("with an endless number");
  }

  #skip(length: number): void {
    if (length > this.#bytes.length - this.at) throw CUT_OFF;
    this.at += length;
  }
}

function refuse(what: string): never {
  throw new ImportError(
    "PARQUET_INVALID",
    `Expected Parquet metadata, got a structure ${what}; write the file again`,
  );
}

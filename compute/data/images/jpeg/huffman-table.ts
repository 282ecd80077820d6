import { ImageError } from "../image-error.ts";

/** Codes of up to this many bits are found by one look. */
export const LOOK_BITS = 9;

/** A Huffman table of ISO/IEC 10918-1 annex C, made for looking codes up. */
export interface HuffmanTable {
  /** By the next LOOK_BITS bits: length * 256 + symbol, or 0 where the code is longer. */
  readonly look: Uint16Array;
  /** By length, 0 to 17: the largest code of that length, or -1; endless at 17. */
  readonly largest: Int32Array;
  /** By length: what to add to a code to find its symbol. */
  readonly offsets: Int32Array;
  readonly symbols: Uint8Array;
}

/**
 * @param counts - 16 numbers of codes of length 1 to 16.
 * @param symbols - as many as the counts say.
 * @throws {ImageError} IMAGE_CORRUPT when the codes do not fit into their lengths.
 */
export function makeHuffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const look = new Uint16Array(1 << LOOK_BITS);
  const largest = new Int32Array(18).fill(-1);
  const offsets = new Int32Array(18);
  let code = 0;
  let used = 0;
  for (let length = 1; length <= 16; length += 1) {
    const count = counts[length - 1] ?? 0;
    offsets[length] = used - code;
    if (code + count > 1 << length) {
      throw new ImageError("IMAGE_CORRUPT", "Expected Huffman codes that fit their lengths, got too many");
    }
    for (let index = 0; index < count; index += 1, code += 1, used += 1) {
      if (length > LOOK_BITS) continue;
      const first = code << (LOOK_BITS - length);
      look.fill(length * 256 + (symbols[used] ?? 0), first, first + (1 << (LOOK_BITS - length)));
    }
    if (count > 0) largest[length] = code - 1;
    code <<= 1;
  }
  largest[17] = 0x7fff_ffff;
  return { look, largest, offsets, symbols };
}

import { ImageError } from "../image-error.ts";
import { type HuffmanTable, LOOK_BITS } from "./huffman-table.ts";

/**
 * Bits of entropy-coded data, most significant first; 0xff 0x00 is a 0xff. Behind the data come zeros without end, and
 * `requireInside` tells that they were used, so that no symbol has to be checked by itself.
 */
export class BitReader {
  readonly #bytes: Uint8Array;
  #position: number;
  #buffer = 0;
  #count = 0;
  /** Zero bits appended, the last of those in the buffer. */
  #padding = 0;

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#position = start;
  }

  /** The next symbol. @throws {ImageError} IMAGE_CORRUPT when no code fits */
  symbol(table: HuffmanTable): number {
    if (this.#count < 16) this.#fill();
    const found = table.look[(this.#buffer >>> (this.#count - LOOK_BITS)) & ((1 << LOOK_BITS) - 1)] as number; // 9 bits
    if (found !== 0) {
      this.#count -= found >> 8;
      return found & 255;
    }
    for (let length = LOOK_BITS + 1; length <= 16; length += 1) {
      const code = (this.#buffer >>> (this.#count - length)) & ((1 << length) - 1);
      // Inside: both have 18 entries, and a code up to the largest of its length has a symbol.
      if (code > (table.largest[length] as number)) continue;
      this.#count -= length;
      return table.symbols[code + (table.offsets[length] as number)] ?? 0;
    }
    this.requireInside();
    throw new ImageError("IMAGE_CORRUPT", "Expected a Huffman code of the table, got other bits");
  }

  /** The next `count` bits, 0 to 16, as a number. */
  bits(count: number): number {
    if (this.#count < count) this.#fill();
    this.#count -= count;
    return (this.#buffer >>> this.#count) & ((1 << count) - 1);
  }

  /** A difference of `count` bits, 0 to 16 (F.2.2.1: those without the leading one are negative). */
  difference(count: number): number {
    if (count === 0) return 0;
    const value = this.bits(count);
    return value < 1 << (count - 1) ? value - (1 << count) + 1 : value;
  }

  /** @throws {ImageError} IMAGE_TRUNCATED, IMAGE_CORRUPT when bits behind the data were read */
  requireInside(): void {
    if (this.#count >= this.#padding) return;
    const atEnd = this.#position + 1 >= this.#bytes.length || this.#bytes[this.#position + 1] === 0xd9;
    throw new ImageError(
      atEnd ? "IMAGE_TRUNCATED" : "IMAGE_CORRUPT",
      "Expected data for every pixel, got the end of the JPEG scan; copy the file again",
    );
  }

  /** Goes on behind a restart marker. @throws {ImageError} IMAGE_CORRUPT when the next marker is another */
  restart(number: number): void {
    const marker = this.end();
    if (this.#bytes[marker + 1] !== 0xd0 + (number & 7)) {
      throw new ImageError(
        "IMAGE_CORRUPT",
        `Expected restart marker ${number & 7} in the JPEG scan, got other bytes`,
      );
    }
    this.#position = marker + 2;
    this.#buffer = 0;
    this.#count = 0;
    this.#padding = 0;
  }

  /** Where the marker behind the data is. @throws {ImageError} as `requireInside`; IMAGE_CORRUPT when data is left */
  end(): number {
    this.requireInside();
    const unread = (this.#count - this.#padding) >> 3;
    while (this.#bytes[this.#position] === 0xff && this.#bytes[this.#position + 1] === 0xff)
      this.#position += 1;
    const isMarker = this.#bytes[this.#position] === 0xff && this.#bytes[this.#position + 1] !== 0;
    const isAtEnd = this.#position >= this.#bytes.length;
    if (unread > 1 || !(isMarker || isAtEnd || this.#skipOne())) {
      throw new ImageError(
        "IMAGE_CORRUPT",
        "Expected the end of the JPEG scan, got data that belongs to no pixel",
      );
    }
    return this.#position;
  }

  /** One stray byte before the marker is let pass: some encoders round up to words. */
  #skipOne(): boolean {
    if (this.#bytes[this.#position + 1] !== 0xff || this.#bytes[this.#position + 2] === 0) return false;
    this.#position += 1;
    return true;
  }

  /** To 25 bits or more. */
  #fill(): void {
    while (this.#count <= 24) {
      const byte = this.#bytes[this.#position];
      let next = byte ?? 0;
      if (byte === undefined) this.#padding += 8;
      else if (byte !== 0xff) this.#position += 1;
      else if (this.#bytes[this.#position + 1] === 0) this.#position += 2;
      else {
        next = 0;
        this.#padding += 8;
      }
      this.#buffer = (this.#buffer << 8) | next;
      this.#count += 8;
    }
  }
}

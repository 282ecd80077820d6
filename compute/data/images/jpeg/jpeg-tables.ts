import { ImageError } from "../image-error.ts";
import { type HuffmanTable, makeHuffmanTable } from "./huffman-table.ts";
import type { JpegSegment } from "./jpeg-markers.ts";

/** Row by row, the place of each coefficient of the zigzag order (ISO/IEC 10918-1 figure A.6). */
export const zigzag = makeZigzag();

/** What the segments before a scan set: tables, restart interval, and how colour is coded. */
export class JpegTables {
  /** By number 0 to 3: 64 factors in row order. */
  readonly quantisation: (Uint16Array | undefined)[] = [];
  readonly dc: (HuffmanTable | undefined)[] = [];
  readonly ac: (HuffmanTable | undefined)[] = [];
  restartInterval = 0;
  /** Of an Adobe segment: 0 no transform, 1 YCbCr. */
  adobeTransform: number | undefined;
  isJfif = false;

  /** Takes what a segment says; segments of other kinds are passed over. @throws {ImageError} IMAGE_CORRUPT */
  read(bytes: Uint8Array, { marker, start, end }: JpegSegment): void {
    const content = bytes.subarray(start, end);
    if (marker === 0xdb) this.#readQuantisation(content);
    else if (marker === 0xc4) this.#readHuffman(content);
    else if (marker === 0xdd) this.restartInterval = (content[0] ?? 0) * 256 + (content[1] ?? 0);
    else if (marker === 0xe0) this.isJfif ||= startsWith(content, "JFIF\0");
    else if (marker === 0xee && startsWith(content, "Adobe") && content.length >= 12) {
      this.adobeTransform = content[11];
    }
  }

  #readQuantisation(content: Uint8Array): void {
    for (let at = 0; at < content.length; ) {
      const head = content[at] ?? 0;
      const wide = head >> 4;
      const factors = content.subarray(at + 1, at + 1 + 64 * (wide + 1));
      if (wide > 1 || (head & 15) > 3 || factors.length !== 64 * (wide + 1)) throw badTable("quantisation");
      const table = new Uint16Array(64);
      for (let index = 0; index < 64; index += 1) {
        const factor =
          wide === 0
            ? (factors[index] ?? 0)
            : (factors[2 * index] ?? 0) * 256 + (factors[2 * index + 1] ?? 0);
        table[zigzag[index] ?? 0] = factor;
      }
      this.quantisation[head & 15] = table;
      at += 1 + factors.length;
    }
  }

  #readHuffman(content: Uint8Array): void {
    for (let at = 0; at < content.length; ) {
      const head = content[at] ?? 0;
      const counts = content.subarray(at + 1, at + 17);
      const total = counts.reduce((sum, count) => sum + count, 0);
      const symbols = content.slice(at + 17, at + 17 + total);
      if (
        head >> 4 > 1 ||
        (head & 15) > 3 ||
        counts.length !== 16 ||
        symbols.length !== total ||
        total > 256
      ) {
        throw badTable("Huffman");
      }
      const tables = head >> 4 === 0 ? this.dc : this.ac;
      tables[head & 15] = makeHuffmanTable(counts, symbols);
      at += 17 + total;
    }
  }
}

function startsWith(content: Uint8Array, text: string): boolean {
  return [...text].every((character, index) => content[index] === character.charCodeAt(0));
}

function badTable(kind: string): ImageError {
  return new ImageError("IMAGE_CORRUPT", `Expected a ${kind} table, got other bytes; the JPEG is damaged`);
}

/** Along the diagonals of 8 x 8, turning at each end. */
function makeZigzag(): Uint8Array {
  const order = new Uint8Array(64);
  let place = 0;
  for (let diagonal = 0; diagonal < 15; diagonal += 1) {
    const cells = Array.from({ length: diagonal + 1 }, (_, row) => [row, diagonal - row] as const).filter(
      ([row, col]) => row < 8 && col < 8,
    );
    if (diagonal % 2 === 0) cells.reverse();
    for (const [row, col] of cells) {
      order[place] = row * 8 + col;
      place += 1;
    }
  }
  return order;
}

import type { Frame, FrameLayout } from "./frame.ts";
import { SpoolFile } from "./spool-file.ts";

/** Bytes a block's rows gather in memory before they are written. */
const EXTENT = 16_384;

/** Spooled rows as they lie in memory: row i of `count` starts `i * recordBytes` after the start of `buffer`. */
export interface SpooledRows {
  readonly count: number;
  readonly recordBytes: number;
  readonly f64: Float64Array;
  readonly u32: Uint32Array;
  readonly f32: Float32Array;
  readonly u8: Uint8Array;
  /** Where the parts of a record start, in entries of the array of their type: f64 at 0. */
  readonly u32At: number;
  readonly f32At: number;
  readonly u8At: number;
}

/** Entries of `u32` in front of the row's own: the place in its block, and the line. */
export const SPOOL_HEAD = 2;

/**
 * Rows in any order go in, blocks of 65,536 images come out: each row is written, as a record of fixed width, to the
 * pile of its image's block. A pile gathers 16 KiB in memory, then goes to disk; in memory stay 16 KiB a block (2.4 MB
 * for ten million images), on disk the rows once.
 */
export class ScatterSpool {
  readonly #file: SpoolFile;
  readonly #blockRows: number;
  readonly #record: Omit<SpooledRows, "count" | "f64" | "u32" | "f32" | "u8">;
  /** The pile of each block, its parts on disk, and the piles that are full or free again. */
  readonly #piles: (Pile | undefined)[] = [];
  readonly #extents: { readonly at: number; readonly bytes: number }[][] = [];
  readonly #full: Pile[] = [];
  readonly #free: Pile[] = [];
  readonly #extentBytes: number;

  private constructor(file: SpoolFile, layout: FrameLayout, blockRows: number) {
    this.#file = file;
    this.#blockRows = blockRows;
    const u32At = layout.f64 * 2;
    const f32At = u32At + SPOOL_HEAD + layout.u32;
    const u8At = (f32At + layout.f32) * 4;
    const recordBytes = Math.ceil((u8At + layout.u8) / 8) * 8;
    this.#record = { recordBytes, u32At, f32At, u8At };
    this.#extentBytes = Math.max(1, Math.floor(EXTENT / recordBytes)) * recordBytes;
  }

  static async create(
    directory: string | undefined,
    layout: FrameLayout,
    blockRows: number,
  ): Promise<ScatterSpool> {
    return new ScatterSpool(await SpoolFile.create(directory), layout, blockRows);
  }

  /** Writes rows `[0, rows)` of `frame`, row i to image `ordinals[i]`; -1 is left out. Then call `flush`. */
  write(frame: Frame, lines: Uint32Array, firstLine: number, rows: number, ordinals: Int32Array): void {
    const { recordBytes, u32At, f32At, u8At } = this.#record;
    const { f64, u32, f32, u8 } = frame;
    for (let row = 0; row < rows; row++) {
      // In bounds: row < rows <= frame.rows, and a pile has room for a record.
      const ordinal = ordinals[row] as number;
      if (ordinal < 0) continue;
      const block = Math.floor(ordinal / this.#blockRows);
      let pile = this.#piles[block];
      if (pile === undefined || pile.used === this.#extentBytes) pile = this.#freshPile(block);
      const at = pile.used;
      pile.used = at + recordBytes;
      for (let column = 0, to = at >> 3; column < f64.length; column++) {
        pile.f64[to + column] = (f64[column] as Float64Array)[row] as number;
      }
      let to = (at >> 2) + u32At;
      pile.u32[to++] = ordinal - block * this.#blockRows;
      pile.u32[to++] = lines[firstLine + row] as number;
      for (let column = 0; column < u32.length; column++) {
        pile.u32[to + column] = (u32[column] as Uint32Array)[row] as number;
      }
      to = (at >> 2) + f32At;
      for (let column = 0; column < f32.length; column++) {
        pile.f32[to + column] = (f32[column] as Float32Array)[row] as number;
      }
      to = at + u8At;
      for (let column = 0; column < u8.length; column++) {
        pile.u8[to + column] = (u8[column] as Uint8Array)[row] as number;
      }
    }
  }

  /** Writes the piles that are full to disk. */
  async flush(): Promise<void> {
    for (const pile of this.#full.splice(0)) await this.#store(pile);
  }

  /** All rows of a block, piece by piece in the order of writing; a piece's memory is reused. */
  async *read(block: number): AsyncGenerator<SpooledRows> {
    await this.flush();
    const pile = this.#piles[block];
    if (pile === undefined) return;
    const piece = this.#free.pop() ?? new Pile(this.#extentBytes);
    for (const extent of this.#extents[block] ?? []) {
      await this.#file.readAt(piece.u8.subarray(0, extent.bytes), extent.at);
      yield this.#rowsOf(piece, extent.bytes);
    }
    this.#free.push(piece);
    if (pile.used > 0) yield this.#rowsOf(pile, pile.used);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #rowsOf({ f64, u32, f32, u8 }: Pile, bytes: number): SpooledRows {
    return { ...this.#record, count: bytes / this.#record.recordBytes, f64, u32, f32, u8 };
  }

  #freshPile(block: number): Pile {
    const old = this.#piles[block];
    if (old !== undefined) this.#full.push(old);
    const fresh = this.#free.pop() ?? new Pile(this.#extentBytes);
    fresh.block = block;
    fresh.used = 0;
    this.#piles[block] = fresh;
    return fresh;
  }

  async #store(pile: Pile): Promise<void> {
    const at = await this.#file.append(pile.u8.subarray(0, pile.used));
    const extents = this.#extents[pile.block] ?? [];
    extents.push({ at, bytes: pile.used });
    this.#extents[pile.block] = extents;
    this.#free.push(pile);
  }
}

class Pile {
  readonly f64: Float64Array;
  readonly u32: Uint32Array;
  readonly f32: Float32Array;
  readonly u8: Uint8Array;
  block = 0;
  used = 0;

  constructor(bytes: number) {
    const buffer = new ArrayBuffer(bytes);
    this.f64 = new Float64Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f32 = new Float32Array(buffer);
    this.u8 = new Uint8Array(buffer);
  }
}

import { UNKNOWN_CODE, UNKNOWN_TRUTH } from "./types.ts";

/** How many columns of each number type a frame has. */
export interface FrameLayout {
  readonly f64: number;
  readonly u32: number;
  readonly f32: number;
  readonly u8: number;
}

/** Typed columns of equal length: the rows being read, or the images of a block. */
export class Frame {
  readonly layout: FrameLayout;
  readonly rows: number;
  readonly f64: readonly Float64Array[];
  readonly u32: readonly Uint32Array[];
  readonly f32: readonly Float32Array[];
  readonly u8: readonly Uint8Array[];

  constructor(layout: FrameLayout, rows: number) {
    this.layout = layout;
    this.rows = rows;
    this.f64 = Array.from({ length: layout.f64 }, () => new Float64Array(rows));
    this.u32 = Array.from({ length: layout.u32 }, () => new Uint32Array(rows));
    this.f32 = Array.from({ length: layout.f32 }, () => new Float32Array(rows));
    this.u8 = Array.from({ length: layout.u8 }, () => new Uint8Array(rows));
    this.clear();
  }

  /** Makes every value unknown: NaN, UNKNOWN_CODE, UNKNOWN_TRUTH. */
  clear(): void {
    for (const column of this.f64) column.fill(Number.NaN);
    for (const column of this.u32) column.fill(UNKNOWN_CODE);
    for (const column of this.f32) column.fill(Number.NaN);
    for (const column of this.u8) column.fill(UNKNOWN_TRUTH);
  }
}

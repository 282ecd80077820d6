import type { ColumnEncoding } from "./dataset.table.ts";

/** The numbers of a stored column. */
export type ColumnNumbers = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

const views = {
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const satisfies Record<ColumnEncoding, unknown>;

/**
 * Sees the bytes of a column as its numbers, without a copy. Little-endian, as is every platform served; the byte length
 * must be a multiple of the width, which the database checks when a version is frozen.
 */
export function numbersOf(encoding: ColumnEncoding, bytes: ArrayBuffer): ColumnNumbers {
  return new views[encoding](bytes);
}

/** The numbers in a Buffer, copied to an address that every type of number accepts. */
export function copyNumbers(encoding: ColumnEncoding, bytes: Uint8Array): ColumnNumbers {
  return numbersOf(encoding, new Uint8Array(bytes).buffer);
}

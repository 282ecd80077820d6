import { ImageError } from "./image-error.ts";

/** What the IHDR chunk says (ISO/IEC 15948, 11.2.2). */
export interface PngHeader {
  readonly rows: number;
  readonly cols: number;
  /** Bits a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** Of the pixels once a palette is spelled out: 1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha. */
  readonly channels: number;
  readonly palette: boolean;
  /** Written in seven passes. */
  readonly interlaced: boolean;
}

/** A chunk: its type as four letters in a number, and its data. */
export interface PngChunk {
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

/** By colour type: samples a pixel, and the depths that the standard allows. */
const colourTypes: Readonly<
  Record<number, { readonly channels: number; readonly depths: readonly number[] }>
> = {
  0: { channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { channels: 3, depths: [8, 16] },
  3: { channels: 3, depths: [1, 2, 4, 8] },
  4: { channels: 2, depths: [8, 16] },
  6: { channels: 4, depths: [8, 16] },
};
const SIGNATURE = 8;
const IHDR = 0x49484452;
const IEND = 0x49454e44;
/** Of the chunks that hold pixels. */
export const IDAT = 0x49444154;

/** @throws {ImageError} IMAGE_TRUNCATED, IMAGE_CORRUPT */
export function readPngHeader(bytes: Uint8Array): PngHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < SIGNATURE + 8 + 13) {
    throw new ImageError("IMAGE_TRUNCATED", `Expected the header of a PNG, got ${bytes.length} bytes in all`);
  }
  const cols = view.getUint32(16);
  const rows = view.getUint32(20);
  const depth = view.getUint8(24);
  const type = view.getUint8(25);
  const known = colourTypes[type];
  if (view.getUint32(12) !== IHDR || known === undefined || !known.depths.includes(depth)) {
    throw new ImageError("IMAGE_CORRUPT", `Expected a PNG header, got colour type ${type} of ${depth} bits`);
  }
  if (rows === 0 || cols === 0) {
    throw new ImageError("IMAGE_CORRUPT", `Expected rows and columns, got a PNG of ${rows} x ${cols}`);
  }
  return {
    rows,
    cols,
    depth,
    channels: known.channels,
    palette: type === 3,
    interlaced: view.getUint8(28) !== 0,
  };
}

/** Whether every chunk up to IEND is there; O(chunks). */
export function isWholePng(bytes: Uint8Array): boolean {
  for (const { type } of chunksOf(bytes)) if (type === IEND) return true;
  return false;
}

/** The chunks that are whole, with their sums. */
export function* chunksOf(bytes: Uint8Array): Generator<PngChunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = SIGNATURE; at + 12 <= bytes.length; ) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > bytes.length) return;
    yield { type: view.getUint32(at + 4), start: at + 8, end };
    at = end + 4;
  }
}

import { ImageError } from "../image-error.ts";
import type { StreamShape } from "./stream-shape.ts";

/** A JPEG 2000 codestream whose header has been checked. */
export interface CodestreamHeader extends StreamShape {
  /** Without the boxes of a JP2 file around it. */
  readonly codestream: Uint8Array;
}

const SOC = 0xff4f;
const SIZ = 0xff51;
const COD = 0xff52;
const COC = 0xff53;
const SOT = 0xff90;
const SOD = 0xff93;
const EOC = 0xffd9;
const JP2_SIGNATURE = 0x6a502020;
const JP2_CODESTREAM = 0x6a703263;
/** A file of a few bytes may ask for 65,535 tiles of kilobytes each, or for billions of empty packets. */
const MAX_TILES = 4096;
const MAX_PACKETS = 500_000;

/**
 * Reads size (SIZ, ISO/IEC 15444-1 A.5.1) and coding style (COD, A.6.1), and refuses what would let a small stream take
 * much memory or time.
 *
 * @throws {ImageError} IMAGE_TRUNCATED, IMAGE_CORRUPT, IMAGE_TOO_LARGE, IMAGE_KIND_UNSUPPORTED
 */
export function readCodestreamHeader(bytes: Uint8Array): CodestreamHeader {
  const codestream = unwrap(bytes);
  const view = new DataView(codestream.buffer, codestream.byteOffset, codestream.byteLength);
  if (view.byteLength < 46) throw cutOff();
  if (view.getUint16(0) !== SOC || view.getUint16(2) !== SIZ) {
    throw corrupt("a JPEG 2000 codestream", "other bytes; the syntax may be mislabelled");
  }
  const channels = view.getUint16(40);
  const sizEnd = 4 + view.getUint16(4);
  if (sizEnd !== 42 + 3 * channels)
    throw corrupt(`a SIZ segment of ${channels} components`, `${sizEnd} bytes`);
  if (sizEnd > view.byteLength) throw cutOff();
  const size = (at: number) => view.getUint32(at);
  const [cols, rows] = [size(8) - size(16), size(12) - size(20)];
  const [tileCols, tileRows] = [size(24), size(28)];
  if (cols <= 0 || rows <= 0 || tileCols === 0 || tileRows === 0)
    throw corrupt("an image with an area", "none");
  const tilesAcross = Math.ceil((size(8) - size(32)) / tileCols);
  const tilesDown = Math.ceil((size(12) - size(36)) / tileRows);
  if (tilesAcross < 1 || tilesDown < 1) throw corrupt("tiles over the image", "none");
  if (tilesAcross * tilesDown > MAX_TILES) {
    throw tooLarge(`at most ${MAX_TILES} tiles`, `${tilesAcross} x ${tilesDown}`);
  }
  const precision = (view.getUint8(42) & 127) + 1;
  for (let channel = 0; channel < channels; channel += 1) {
    const at = 42 + 3 * channel;
    const isLikeFirst = view.getUint8(at) === view.getUint8(42);
    if (!isLikeFirst || view.getUint8(at + 1) !== 1 || view.getUint8(at + 2) !== 1) {
      throw new ImageError(
        "IMAGE_KIND_UNSUPPORTED",
        "Expected JPEG 2000 components of one size and depth, got several",
      );
    }
  }
  const tiles = tilesAcross * tilesDown * channels;
  requireFewPackets(view, sizEnd, { tiles, rows: Math.min(tileRows, rows), cols: Math.min(tileCols, cols) });
  return { codestream, rows, cols, channels, precision };
}

/** What the coding styles of a stream multiply. */
interface Grid {
  /** Tiles of all components. */
  readonly tiles: number;
  /** Of the largest tile. */
  readonly rows: number;
  readonly cols: number;
}

/**
 * Refuses more packets, layers times precincts of all tiles, than a real image has: a decoder walks through them even
 * when each is empty. Walks the main header and those of the tile parts, where a style may be given anew.
 */
function requireFewPackets(view: DataView, from: number, { tiles, rows, cols }: Grid): void {
  const end = view.byteLength;
  let layers = 1;
  let precincts = 1;
  let tilePartEnd = end;
  for (let at = from; ; ) {
    if (at + 2 > end) throw cutOff();
    const marker = view.getUint16(at);
    if (marker === EOC) return;
    if (marker === SOD) {
      if (tilePartEnd <= at) throw corrupt("a tile part that holds its header", "a shorter one");
      // The last tile part may leave its length open: it ends where the stream does.
      if (tilePartEnd === end) {
        requireEndOfCodestream(view);
        return;
      }
      at = tilePartEnd;
      continue;
    }
    if (at + 4 > end) throw cutOff();
    const length = view.getUint16(at + 2);
    if (marker < 0xff00 || length < 2) throw corrupt("a segment of the JPEG 2000 header", "other bytes");
    const next = at + 2 + length;
    if (next > end) throw cutOff();
    if (marker === SOT && length === 10) {
      const partLength = view.getUint32(at + 6);
      tilePartEnd = partLength === 0 ? end : at + partLength;
      if (tilePartEnd > end) throw cutOff();
    } else if (marker === COD && length >= 12) {
      layers = Math.max(layers, view.getUint16(at + 6));
      precincts = Math.max(precincts, countPrecincts(view, at + 4, at + 9, next, { rows, cols }));
    } else if (marker === COC && length >= 9) {
      // The number of the component takes one byte: there are at most three.
      precincts = Math.max(precincts, countPrecincts(view, at + 5, at + 6, next, { rows, cols }));
    }
    if (layers * precincts * tiles > MAX_PACKETS) {
      throw tooLarge(
        `at most ${MAX_PACKETS} packets`,
        `${layers} layers of ${precincts} precincts in ${tiles} tiles`,
      );
    }
    at = next;
  }
}

/** Precincts of one component of a tile: `style` and `levels` say where these are in the segment. */
function countPrecincts(
  view: DataView,
  style: number,
  levels: number,
  end: number,
  { rows, cols }: { readonly rows: number; readonly cols: number },
): number {
  const count = view.getUint8(levels);
  if (count > 32) throw corrupt("at most 32 decomposition levels", String(count));
  const hasSizes = (view.getUint8(style) & 1) === 1;
  const sizes = levels + 5;
  if (hasSizes && sizes + count >= end) throw corrupt("a precinct size for each resolution", "fewer");
  let precincts = 0;
  for (let resolution = 0; resolution <= count; resolution += 1) {
    const size = hasSizes ? view.getUint8(sizes + resolution) : 0xff;
    const scale = 2 ** (count - resolution);
    const across = Math.ceil(cols / scale / 2 ** (size & 15));
    precincts += across * Math.ceil(rows / scale / 2 ** (size >> 4));
  }
  return precincts;
}

/** A byte of padding may follow it. */
function requireEndOfCodestream(view: DataView): void {
  const end = view.byteLength;
  if (view.getUint16(end - 2) !== EOC && view.getUint16(end - 3) !== EOC) throw cutOff();
}

/** The codestream itself: some writers put a whole JP2 file into a frame. */
function unwrap(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || view.getUint32(4) !== JP2_SIGNATURE) return bytes;
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at);
    if (view.getUint32(at + 4) === JP2_CODESTREAM) return bytes.subarray(at + 8);
    if (length < 8) break;
    at += length;
  }
  throw corrupt("a codestream in the JP2 file", "none");
}

function cutOff(): ImageError {
  return new ImageError("IMAGE_TRUNCATED", "Expected the header of a JPEG 2000 codestream, got its end");
}

function corrupt(expected: string, got: string): ImageError {
  return new ImageError("IMAGE_CORRUPT", `Expected ${expected}, got ${got}`);
}

function tooLarge(expected: string, got: string): ImageError {
  return new ImageError("IMAGE_TOO_LARGE", `Expected ${expected}, got ${got}`);
}

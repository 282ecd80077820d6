import { ImageError } from "../image-error.ts";
import { BitReader } from "./bit-reader.ts";
import type { HuffmanTable } from "./huffman-table.ts";
import {
  EOI,
  isFrameMarker,
  type JpegFrameHeader,
  readFrameHeader,
  readSegment,
  SOS,
} from "./jpeg-markers.ts";
import { JpegTables } from "./jpeg-tables.ts";
import { readScanHeader, type ScanHeader } from "./scan-header.ts";

/** A lossless JPEG, plane by plane. */
export interface LosslessPlanes {
  readonly header: JpegFrameHeader;
  /** rows * cols for each component, one after the other. */
  readonly samples: Uint8Array | Uint16Array;
}

const SOF3 = 0xc3;

/**
 * Decodes a lossless JPEG with Huffman codes, 2 to 16 bits, any predictor (ISO/IEC 10918-1 annex H). The size has been
 * checked by the caller. O(pixels), about 25 ns each.
 *
 * @throws {ImageError} IMAGE_TRUNCATED, IMAGE_CORRUPT, IMAGE_KIND_UNSUPPORTED
 */
export function decodeLossless(bytes: Uint8Array): LosslessPlanes {
  const tables = new JpegTables();
  let frame:
    | {
        readonly header: JpegFrameHeader;
        readonly planes: (Uint8Array | Uint16Array)[];
        readonly samples: Uint8Array | Uint16Array;
      }
    | undefined;
  const read = new Set<number>();
  for (let segment = readSegment(bytes, 0); segment.marker !== EOI; ) {
    let next = segment.end;
    if (isFrameMarker(segment.marker)) {
      if (frame !== undefined) throw corrupt("one frame", "several");
      frame = makeFrame(readFrameHeader(bytes, segment));
    } else if (segment.marker === SOS) {
      if (frame === undefined) throw corrupt("a frame header before the scan", "none");
      const scan = readScanHeader(
        bytes,
        segment,
        frame.header.components.map(({ id }) => id),
      );
      // Each component has one scan: a second would only cost time.
      if (scan.parts.some(({ component }) => read.has(component)))
        throw corrupt("one scan a component", "several");
      for (const { component } of scan.parts) read.add(component);
      next = readScan(bytes, segment.end, scan, tables, frame);
    } else tables.read(bytes, segment);
    segment = readSegment(bytes, next);
  }
  if (frame === undefined || read.size !== frame.planes.length)
    throw corrupt("a scan of every component", "none");
  return { header: frame.header, samples: frame.samples };
}

function makeFrame(header: JpegFrameHeader) {
  const { marker, precision, rows, cols, components } = header;
  if (marker !== SOF3 || precision < 2 || precision > 16) {
    throw new ImageError(
      "IMAGE_KIND_UNSUPPORTED",
      `Expected a Huffman-coded lossless JPEG, got process ${marker & 15} of ${precision} bits`,
    );
  }
  if (!components.every(({ across, down }) => across === 1 && down === 1)) {
    throw new ImageError(
      "IMAGE_KIND_UNSUPPORTED",
      "Expected components of one size in a lossless JPEG, got several",
    );
  }
  const size = rows * cols;
  const samples =
    precision <= 8 ? new Uint8Array(size * components.length) : new Uint16Array(size * components.length);
  const planes = components.map((_, index) => samples.subarray(index * size, (index + 1) * size));
  return { header, planes, samples };
}

/** What a part of a scan is read with. */
interface Part {
  readonly plane: Uint8Array | Uint16Array;
  readonly table: HuffmanTable;
}

function readScan(
  bytes: Uint8Array,
  start: number,
  scan: ScanHeader,
  tables: JpegTables,
  {
    header,
    planes,
  }: { readonly header: JpegFrameHeader; readonly planes: readonly (Uint8Array | Uint16Array)[] },
): number {
  const { rows, cols, precision } = header;
  const { first: predictor, low: shift } = scan;
  const { restartInterval } = tables;
  if (predictor < 1 || predictor > 7 || shift >= precision)
    throw corrupt("a predictor from 1 to 7", String(predictor));
  if (restartInterval % cols !== 0)
    throw corrupt("restarts at the ends of rows", `one after ${restartInterval}`);
  const parts = scan.parts.map(({ component, dc }): Part => {
    const plane = planes[component];
    const table = tables.dc[dc];
    if (plane === undefined || table === undefined) throw corrupt("the Huffman table of the scan", "none");
    return { plane, table };
  });
  const bits = new BitReader(bytes, start);
  const restartRows = restartInterval / cols;
  const origin = 1 << (precision - shift - 1);
  const mask = 0xffff;
  for (let row = 0; row < rows; row += 1) {
    const restarts = restartRows > 0 && row > 0 && row % restartRows === 0;
    if (restarts) bits.restart(row / restartRows - 1);
    const isFirst = row === 0 || restarts;
    for (let col = 0; col < cols; col += 1) {
      for (const { plane, table } of parts) {
        const category = bits.symbol(table);
        if (category > 16) throw corrupt("differences of at most 16 bits", "more");
        const difference = category === 16 ? 32_768 : bits.difference(category);
        const at = row * cols + col;
        const predicted = isFirst
          ? col === 0
            ? origin
            : (plane[at - 1] as number) // inside: col > 0
          : predict(plane, at, cols, col === 0 ? 2 : predictor);
        plane[at] = (predicted + difference) & mask;
      }
    }
    bits.requireInside();
  }
  if (shift > 0) {
    for (const { plane } of parts) {
      for (let at = 0; at < plane.length; at += 1) plane[at] = (plane[at] as number) << shift; // inside
    }
  }
  return bits.end();
}

/** Table H.1: a is the sample before, b the one above, c the one before that. */
function predict(plane: Uint8Array | Uint16Array, at: number, cols: number, predictor: number): number {
  // Inside: only rows and, but for predictor 2, columns after the first get here.
  const b = plane[at - cols] as number;
  if (predictor === 2) return b;
  const a = plane[at - 1] as number;
  if (predictor === 1) return a;
  const c = plane[at - cols - 1] as number;
  if (predictor === 3) return c;
  if (predictor === 4) return a + b - c;
  if (predictor === 5) return a + ((b - c) >> 1);
  if (predictor === 6) return b + ((a - c) >> 1);
  return (a + b) >> 1;
}

function corrupt(expected: string, got: string): ImageError {
  return new ImageError("IMAGE_CORRUPT", `Expected ${expected} in the lossless JPEG, got ${got}`);
}

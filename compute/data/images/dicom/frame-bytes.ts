import { ImageError } from "../image-error.ts";
import { plainView } from "../image-format.ts";
import type { DicomFile, PixelData } from "./dicom-file.ts";
import type { PixelLayout } from "./pixel-layout.ts";

const ITEM = 0xfffe_e000;
const SEQUENCE_END = 0xfffe_e0dd;
const MAX_FRAGMENTS = 1_000_000;

/** Fragments of the pixel data: where each starts and ends, and how far its item is from the first. */
interface Fragments {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly offsets: readonly number[];
  readonly offsetTable: readonly number[];
}

/**
 * The bytes of one frame: a view of the file, or a copy where a frame lies in several fragments.
 *
 * @param frame - from 0.
 * @throws {ImageError} IMAGE_FRAME_MISSING, IMAGE_TRUNCATED, IMAGE_CORRUPT, IMAGE_TOO_LARGE
 */
export async function readFrameBytes(
  { syntax }: DicomFile,
  pixelData: PixelData,
  layout: PixelLayout,
  frame: number,
): Promise<Uint8Array> {
  if (frame >= layout.frames) {
    throw new ImageError(
      "IMAGE_FRAME_MISSING",
      `Expected a frame below ${layout.frames}, got ${frame}; count from 0`,
    );
  }
  const isEncapsulated = pixelData.length === undefined;
  if (isEncapsulated !== syntax.encapsulated) {
    const got = isEncapsulated ? "fragments" : "plain pixels";
    throw new ImageError("IMAGE_CORRUPT", `Expected the pixels that the transfer syntax names, got ${got}`);
  }
  if (pixelData.length === undefined) return readFragments(await pixelData.bytes(0), layout.frames, frame);
  return readPlain(pixelData, { length: pixelData.length, isDeflated: syntax.deflated }, layout, frame);
}

async function readPlain(
  pixelData: PixelData,
  { length, isDeflated }: { readonly length: number; readonly isDeflated: boolean },
  layout: PixelLayout,
  frame: number,
): Promise<Uint8Array> {
  const frameBytes = nativeFrameBytes(layout);
  const end = (frame + 1) * frameBytes;
  if (length < end) {
    throw new ImageError(
      "IMAGE_CORRUPT",
      `Expected ${end} bytes of pixel data up to the frame, got ${length}`,
    );
  }
  const bytes = await pixelData.bytes(end);
  // A deflated file is inflated no further than the frame; any other is refused when a part of it is missing.
  const needed = isDeflated ? end : length;
  if (bytes.length < needed) {
    throw new ImageError(
      "IMAGE_TRUNCATED",
      `Expected ${needed} bytes of pixel data, got ${bytes.length}; copy the file again`,
    );
  }
  return bytes.subarray(end - frameBytes, end);
}

/** Bytes of an uncompressed frame; YBR_FULL_422 has two samples a pixel. */
export function nativeFrameBytes({ rows, cols, channels, bytesPerSample, photometric }: PixelLayout): number {
  const samples = photometric === "YBR_FULL_422" ? 2 : channels;
  return rows * cols * samples * bytesPerSample;
}

function readFragments(bytes: Uint8Array, frames: number, frame: number): Uint8Array {
  const fragments = listFragments(bytes);
  const [first, last] = fragmentsOf(bytes, fragments, frames, frame);
  const { starts, ends } = fragments;
  const parts = starts.slice(first, last).map((start, index) => bytes.subarray(start, ends[first + index]));
  const [only] = parts;
  if (only === undefined)
    throw new ImageError("IMAGE_TRUNCATED", `Expected fragments of frame ${frame}, got none`);
  return parts.length === 1 ? only : plainView(Buffer.concat(parts));
}

/** Walks the items behind the offset table; a missing end of the sequence is let pass when no item is cut. */
function listFragments(bytes: Uint8Array): Fragments {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts: number[] = [];
  const ends: number[] = [];
  const offsets: number[] = [];
  let offsetTable: readonly number[] | undefined;
  let base = 0;
  for (let at = 0; at < bytes.length; ) {
    if (at + 8 > bytes.length) throw cutOff();
    const tag = view.getUint16(at, true) * 65_536 + view.getUint16(at + 2, true);
    const length = view.getUint32(at + 4, true);
    if (tag === SEQUENCE_END) break;
    if (tag !== ITEM)
      throw new ImageError("IMAGE_CORRUPT", "Expected an item of pixel data, got other bytes");
    const start = at + 8;
    if (length > bytes.length - start) throw cutOff();
    at = start + length;
    if (offsetTable === undefined) {
      offsetTable = readOffsetTable(view, start, length);
      base = at;
      continue;
    }
    if (length === 0) continue;
    starts.push(start);
    ends.push(at);
    offsets.push(start - 8 - base);
    if (starts.length > MAX_FRAGMENTS) {
      throw new ImageError("IMAGE_TOO_LARGE", `Expected at most ${MAX_FRAGMENTS} fragments, got more`);
    }
  }
  return { starts, ends, offsets, offsetTable: offsetTable ?? [] };
}

function readOffsetTable(view: DataView, start: number, length: number): readonly number[] {
  const count = Math.min(Math.floor(length / 4), MAX_FRAGMENTS);
  return Array.from({ length: count }, (_, index) => view.getUint32(start + 4 * index, true));
}

/** The first fragment of a frame, and the one behind its last. */
function fragmentsOf(
  bytes: Uint8Array,
  { starts, offsets, offsetTable }: Fragments,
  frames: number,
  frame: number,
): readonly [number, number] {
  if (frames === 1) return [0, starts.length];
  if (starts.length === frames) return [frame, frame + 1];
  const byOffset = new Map(offsets.map((offset, index) => [offset, index]));
  const byTable = offsetTable.slice(0, frames).map((offset) => byOffset.get(offset) ?? -1);
  const firsts =
    offsetTable.length >= frames && isAscending(byTable)
      ? byTable
      : starts.flatMap((start, index) => (startsStream(bytes, start) ? [index] : []));
  if (firsts.length !== frames) {
    const code = starts.length < frames ? "IMAGE_TRUNCATED" : "IMAGE_CORRUPT";
    throw new ImageError(
      code,
      `Expected ${frames} frames in the fragments, got ${firsts.length} in ${starts.length}`,
    );
  }
  return [firsts[frame] ?? 0, firsts[frame + 1] ?? starts.length];
}

function isAscending(numbers: readonly number[]): boolean {
  return (
    numbers[0] === 0 && numbers.every((value, index) => index === 0 || value > (numbers[index - 1] ?? 0))
  );
}

/** Whether a fragment starts a JPEG (ff d8 ff) or JPEG 2000 (ff 4f ff) stream. */
function startsStream(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0xff && (bytes[at + 1] === 0xd8 || bytes[at + 1] === 0x4f) && bytes[at + 2] === 0xff;
}

function cutOff(): ImageError {
  return new ImageError(
    "IMAGE_TRUNCATED",
    "Expected whole fragments of pixel data, got the end of the file; copy it again",
  );
}

import { ImageError } from "../../image-error.ts";
import type { FrameSamples } from "../frame-samples.ts";
import type { PixelLayout } from "../pixel-layout.ts";

const HEADER_BYTES = 64;
const MAX_SEGMENTS = 15;

/**
 * Run-length encoding (PS3.5 annex G): one PackBits stream for each byte of each sample, high bytes first.
 *
 * @throws {ImageError} IMAGE_CORRUPT, IMAGE_TRUNCATED
 */
export function decodeRleFrame(bytes: Uint8Array, layout: PixelLayout): FrameSamples {
  const { rows, cols, channels, bytesPerSample, photometric, bitsStored, highBit } = layout;
  const pixels = rows * cols;
  const segments = readSegments(bytes, channels * bytesPerSample);
  const planes = Array.from({ length: channels }, (_, channel) => {
    const [high, low] = segments.slice(channel * bytesPerSample);
    return { high, low };
  });
  const samples =
    bytesPerSample === 1 ? new Uint8Array(pixels * channels) : new Uint16Array(pixels * channels);
  // The host is little endian: the low byte of a sample is the first in memory.
  const raw = new Uint8Array(samples.buffer);
  for (const [channel, { high, low }] of planes.entries()) {
    const at = channel * pixels * bytesPerSample;
    if (high !== undefined) unpack(high, raw, at + bytesPerSample - 1, bytesPerSample, pixels);
    if (low !== undefined && bytesPerSample === 2) unpack(low, raw, at, bytesPerSample, pixels);
  }
  return {
    samples,
    channels,
    planar: true,
    colour: photometric === "RGB" ? "rgb" : "ybr",
    bits: bitsStored,
    shift: highBit + 1 - bitsStored,
  };
}

function readSegments(bytes: Uint8Array, expected: number): readonly Uint8Array[] {
  if (bytes.length < HEADER_BYTES) {
    throw new ImageError("IMAGE_TRUNCATED", `Expected an RLE header of 64 bytes, got ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(0, true);
  if (count !== expected || count > MAX_SEGMENTS) {
    throw new ImageError("IMAGE_CORRUPT", `Expected ${expected} RLE segments, got ${count}`);
  }
  const starts = Array.from({ length: count }, (_, index) => view.getUint32(4 + 4 * index, true));
  return starts.map((start, index) => {
    const end = starts[index + 1] ?? bytes.length;
    if (start < HEADER_BYTES || start > end || end > bytes.length) {
      throw new ImageError(
        "IMAGE_CORRUPT",
        "Expected RLE segments one after the other, got offsets outside the frame",
      );
    }
    return bytes.subarray(start, end);
  });
}

/** Unpacks exactly `count` bytes to every `stride`-th place from `at`; what a segment holds beyond is padding. */
function unpack(segment: Uint8Array, into: Uint8Array, at: number, stride: number, count: number): void {
  // Every index is checked against the segment before it is read, so that `as number` holds.
  let read = 0;
  let left = count;
  let write = at;
  while (left > 0) {
    const control = segment[read];
    if (control === undefined) throw cutOff();
    read += 1;
    if (control === 128) continue;
    const isRun = control > 128;
    const length = Math.min(isRun ? 257 - control : control + 1, left);
    const needed = isRun ? 1 : length;
    if (read + needed > segment.length) throw cutOff();
    for (let index = 0; index < length; index += 1, write += stride) {
      into[write] = segment[isRun ? read : read + index] as number;
    }
    read += needed;
    left -= length;
  }
}

function cutOff(): ImageError {
  return new ImageError("IMAGE_TRUNCATED", "Expected an RLE segment for every pixel, got a shorter one");
}

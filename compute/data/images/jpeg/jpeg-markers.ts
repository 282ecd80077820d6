import { ImageError } from "../image-error.ts";

/** One component of a frame header. */
export interface JpegComponent {
  readonly id: number;
  /** Sampling factors, 1 to 4. */
  readonly across: number;
  readonly down: number;
  /** Number of its quantisation table. */
  readonly table: number;
}

/** What a frame header (SOF; ISO/IEC 10918-1 B.2.2, for JPEG-LS 14495-1 C.2.2) says. */
export interface JpegFrameHeader {
  /** Second byte of the marker: 0xc0 baseline, 0xc1 extended, 0xc2 progressive, 0xc3 lossless, 0xf7 JPEG-LS. */
  readonly marker: number;
  /** Bits a sample. */
  readonly precision: number;
  readonly rows: number;
  readonly cols: number;
  readonly components: readonly JpegComponent[];
}

/** A segment between two markers. */
export interface JpegSegment {
  /** Second byte of its marker. */
  readonly marker: number;
  /** Where its content starts and ends. */
  readonly start: number;
  readonly end: number;
}

export const SOI = 0xd8;
export const EOI = 0xd9;
export const SOS = 0xda;

/** Whether a marker starts a frame: SOF0 to SOF15 without DHT, JPG and DAC, or that of JPEG-LS. */
export function isFrameMarker(marker: number): boolean {
  const dct = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
  return dct || marker === 0xf7;
}

/**
 * The next segment at or after `at`, which must be a marker; padding of 0xff is skipped. Markers without a length
 * (SOI, EOI, RST, TEM) are segments without content.
 *
 * @throws {ImageError} IMAGE_TRUNCATED, IMAGE_CORRUPT
 */
export function readSegment(bytes: Uint8Array, at: number): JpegSegment {
  let position = at;
  if (position >= bytes.length) throw cutOff();
  if (bytes[position] !== 0xff)
    throw new ImageError("IMAGE_CORRUPT", "Expected a JPEG marker, got other bytes");
  while (bytes[position] === 0xff) position += 1;
  const marker = bytes[position];
  if (marker === undefined) throw cutOff();
  const start = position + 1;
  if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9)) return { marker, start, end: start };
  const [high, low] = [bytes[start], bytes[start + 1]];
  if (high === undefined || low === undefined) throw cutOff();
  const length = high * 256 + low;
  if (length < 2)
    throw new ImageError("IMAGE_CORRUPT", `Expected a JPEG segment of 2 bytes or more, got ${length}`);
  if (start + length > bytes.length) throw cutOff();
  return { marker, start: start + 2, end: start + length };
}

/** @throws {ImageError} IMAGE_CORRUPT, IMAGE_KIND_UNSUPPORTED */
export function readFrameHeader(bytes: Uint8Array, { marker, start, end }: JpegSegment): JpegFrameHeader {
  const content = bytes.subarray(start, end);
  const byte = (index: number): number => content[index] ?? 0;
  const count = byte(5);
  if (content.length < 6 || content.length < 6 + 3 * count || count === 0) {
    throw new ImageError("IMAGE_CORRUPT", `Expected a JPEG frame header, got one of ${content.length} bytes`);
  }
  const rows = byte(1) * 256 + byte(2);
  const cols = byte(3) * 256 + byte(4);
  if (rows === 0) {
    throw new ImageError(
      "IMAGE_KIND_UNSUPPORTED",
      "Expected rows in the JPEG header, got 0 (a DNL marker would say)",
    );
  }
  if (cols === 0) throw new ImageError("IMAGE_CORRUPT", "Expected columns in the JPEG header, got 0");
  const components = Array.from({ length: count }, (_, index) => {
    const factors = byte(7 + 3 * index);
    return {
      id: byte(6 + 3 * index),
      across: factors >> 4,
      down: factors & 15,
      table: byte(8 + 3 * index),
    };
  });
  return { marker, precision: byte(0), rows, cols, components };
}

/**
 * The first frame header of a JPEG or JPEG-LS stream. O(bytes before it).
 *
 * @throws {ImageError} IMAGE_TRUNCATED, IMAGE_CORRUPT, IMAGE_KIND_UNSUPPORTED
 */
export function findFrameHeader(bytes: Uint8Array): JpegFrameHeader {
  let segment = readSegment(bytes, 0);
  if (segment.marker !== SOI) {
    throw new ImageError(
      "IMAGE_CORRUPT",
      "Expected a JPEG stream, got other bytes; the syntax may be mislabelled",
    );
  }
  while (!isFrameMarker(segment.marker)) {
    if (segment.marker === EOI || segment.marker === SOS) {
      throw new ImageError("IMAGE_CORRUPT", "Expected a JPEG frame header, got none");
    }
    segment = readSegment(bytes, segment.end);
  }
  return readFrameHeader(bytes, segment);
}

/** Whether an end of image follows the start of the scans: a stream that was cut off has none. */
export function hasEndOfImage(bytes: Uint8Array): boolean {
  for (let at = bytes.length - 2; at >= 2; at -= 1) {
    if (bytes[at] !== 0xff) continue;
    if (bytes[at + 1] === EOI) return true;
    // A scan that starts behind every end of image is one that was cut off (the thumbnail of EXIF ends before it).
    if (bytes[at + 1] === SOS) return false;
  }
  return false;
}

function cutOff(): ImageError {
  return new ImageError(
    "IMAGE_TRUNCATED",
    "Expected the rest of the JPEG stream, got its end; copy the file again",
  );
}

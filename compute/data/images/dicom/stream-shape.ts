import type { Samples } from "../grey.ts";
import { ImageError } from "../image-error.ts";
import type { PixelLayout } from "./pixel-layout.ts";

/** What the header of a compressed stream says. */
export interface StreamShape {
  readonly rows: number;
  readonly cols: number;
  readonly channels: number;
  /** Bits a sample. */
  readonly precision: number;
}

/**
 * Holds a stream to the data set around it, so that no codec allocates for another size than the one that was allowed.
 *
 * @returns bytes of a decoded sample.
 * @throws {ImageError} IMAGE_CORRUPT, IMAGE_KIND_UNSUPPORTED
 */
export function requireSameShape(stream: StreamShape, layout: PixelLayout): 1 | 2 {
  const { rows, cols, channels, precision } = stream;
  if (rows !== layout.rows || cols !== layout.cols || channels !== layout.channels) {
    throw new ImageError(
      "IMAGE_CORRUPT",
      `Expected a stream of ${layout.rows} x ${layout.cols} pixels in ${layout.channels} channels, got ${rows} x ${cols} in ${channels}`,
    );
  }
  if (precision < 2 || precision > 16) {
    throw new ImageError("IMAGE_KIND_UNSUPPORTED", `Expected 2 to 16 bits a sample, got ${precision}`);
  }
  return precision <= 8 ? 1 : 2;
}

/** A copy of a codec's memory as samples. @throws {ImageError} IMAGE_CORRUPT when it is not one frame */
export function samplesFrom(
  memory: Uint8Array,
  bytesPerSample: 1 | 2,
  { rows, cols, channels }: PixelLayout,
): Samples {
  const expected = rows * cols * channels * bytesPerSample;
  if (memory.length !== expected) {
    throw new ImageError("IMAGE_CORRUPT", `Expected ${expected} bytes of pixels, got ${memory.length}`);
  }
  // Not a slice, which would keep the codec's own kind of array (libjpeg-turbo's is clamped).
  const copy = new Uint8Array(memory);
  return bytesPerSample === 1 ? copy : new Uint16Array(copy.buffer);
}

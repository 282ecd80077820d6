import { ImageError } from "./image-error.ts";

/** Most pixels of a frame when the caller names no limit: 8192 x 8192. */
export const DEFAULT_MAX_PIXELS = 4096 * 4096 * 4;

/** Most bytes that the samples of a frame may take before they become grey: 8-bit colour with alpha at that size. */
const MAX_DECODED_BYTES = 4 * DEFAULT_MAX_PIXELS;

/**
 * Refuses a size before anything is allocated for it.
 *
 * @param bytesPerPixel - of the samples as decoded, before they become grey.
 * @throws {ImageError} IMAGE_TOO_LARGE
 */
export function requireSize(
  rows: number,
  cols: number,
  bytesPerPixel: number,
  maxPixels = DEFAULT_MAX_PIXELS,
): void {
  const pixels = rows * cols; // at most 2 ** 64: exact enough to compare
  if (pixels > maxPixels) {
    throw new ImageError(
      "IMAGE_TOO_LARGE",
      `Expected at most ${maxPixels} pixels, got ${rows} x ${cols}; scale the image down or raise the limit`,
    );
  }
  if (pixels * bytesPerPixel > MAX_DECODED_BYTES) {
    throw new ImageError(
      "IMAGE_TOO_LARGE",
      `Expected at most ${MAX_DECODED_BYTES} bytes of samples, got ${rows} x ${cols} of ${bytesPerPixel} bytes; scale the image down`,
    );
  }
}

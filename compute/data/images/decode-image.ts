import { ComputeError } from "../../errors.ts";
import type { DecodedImage, DecodeOptions, ImageHeader } from "./decoded-image.ts";
import { decodeDicom, describeDicom } from "./dicom/decode-dicom.ts";
import { imageFormatOf, plainView } from "./image-format.ts";
import { decodeRaster, describeRaster } from "./raster-image.ts";

/**
 * Decodes a PNG, JPEG or DICOM file to one grey image; the format is told by its first bytes. May be called from any
 * number of threads, each of which loads the decoders it needs once.
 *
 * PNG and JPEG are decoded off this thread, the compressed kinds of DICOM on it (tests/bench has the times).
 *
 * @param bytes - the whole file; neither kept nor changed.
 * @throws {ImageError} any code of the table.
 * @throws {ComputeError} INVALID_PARAM for an option out of range.
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): Promise<DecodedImage> {
  requireOptions(options);
  const file = plainView(bytes);
  const format = imageFormatOf(file);
  return format === "dicom" ? decodeDicom(file, options) : decodeRaster(file, format, options);
}

/**
 * Reads size, depth and frames from the header of a file; pixels are neither decoded nor looked for.
 *
 * @throws {ImageError} IMAGE_FORMAT_UNKNOWN, IMAGE_TRUNCATED, IMAGE_CORRUPT, IMAGE_TOO_LARGE, IMAGE_NO_PIXELS,
 * IMAGE_SYNTAX_UNSUPPORTED, IMAGE_KIND_UNSUPPORTED
 */
export async function describeImage(bytes: Uint8Array): Promise<ImageHeader> {
  const file = plainView(bytes);
  const format = imageFormatOf(file);
  return format === "dicom" ? describeDicom(file) : describeRaster(file, format);
}

function requireOptions({ maxPixels, frame, window }: DecodeOptions): void {
  const isWhole = (value: number, low: number): boolean => Number.isInteger(value) && value >= low;
  if (maxPixels !== undefined && !isWhole(maxPixels, 1)) {
    throw new ComputeError("INVALID_PARAM", `Expected maxPixels to be 1 or more, got ${maxPixels}`);
  }
  if (frame !== undefined && !isWhole(frame, 0)) {
    throw new ComputeError("INVALID_PARAM", `Expected a frame from 0, got ${frame}`);
  }
  if (typeof window !== "object") return;
  const { center, width } = window;
  if (!Number.isFinite(center) || !Number.isFinite(width) || width <= 0) {
    throw new ComputeError("INVALID_PARAM", `Expected a window wider than 0, got ${width} around ${center}`);
  }
}

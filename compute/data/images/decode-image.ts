import type { DecodedImage, DecodeOptions, ImageHeader } from "./decoded-image.ts";
import { decodeDicom, describeDicom } from "./dicom/decode-dicom.ts";
import { imageFormatOf } from "./image-format.ts";
import { decodeRaster, describeRaster } from "./raster-image.ts";

/**
 * Decodes a PNG, JPEG or DICOM file to one grey image; the format is told by its first bytes. May be called from any
 * number of threads, each of which loads the decoders it needs once.
 *
 * PNG and JPEG are decoded off this thread, the compressed kinds of DICOM on it (tests/bench has the times).
 *
 * @throws {ImageError} any code but IMAGE_UNREADABLE, which is for files that cannot be opened.
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): Promise<DecodedImage> {
  const format = imageFormatOf(bytes);
  return format === "dicom" ? decodeDicom(bytes, options) : decodeRaster(bytes, format, options);
}

/**
 * Reads size, depth and frames from the header of a file; pixels are neither decoded nor looked for.
 *
 * @throws {ImageError} IMAGE_FORMAT_UNKNOWN, IMAGE_TRUNCATED, IMAGE_CORRUPT, IMAGE_TOO_LARGE, IMAGE_NO_PIXELS,
 * IMAGE_SYNTAX_UNSUPPORTED, IMAGE_KIND_UNSUPPORTED
 */
export async function describeImage(bytes: Uint8Array): Promise<ImageHeader> {
  const format = imageFormatOf(bytes);
  return format === "dicom" ? describeDicom(bytes) : describeRaster(bytes, format);
}

import type { ImageFormat } from "./decoded-image.ts";
import { ImageError } from "./image-error.ts";

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const JPEG = [0xff, 0xd8, 0xff];
const DICM = [0x44, 0x49, 0x43, 0x4d];
/** Bytes before the letters DICM of a file with a preamble (PS3.10 section 7.1). */
export const DICOM_PREAMBLE = 128;

/**
 * The format of a file by its first bytes. Only these three ever reach a decoder: libvips alone would read SVG, PDF and
 * a dozen more.
 *
 * @throws {ImageError} IMAGE_FORMAT_UNKNOWN
 */
export function imageFormatOf(bytes: Uint8Array): ImageFormat {
  if (startsWith(bytes, PNG, 0)) return "png";
  if (startsWith(bytes, JPEG, 0)) return "jpeg";
  if (startsWith(bytes, DICM, DICOM_PREAMBLE) || startsLikeDataSet(bytes)) return "dicom";
  throw new ImageError(
    "IMAGE_FORMAT_UNKNOWN",
    "Expected the first bytes of a PNG, JPEG or DICOM file, got others; convert the file",
  );
}

/** The same memory without what a Buffer does otherwise: its slices are views, and its copies come from a pool. */
export function plainView(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Whether the bytes start with a little-endian element of group 0002 or 0008 of a short length: what files without
 * the preamble, as some archives keep them, start with.
 */
export function startsLikeDataSet(bytes: Uint8Array): boolean {
  if (bytes.length < 16 || startsWith(bytes, DICM, DICOM_PREAMBLE)) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const group = view.getUint16(0, true);
  const element = view.getUint16(2, true);
  if (group !== 0x0002 && group !== 0x0008) return false;
  if (element > 0x0018) return false;
  const length = isValueRepresentation(bytes, 4) ? view.getUint16(6, true) : view.getUint32(4, true);
  return length <= 256;
}

/** Whether two bytes are capital letters, as value representations are written. */
export function isValueRepresentation(bytes: Uint8Array, at: number): boolean {
  const capital = (byte: number | undefined) => byte !== undefined && byte >= 0x41 && byte <= 0x5a;
  return capital(bytes[at]) && capital(bytes[at + 1]);
}

function startsWith(bytes: Uint8Array, signature: readonly number[], at: number): boolean {
  return signature.every((byte, index) => bytes[at + index] === byte);
}

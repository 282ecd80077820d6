import { ImageError } from "../image-error.ts";
import type { FrameDecoder } from "./frame-samples.ts";
import { decodeJpeg2000Frame } from "./frames/jpeg-2000-frame.ts";
import { decodeJpegFrame } from "./frames/jpeg-frame.ts";
import { decodeJpegLosslessFrame } from "./frames/jpeg-lossless-frame.ts";
import { decodeJpegLsFrame } from "./frames/jpeg-ls-frame.ts";
import { decodeNativeFrame } from "./frames/native-frame.ts";
import { decodeRleFrame } from "./frames/rle-frame.ts";

/** How a data set and the pixels in it are written (PS3.5 section 10). */
export interface TransferSyntax {
  readonly uid: string;
  /** Value representations are left out. */
  readonly implicit: boolean;
  readonly littleEndian: boolean;
  /** The whole data set is one deflate stream. */
  readonly deflated: boolean;
  /** Pixels are fragments of a compressed stream. */
  readonly encapsulated: boolean;
  readonly decode: FrameDecoder;
}

const native = {
  implicit: false,
  littleEndian: true,
  deflated: false,
  encapsulated: false,
  decode: decodeNativeFrame,
};
const encapsulated = { implicit: false, littleEndian: true, deflated: false, encapsulated: true };
const jpeg = { ...encapsulated, decode: decodeJpegFrame };
const lossless = { ...encapsulated, decode: decodeJpegLosslessFrame };
const jpegLs = { ...encapsulated, decode: decodeJpegLsFrame };
const jpeg2000 = { ...encapsulated, decode: decodeJpeg2000Frame };

/** Every syntax that is read. Adding one means: a frame decoder, and its line here. */
const syntaxes: Readonly<Record<string, Omit<TransferSyntax, "uid">>> = {
  "1.2.840.10008.1.2": { ...native, implicit: true },
  "1.2.840.10008.1.2.1": native,
  "1.2.840.10008.1.2.1.99": { ...native, deflated: true },
  "1.2.840.10008.1.2.2": { ...native, littleEndian: false },
  "1.2.840.10008.1.2.5": { ...encapsulated, decode: decodeRleFrame },
  // Baseline, extended, and the retired spectral selection and full progression.
  "1.2.840.10008.1.2.4.50": jpeg,
  "1.2.840.10008.1.2.4.51": jpeg,
  "1.2.840.10008.1.2.4.53": jpeg,
  "1.2.840.10008.1.2.4.55": jpeg,
  "1.2.840.10008.1.2.4.57": lossless,
  "1.2.840.10008.1.2.4.70": lossless,
  "1.2.840.10008.1.2.4.80": jpegLs,
  "1.2.840.10008.1.2.4.81": jpegLs,
  "1.2.840.10008.1.2.4.90": jpeg2000,
  "1.2.840.10008.1.2.4.91": jpeg2000,
};

/** UIDs of the syntaxes that are read. */
export const readSyntaxes = Object.keys(syntaxes);

/** Explicit little endian: how files are read that name no syntax, implicit or not as their first element shows. */
export const EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1";

/** @throws {ImageError} IMAGE_SYNTAX_UNSUPPORTED */
export function requireSyntax(uid: string): TransferSyntax {
  const syntax = Object.hasOwn(syntaxes, uid) ? syntaxes[uid] : undefined;
  if (syntax === undefined) {
    const shown = /^[0-9.]{1,64}$/.test(uid) ? uid : "something that is no UID";
    throw new ImageError(
      "IMAGE_SYNTAX_UNSUPPORTED",
      `Expected a transfer syntax that is read here, got ${shown}; convert the file, for example to explicit little endian`,
    );
  }
  return { uid, ...syntax };
}

import { ImageError } from "../image-error.ts";
import { type DicomElements, name, type Tag } from "./dicom-elements.ts";
import type { DicomFile, PixelData } from "./dicom-file.ts";

/** The shape of the pixels of a file (PS3.3 C.7.6.3), checked. */
export interface PixelLayout {
  /** 1 to 65,535. */
  readonly rows: number;
  readonly cols: number;
  readonly frames: number;
  readonly channels: 1 | 3;
  /** Bytes of a sample. */
  readonly bytesPerSample: 1 | 2;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  readonly photometric: Photometric;
  /** Colour plane by plane. */
  readonly planar: boolean;
  /** Of the syntax: whether samples of two bytes, and words of bytes, have their low byte first. */
  readonly littleEndian: boolean;
  /** Samples of one byte are written in words of two (VR OW). */
  readonly inWords: boolean;
}

const photometrics = [
  "MONOCHROME1",
  "MONOCHROME2",
  "RGB",
  "YBR_FULL",
  "YBR_FULL_422",
  "YBR_ICT",
  "YBR_RCT",
] as const;
type Photometric = (typeof photometrics)[number];

/** Tags of the Image Pixel module. */
export const pixelTags = {
  channels: "x00280002",
  photometric: "x00280004",
  planar: "x00280006",
  frames: "x00280008",
  rows: "x00280010",
  cols: "x00280011",
  bitsAllocated: "x00280100",
  bitsStored: "x00280101",
  highBit: "x00280102",
  signed: "x00280103",
  floatPixels: "x7fe00008",
  doublePixels: "x7fe00009",
} as const satisfies Readonly<Record<string, Tag>>;

/**
 * Reads and checks the shape before anything is allocated for it.
 *
 * @throws {ImageError} IMAGE_NO_PIXELS, IMAGE_CORRUPT, IMAGE_TOO_LARGE, IMAGE_KIND_UNSUPPORTED
 */
export function readPixelLayout({ elements, syntax, pixelData }: DicomFile): {
  readonly layout: PixelLayout;
  readonly pixelData: PixelData;
} {
  if (elements.has(pixelTags.floatPixels) || elements.has(pixelTags.doublePixels)) {
    throw unsupported("whole numbers as pixels", "floating point");
  }
  if (pixelData === undefined) {
    throw new ImageError("IMAGE_NO_PIXELS", "Expected pixel data, got a DICOM object without; leave it out");
  }
  const bits = requireUint(elements, pixelTags.bitsAllocated);
  if (bits !== 8 && bits !== 16) throw unsupported("8 or 16 bits allocated", String(bits));
  const bitsStored = elements.uintOr(pixelTags.bitsStored, bits);
  const highBit = elements.uintOr(pixelTags.highBit, bitsStored - 1);
  if (bitsStored < 1 || bitsStored > bits || highBit < bitsStored - 1 || highBit >= bits) {
    throw corrupt(`bits stored inside the ${bits} allocated`, `${bitsStored} up to bit ${highBit}`);
  }
  const channels = elements.uintOr(pixelTags.channels, 1);
  const photometric = elements.findText(pixelTags.photometric) ?? "MONOCHROME2";
  const known = photometrics.find((candidate) => candidate === photometric);
  if (known === undefined) throw unsupported(`one of ${photometrics.join(", ")}`, shown(photometric));
  const wanted = known.startsWith("MONOCHROME") ? 1 : 3;
  if ((channels !== 1 && channels !== 3) || channels !== wanted) {
    throw corrupt(`${wanted} samples a pixel for ${known}`, String(channels));
  }
  const layout: PixelLayout = {
    rows: requireSide(elements, pixelTags.rows),
    cols: requireSide(elements, pixelTags.cols),
    frames: readFrames(elements),
    channels,
    bytesPerSample: bits === 8 ? 1 : 2,
    bitsStored,
    highBit,
    signed: elements.uintOr(pixelTags.signed, 0) === 1,
    photometric: known,
    planar: elements.uintOr(pixelTags.planar, 0) === 1,
    littleEndian: syntax.littleEndian,
    inWords: pixelData.vr === "OW",
  };
  return { layout, pixelData };
}

/** Number of frames; 1 when the file does not say. @throws {ImageError} IMAGE_CORRUPT */
export function readFrames(elements: DicomElements): number {
  const frames = elements.findNumber(pixelTags.frames) ?? 1;
  if (!Number.isInteger(frames) || frames < 1 || frames > 0x7fff_ffff) {
    throw corrupt("a number of frames from 1", String(frames));
  }
  return frames;
}

/** A side may be written as UL: what does not fit US is refused, never cut off. */
function requireSide(elements: DicomElements, tag: Tag): number {
  const side = requireUint(elements, tag);
  if (side === 0) throw corrupt(`${name(tag)} of 1 or more`, "0");
  if (side > 65_535) {
    throw new ImageError("IMAGE_TOO_LARGE", `Expected ${name(tag)} of at most 65535, got ${side}`);
  }
  return side;
}

function requireUint(elements: DicomElements, tag: Tag): number {
  const value = elements.findUint(tag);
  if (value === undefined) throw corrupt(`an element ${name(tag)}`, "none");
  return value;
}

function corrupt(expected: string, got: string): ImageError {
  return new ImageError("IMAGE_CORRUPT", `Expected ${expected}, got ${got}`);
}

function unsupported(expected: string, got: string): ImageError {
  return new ImageError("IMAGE_KIND_UNSUPPORTED", `Expected ${expected}, got ${got}; convert the file`);
}

/** A code string of the standard, or nothing of what else stands there. */
function shown(text: string): string {
  return /^[A-Z0-9_ ]{1,16}$/.test(text) ? text : "another";
}

import type { DecodedImage, DecodeOptions, ImageHeader } from "../decoded-image.ts";
import { requireSize } from "../size-limit.ts";
import { openDicom } from "./dicom-file.ts";
import { readFrameBytes } from "./frame-bytes.ts";
import { greyValues } from "./grey-values.ts";
import { findWindow, fullRange, readRescale } from "./modality.ts";
import { readPixelLayout } from "./pixel-layout.ts";

/**
 * Decodes one frame of a DICOM file.
 *
 * @throws {ImageError} any code of the table
 */
export async function decodeDicom(bytes: Uint8Array, options: DecodeOptions): Promise<DecodedImage> {
  const file = await openDicom(bytes);
  const { layout, pixelData } = readPixelLayout(file);
  const { rows, cols, channels, bytesPerSample } = layout;
  requireSize(rows, cols, channels * bytesPerSample, options.maxPixels);
  const frame = options.frame ?? 0;
  const stream = await readFrameBytes(file, pixelData, layout, frame);
  const rescale = readRescale(file.elements, frame);
  const full = fullRange(layout, rescale);
  const window = findWindow(file.elements, frame, options.window);
  const samples = await file.syntax.decode(stream, layout);
  const sum = full.black + full.white;
  const inverted = layout.photometric === "MONOCHROME1";
  return {
    pixels: greyValues(samples, layout, rescale, full),
    rows,
    cols,
    ...(window === undefined
      ? full
      : inverted
        ? { black: sum - window.white, white: sum - window.black }
        : window),
    format: "dicom",
  };
}

/** What the header of a DICOM file says. @throws {ImageError} as `decodeDicom`, but for what lies in the pixels */
export async function describeDicom(bytes: Uint8Array): Promise<ImageHeader> {
  const file = await openDicom(bytes);
  const { rows, cols, frames, bitsStored, channels } = readPixelLayout(file).layout;
  return { format: "dicom", rows, cols, frames, bits: bitsStored, channels, transferSyntax: file.syntax.uid };
}

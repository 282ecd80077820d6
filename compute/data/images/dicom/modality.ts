import type { DecodeOptions } from "../decoded-image.ts";
import { ImageError } from "../image-error.ts";
import type { DicomElements, Tag } from "./dicom-elements.ts";
import type { PixelLayout } from "./pixel-layout.ts";

/** What stored values become: value * slope + intercept (PS3.3 C.11.1). */
export interface Rescale {
  readonly slope: number;
  readonly intercept: number;
}

/** Rescaled values that are black and white. */
export interface Range {
  readonly black: number;
  readonly white: number;
}

const tags = {
  slope: "x00281053",
  intercept: "x00281052",
  modalityLut: "x00283000",
  center: "x00281050",
  width: "x00281051",
  function: "x00281056",
  shared: "x52009229",
  perFrame: "x52009230",
  pixelValues: "x00289145",
  frameVoi: "x00289132",
} as const satisfies Readonly<Record<string, Tag>>;

/** @throws {ImageError} IMAGE_CORRUPT, IMAGE_KIND_UNSUPPORTED */
export function readRescale(elements: DicomElements, frame: number): Rescale {
  if (elements.has(tags.modalityLut)) {
    throw new ImageError(
      "IMAGE_KIND_UNSUPPORTED",
      "Expected Rescale Slope and Intercept, got a Modality LUT; convert the file",
    );
  }
  const source = findFunctionalGroup(elements, tags.pixelValues, frame) ?? elements;
  const slope = source.findNumber(tags.slope) ?? 1;
  const intercept = source.findNumber(tags.intercept) ?? 0;
  if (slope === 0) throw new ImageError("IMAGE_CORRUPT", "Expected a Rescale Slope, got 0");
  return { slope, intercept };
}

/** What the bits stored can hold, rescaled. */
export function fullRange({ bitsStored, signed }: PixelLayout, { slope, intercept }: Rescale): Range {
  const span = 2 ** bitsStored;
  const lowest = signed ? -span / 2 : 0;
  const ends = [lowest, lowest + span - 1].map((value) => value * slope + intercept);
  return { black: Math.min(...ends), white: Math.max(...ends) };
}

/**
 * Black and white of the window that is asked for; undefined when none is, or the file has none.
 *
 * @throws {ImageError} IMAGE_CORRUPT, IMAGE_KIND_UNSUPPORTED
 */
export function findWindow(
  elements: DicomElements,
  frame: number,
  window: DecodeOptions["window"],
): Range | undefined {
  if (window === undefined || window === "none") return undefined;
  if (window !== "file") return linear(window.center, window.width);
  const source = findFunctionalGroup(elements, tags.frameVoi, frame) ?? elements;
  const center = source.findNumber(tags.center);
  const width = source.findNumber(tags.width);
  if (center === undefined || width === undefined) return undefined;
  if (width <= 0) throw new ImageError("IMAGE_CORRUPT", "Expected a Window Width above 0, got none");
  const shape = source.findText(tags.function) ?? "LINEAR";
  if (shape === "LINEAR") return linear(center, width);
  if (shape === "LINEAR_EXACT") return { black: center - width / 2, white: center + width / 2 };
  throw new ImageError(
    "IMAGE_KIND_UNSUPPORTED",
    "Expected a linear window, got another function; give center and width",
  );
}

/**
 * PS3.3 C.11.2.1.2.1. A width of 1 is a step between two whole numbers: the smallest range that does the same.
 */
function linear(center: number, width: number): Range {
  if (width <= 1) return { black: center - 1, white: center };
  return { black: center - 0.5 - (width - 1) / 2, white: center - 0.5 + (width - 1) / 2 };
}

/** The item of a macro in the functional groups of an enhanced object, the frame's own before the shared one. */
function findFunctionalGroup(elements: DicomElements, macro: Tag, frame: number): DicomElements | undefined {
  const own = elements.itemsOf(tags.perFrame)[frame]?.itemsOf(macro)[0];
  return own ?? elements.itemsOf(tags.shared)[0]?.itemsOf(macro)[0];
}

import { ImageError } from "../image-error.ts";
import { imageFormatOf, plainView } from "../image-format.ts";
import type { DicomElements, Tag } from "./dicom-elements.ts";
import { openDicom } from "./dicom-file.ts";
import { pixelTags, readFrames } from "./pixel-layout.ts";

/** What a DICOM file says of its patient, study and acquisition; an empty or absent attribute is undefined. */
export interface DicomAttributes {
  readonly patientId: string | undefined;
  readonly studyUid: string | undefined;
  readonly seriesUid: string | undefined;
  readonly sopUid: string | undefined;
  readonly sopClass: string | undefined;
  /** As recorded: M, F or O. */
  readonly sex: string | undefined;
  /** As recorded, `058Y`, `006M`, and the same in years; undefined where it is no age string. */
  readonly age: string | undefined;
  readonly ageYears: number | undefined;
  readonly ethnicGroup: string | undefined;
  readonly modality: string | undefined;
  /** View Position: PA, AP, LL, ... */
  readonly view: string | undefined;
  readonly laterality: string | undefined;
  readonly bodyPart: string | undefined;
  readonly manufacturer: string | undefined;
  readonly model: string | undefined;
  readonly institution: string | undefined;
  readonly station: string | undefined;
  readonly instanceNumber: number | undefined;
  /** Millimetres; x, y and z of the first pixel. */
  readonly position: readonly [number, number, number] | undefined;
  /** Direction cosines of a row, then of a column. */
  readonly orientation: readonly [number, number, number, number, number, number] | undefined;
  /** Millimetres along the normal of the slices, to sort a series by; undefined without position and orientation. */
  readonly slice: number | undefined;
  /** Millimetres between rows, then between columns. */
  readonly spacing: readonly [number, number] | undefined;
  readonly rows: number | undefined;
  readonly cols: number | undefined;
  readonly frames: number;
  readonly photometric: string | undefined;
  readonly transferSyntax: string;
  /** Whether the file holds pixels at all: structured reports and plans do not. */
  readonly hasPixels: boolean;
}

/** Texts of one element each. */
const texts = {
  patientId: "x00100020",
  studyUid: "x0020000d",
  seriesUid: "x0020000e",
  sopUid: "x00080018",
  sopClass: "x00080016",
  sex: "x00100040",
  age: "x00101010",
  ethnicGroup: "x00102160",
  modality: "x00080060",
  view: "x00185101",
  laterality: "x00200062",
  bodyPart: "x00180015",
  manufacturer: "x00080070",
  model: "x00081090",
  institution: "x00080080",
  station: "x00081010",
  photometric: "x00280004",
} as const satisfies Partial<Record<keyof DicomAttributes, Tag>>;

/**
 * Reads the attributes of a DICOM file, without its pixels. O(header).
 *
 * @throws {ImageError} IMAGE_FORMAT_UNKNOWN, IMAGE_TRUNCATED, IMAGE_CORRUPT, IMAGE_TOO_LARGE, IMAGE_SYNTAX_UNSUPPORTED
 */
export async function readDicomAttributes(bytes: Uint8Array): Promise<DicomAttributes> {
  const file = plainView(bytes);
  if (imageFormatOf(file) !== "dicom") {
    throw new ImageError(
      "IMAGE_FORMAT_UNKNOWN",
      "Expected a DICOM file, got a picture; its attributes come from a table",
    );
  }
  const { elements, syntax, pixelData } = await openDicom(file);
  const text = (tag: Tag): string | undefined => elements.findText(tag);
  const position = findVector(elements, "x00200032", 3);
  const orientation = findVector(elements, "x00200037", 6);
  const age = text(texts.age);
  return {
    patientId: text(texts.patientId),
    studyUid: text(texts.studyUid),
    seriesUid: text(texts.seriesUid),
    sopUid: text(texts.sopUid),
    sopClass: text(texts.sopClass),
    sex: text(texts.sex),
    age,
    ageYears: yearsOf(age),
    ethnicGroup: text(texts.ethnicGroup),
    modality: text(texts.modality),
    view: text(texts.view),
    laterality: text(texts.laterality) ?? text("x00200060"),
    bodyPart: text(texts.bodyPart),
    manufacturer: text(texts.manufacturer),
    model: text(texts.model),
    institution: text(texts.institution),
    station: text(texts.station),
    instanceNumber: findVector(elements, "x00200013", 1)?.[0],
    position: position as DicomAttributes["position"], // of three numbers
    orientation: orientation as DicomAttributes["orientation"], // of six numbers
    slice: position && orientation && alongNormal(position, orientation),
    spacing: (findVector(elements, "x00280030", 2) ??
      findVector(elements, "x00181164", 2)) as DicomAttributes["spacing"], // of two numbers
    rows: elements.findUint(pixelTags.rows),
    cols: elements.findUint(pixelTags.cols),
    frames: readFrames(elements),
    photometric: text(texts.photometric),
    transferSyntax: syntax.uid,
    hasPixels: pixelData !== undefined,
  };
}

/** Decimal strings of that number; other text there is no vector, and no reason to refuse the file. */
function findVector(elements: DicomElements, tag: Tag, length: number): readonly number[] | undefined {
  const numbers = elements
    .findText(tag)
    ?.split("\\")
    .map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  return numbers?.length === length && numbers.every(Number.isFinite) ? numbers : undefined;
}

/** The dot product of a position and the cross product of the two directions (PS3.3 C.7.6.2.1.1). */
function alongNormal(position: readonly number[], orientation: readonly number[]): number {
  const [rowX = 0, rowY = 0, rowZ = 0, colX = 0, colY = 0, colZ = 0] = orientation;
  const [x = 0, y = 0, z = 0] = position;
  return x * (rowY * colZ - rowZ * colY) + y * (rowZ * colX - rowX * colZ) + z * (rowX * colY - rowY * colX);
}

/** Years of an age string (PS3.5 6.2, VR AS): three digits and D, W, M or Y. */
function yearsOf(age: string | undefined): number | undefined {
  const [, count, unit] = /^(\d{1,3})([DWMY])$/.exec(age ?? "") ?? [];
  if (count === undefined) return undefined;
  const perYear = { D: 365.25, W: 52.1775, M: 12, Y: 1 }[unit ?? ""];
  return perYear === undefined ? undefined : Number(count) / perYear;
}

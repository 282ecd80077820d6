import { ImageError } from "../image-error.ts";

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

/**
 * Reads the attributes of a DICOM file, without its pixels.
 *
 * @throws {ImageError} IMAGE_FORMAT_UNKNOWN, IMAGE_TRUNCATED, IMAGE_CORRUPT, IMAGE_TOO_LARGE, IMAGE_SYNTAX_UNSUPPORTED
 */
export async function readDicomAttributes(_bytes: Uint8Array): Promise<DicomAttributes> {
  throw new ImageError("IMAGE_SYNTAX_UNSUPPORTED", "DICOM comes next");
}

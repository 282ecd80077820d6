import type { DicomAttributes } from "../images/dicom/dicom-attributes.ts";

/** A DICOM file of a tree. */
export interface DicomFile {
  readonly uri: string;
  readonly attributes: DicomAttributes;
}

/**
 * DICOM files in the order of people and space: patient, study, series, then slices by their position along the normal
 * of the slices (PS3.3 C.7.6.2.1.1), never by file name. Slices of several orientations in a series, as localisers have,
 * are sorted within each; where a series gives no positions, by instance number; the path settles what is left.
 */
export function orderDicomFiles(files: readonly DicomFile[]): DicomFile[] {
  const keyed = files.map((file) => ({ file, key: keyOf(file) }));
  keyed.sort((left, right) => compareKeys(left.key, right.key));
  return keyed.map(({ file }) => file);
}

type Key = readonly (string | number)[];

function keyOf({ uri, attributes }: DicomFile): Key {
  const { patientId, studyUid, seriesUid, orientation, slice, instanceNumber } = attributes;
  // To a thousandth: scanners write the same direction with other last digits in each slice.
  const direction = orientation?.map((cosine) => Math.round(cosine * 1_000) + 0).join() ?? "";
  return [
    patientId ?? "",
    studyUid ?? "",
    seriesUid ?? "",
    direction,
    slice ?? Number.NEGATIVE_INFINITY,
    instanceNumber ?? Number.NEGATIVE_INFINITY,
    uri,
  ];
}

function compareKeys(left: Key, right: Key): number {
  for (let at = 0; at < left.length; at++) {
    // Safe: both keys have the same parts, of the same types.
    const one = left[at]!;
    const other = right[at]!;
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

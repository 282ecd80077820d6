/** What the image files of a version are: counted once, when every one of them was read for the import. */
export interface DatasetFiles {
  /** Files by format as told from their bytes: png, jpeg, dicom. */
  readonly formats: Readonly<Record<string, number>>;
  readonly bytes: number;
  /** The fewest and most rows of an image, and columns. */
  readonly rows: readonly [number, number];
  readonly cols: readonly [number, number];
  /** Distinct sizes. */
  readonly sizes: number;
  /** Images whose file is, byte for byte, that of an earlier image. */
  readonly duplicates: number;
  /** Such images of another patient than the earlier one's: one of the two is mislabelled. */
  readonly duplicatesAcrossPatients: number;
  /** Files of the manifest that were left out, by code of what was wrong with them. */
  readonly leftOut: Readonly<Record<string, number>>;
  /** Whether every pixel was decoded, or headers only. */
  readonly verified: "header" | "full";
}

import { imageErrorCodes } from "../images/image-error.ts";

/** Every code that a problem found in an import may carry; the table is closed. */
export const importErrorCodes = [
  // The file as bytes.
  "EMPTY_FILE",
  "BAD_ENCODING",
  "BAD_ROW",
  "FIELD_TOO_LONG",
  "PARQUET_TRUNCATED",
  "PARQUET_INVALID",
  "PARQUET_UNSUPPORTED",
  // Its columns.
  "INVALID_MAPPING",
  "MISSING_COLUMN",
  "DUPLICATE_COLUMN",
  "COLUMN_TYPE",
  // Scores.
  "SCORE_UNPARSABLE",
  "SCORE_NOT_FINITE",
  "SCORE_OUT_OF_RANGE",
  "DUPLICATE_SCORE",
  "UNKNOWN_CLASS",
  // Images and patients.
  "EMPTY_ID",
  "DUPLICATE_ID",
  "UNKNOWN_IMAGE",
  "UNMATCHED_ID",
  "PATIENT_CONFLICT",
  "PATIENT_IN_TWO_SPLITS",
  // Truth and attributes.
  "UNKNOWN_LABEL",
  "LABEL_UNPARSABLE",
  "UNKNOWN_ATTRIBUTE_VALUE",
  "ATTRIBUTE_UNPARSABLE",
  "ATTRIBUTE_CONFLICT",
  "TOO_MANY_VALUES",
  "AGE_IMPLAUSIBLE",
  // Image files.
  "DECOMPRESSION_LIMIT",
  "PATH_INVALID",
  "PATH_OUTSIDE_ROOT",
  "FILE_MISSING",
  "FILE_AMBIGUOUS",
  "FILE_UNREADABLE",
  "FILE_LINKED",
  "FILE_TOO_LARGE",
  "EXTENSION_MISMATCH",
  "DUPLICATE_IMAGE",
  ...imageErrorCodes,
] as const;
export type ImportErrorCode = (typeof importErrorCodes)[number];

/** The two files of an import of predictions. */
export type ImportFile = "predictions" | "attributes";

/**
 * One problem of an import, safe to show: it holds positions, column names and the mapping's own words,
 * never an id or a patient's value.
 */
export interface ImportProblem {
  readonly code: ImportErrorCode;
  /** What was expected, what came, what to do. */
  readonly message: string;
  /** The file at fault: predictions or attributes; of a dataset, the name of its table, or images. */
  readonly file: string;
  /** Line of a CSV file counted from 1 with the header, or row of a Parquet file counted from 1. */
  readonly line?: number;
  /** Header of the column at fault. */
  readonly column?: string;
  /** Position in the file, counted from 0; set where the line says too little (encodings). */
  readonly byteOffset?: number;
}

/** A problem that ends the reading: nothing after it can be trusted. */
export class ImportError extends Error {
  override readonly name = "ImportError";
  readonly code: ImportErrorCode;
  readonly line: number | undefined;
  readonly column: string | undefined;
  readonly byteOffset: number | undefined;
  readonly file: string | undefined;

  constructor(
    code: ImportErrorCode,
    message: string,
    at: {
      readonly line?: number | undefined;
      readonly column?: string | undefined;
      readonly byteOffset?: number | undefined;
      readonly file?: string | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, at.cause === undefined ? undefined : { cause: at.cause });
    this.code = code;
    this.line = at.line;
    this.column = at.column;
    this.byteOffset = at.byteOffset;
    this.file = at.file;
  }

  /** The same problem, said to be of `file`. */
  in(file: string): ImportError {
    return this.file === undefined
      ? new ImportError(this.code, this.message, { ...this, file, cause: this })
      : this;
  }
}

import type { ImportErrorCode } from "./predictions/import-error.ts";

/**
 * Cells of one column as text: cell i of the batch is
 * `bytes[starts[i * stride + offset], ends[i * stride + offset])`, valid UTF-8, quotes undone; empty means no value.
 */
export interface TextCells {
  readonly kind: "text";
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly stride: number;
  readonly offset: number;
}

/** Cells of one column as numbers; where `nulls[i]` is 1 there is no value. */
export interface NumberCells {
  readonly kind: "number";
  readonly values: Float64Array;
  readonly nulls: Uint8Array;
}

export type Cells = TextCells | NumberCells;

/** Some consecutive rows of a table; its memory is reused by the next batch. */
export interface TableBatch {
  readonly rows: number;
  /** Line (CSV, 1 is the header) or row (Parquet, from 1) of each row. */
  readonly lines: Uint32Array;
  /** One entry per wanted column, in the order in which they were wanted. */
  readonly columns: readonly Cells[];
}

/**
 * What a column is read for. key: ids, text or whole numbers; number: numbers only; text: anything, written out;
 * any: text or numbers as they are stored.
 */
export type CellNeed = "key" | "number" | "text" | "any";

/** A column to be read: its place in the header and what it is read for. */
export interface WantedColumn {
  readonly index: number;
  readonly need: CellNeed;
}

/** A column whose stored type cannot be read for what it is wanted. */
export interface UnfitColumn {
  readonly column: string;
  readonly message: string;
}

/** Told of each row that cannot be read and is left out. */
export type RowProblem = (code: ImportErrorCode, message: string, line: number) => void;

/** A table that is read from front to back, some thousand rows at a time, in memory that does not grow. */
export interface TableReader {
  readonly header: readonly string[];
  readonly bytesRead: number;
  readonly blankLines: number;
  /** Chooses the columns, before the first `next`; returns those whose type does not serve (COLUMN_TYPE). */
  want(columns: readonly WantedColumn[]): readonly UnfitColumn[];
  /** The next rows, or undefined at the end. @throws {ImportError} where nothing after can be trusted. */
  next(): Promise<TableBatch | undefined>;
  close(): Promise<void>;
}

/** The formats that a table of predictions may come in. */
export const tableFormats = ["csv", "tsv", "parquet"] as const;
export type TableFormat = (typeof tableFormats)[number];

/** One pass over a source's bytes; reads into the caller's memory, so that nothing is allocated per chunk. */
export interface ByteReader {
  /** Fills the front of `into` and resolves to the number of bytes written; 0 at the end. */
  read(into: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

/** Bytes that can be read from the front (CSV) and at any position (Parquet). */
export interface ByteSource {
  /** Total length in bytes; undefined when it is not known before the end. */
  readonly byteLength: number | undefined;
  /** Starts a pass at the first byte. A source made of a one-shot stream refuses a second pass. */
  open(): Promise<ByteReader>;
  /** Reads `[start, end)` into fresh memory; absent when the source has no random access. */
  slice?(start: number, end: number): Promise<ArrayBuffer>;
  /** Whether `open` may be called again (needed to name the first line of a duplicate id). */
  readonly replayable: boolean;
}

/** A table: its bytes and its format (by default told from the bytes: `PAR1` is Parquet, else tab or comma). */
export interface TableSource {
  readonly bytes: ByteSource;
  readonly format?: TableFormat;
}

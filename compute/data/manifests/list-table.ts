import type { Cells, TableBatch, TableReader, WantedColumn } from "../tabular.ts";

const BATCH_ROWS = 4_096;

/**
 * A table that is made, not read from a file: the files of a folder, the headers of a DICOM tree, a list of names.
 * Its lines are its rows, counted from 1. A batch of 4,096 rows is packed at a time.
 */
export class ListTable implements TableReader {
  readonly header: readonly string[];
  readonly bytesRead = 0;
  readonly blankLines = 0;
  readonly #rows: readonly (readonly string[])[];
  #wanted: readonly WantedColumn[] = [];
  #at = 0;

  /** @param rows - one text a column; the empty text is no value. */
  constructor(header: readonly string[], rows: readonly (readonly string[])[]) {
    this.header = header;
    this.#rows = rows;
  }

  want(columns: readonly WantedColumn[]): readonly never[] {
    this.#wanted = columns;
    return [];
  }

  async next(): Promise<TableBatch | undefined> {
    const rows = this.#rows.slice(this.#at, this.#at + BATCH_ROWS);
    if (rows.length === 0) return undefined;
    const first = this.#at + 1;
    this.#at += rows.length;
    const lines = Uint32Array.from(rows, (_row, index) => first + index);
    return { rows: rows.length, lines, columns: this.#wanted.map(({ index }) => packed(rows, index)) };
  }

  async close(): Promise<void> {}
}

function packed(rows: readonly (readonly string[])[], column: number): Cells {
  const texts = rows.map((row) => row[column] ?? "");
  const bytes = new TextEncoder().encode(texts.join(""));
  const starts = new Int32Array(rows.length);
  const ends = new Int32Array(rows.length);
  let at = 0;
  texts.forEach((text, row) => {
    starts[row] = at;
    at += Buffer.byteLength(text);
    ends[row] = at;
  });
  return { kind: "text", bytes, starts, ends, stride: 1, offset: 0 };
}

import type { Cells, RowProblem, TableBatch, TableReader, UnfitColumn, WantedColumn } from "../tabular.ts";
import type { ByteReader, ByteSource } from "../tabular-source.ts";
import { CsvScanner } from "./csv-scanner.ts";

/** Reads a CSV or TSV source as a table; memory is one buffer of about 1 MiB. */
export class CsvTable implements TableReader {
  readonly #reader: ByteReader;
  readonly #scanner: CsvScanner;
  #wanted: readonly WantedColumn[] = [];
  #header: readonly string[] = [];
  #bytesRead = 0;
  #ended = false;

  private constructor(reader: ByteReader, scanner: CsvScanner) {
    this.#reader = reader;
    this.#scanner = scanner;
  }

  /**
   * Opens the source and reads its header line.
   *
   * @param delimiter - undefined takes comma or tab, whichever the header line holds more of.
   * @throws {ImportError} EMPTY_FILE, BAD_ENCODING, BAD_ROW, FIELD_TOO_LONG.
   */
  static async open(
    source: ByteSource,
    delimiter: "," | "\t" | undefined,
    onRow: RowProblem,
  ): Promise<CsvTable> {
    const table = new CsvTable(await source.open(), new CsvScanner(delimiter, onRow));
    try {
      for (;;) {
        const header = table.#scanner.header();
        if (header !== undefined) {
          table.#header = header;
          return table;
        }
        await table.#feed();
      }
    } catch (error) {
      await table.close();
      throw error;
    }
  }

  get header(): readonly string[] {
    return this.#header;
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  get blankLines(): number {
    return this.#scanner.blankLines;
  }

  want(columns: readonly WantedColumn[]): readonly UnfitColumn[] {
    this.#wanted = columns;
    return [];
  }

  async next(): Promise<TableBatch | undefined> {
    for (;;) {
      const { rows, bytes, starts, ends, lines } = this.#scanner.scan();
      if (rows > 0) {
        const stride = this.#header.length;
        const columns = this.#wanted.map(
          ({ index }): Cells => ({ kind: "text", bytes, starts, ends, stride, offset: index }),
        );
        return { rows, lines, columns };
      }
      if (this.#ended) return undefined;
      await this.#feed();
    }
  }

  close(): Promise<void> {
    return this.#reader.close();
  }

  async #feed(): Promise<void> {
    const length = await this.#reader.read(this.#scanner.room());
    this.#bytesRead += length;
    if (length > 0) this.#scanner.fed(length);
    else {
      this.#ended = true;
      this.#scanner.end();
    }
  }
}

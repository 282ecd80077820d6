import { type DecodedArray, parquetSchema, type RowGroup, type SchemaTree } from "hyparquet";
import type { TableBatch, TableReader, UnfitColumn, WantedColumn } from "../tabular.ts";
import type { ByteReader, ByteSource } from "../tabular-source.ts";
import { CellBuffer, isFit, needWords, storedKind } from "./parquet-cells.ts";
import { decoded, invalid, type ParquetFooter, readFooter, unsupported } from "./parquet-footer.ts";
import { ParquetPages } from "./parquet-pages.ts";

const BATCH_ROWS = 8_192;

interface OpenColumn {
  readonly index: number;
  readonly pages: ParquetPages;
  readonly cells: CellBuffer;
  values: DecodedArray;
  /** First value not yet handed out. */
  at: number;
}

/** Reads the wanted columns of a Parquet file side by side, a page of each at a time. */
export class ParquetTable implements TableReader {
  readonly #reader: ByteReader;
  readonly #footer: ParquetFooter;
  readonly #root: SchemaTree;
  readonly #lines = new Uint32Array(BATCH_ROWS);
  #columns: readonly OpenColumn[] = [];
  #group = -1;
  #groupRowsLeft = 0;
  #row = 0;
  readonly header: readonly string[];
  readonly blankLines = 0;

  private constructor(reader: ByteReader, footer: ParquetFooter) {
    this.#reader = reader;
    this.#footer = footer;
    this.#root = parquetSchema(footer.metadata);
    this.header = footer.columns.map(({ element }) => element.name);
  }

  /** Opens the file and reads its footer. @throws {ImportError} PARQUET_TRUNCATED, PARQUET_INVALID, PARQUET_UNSUPPORTED. */
  static async open(source: ByteSource): Promise<ParquetTable> {
    if (source.byteLength === undefined) throw unsupported("a file, got a stream");
    const reader = await source.open();
    try {
      const footer = await readFooter(reader, source.byteLength);
      return new ParquetTable(reader, footer);
    } catch (error) {
      await reader.close();
      throw error;
    }
  }

  get bytesRead(): number {
    return this.#columns.reduce((sum, { pages }) => sum + pages.bytesRead, 0);
  }

  want(wanted: readonly WantedColumn[]): readonly UnfitColumn[] {
    const unfit: UnfitColumn[] = [];
    const columns: OpenColumn[] = [];
    for (const { index, need } of wanted) {
      const column = this.#footer.columns[index];
      if (column === undefined) throw new RangeError(`Expected a column of the file, got ${index}`);
      const { name } = column.element;
      const kind = storedKind(column);
      if (isFit(need, kind)) {
        const pages = new ParquetPages(this.#reader, this.#root, column);
        columns.push({
          index,
          pages,
          cells: new CellBuffer(need, kind, name, BATCH_ROWS),
          values: [],
          at: 0,
        });
      } else {
        const got =
          column.children.length > 0
            ? "a nested type"
            : (column.element.logical_type?.type ?? column.element.type);
        unfit.push({
          column: name,
          message: `Expected ${needWords[need]} in column ${JSON.stringify(name)}, got ${got}`,
        });
      }
    }
    this.#columns = columns;
    return unfit;
  }

  next(): Promise<TableBatch | undefined> {
    return decoded(() => this.#next());
  }

  async #next(): Promise<TableBatch | undefined> {
    while (this.#groupRowsLeft === 0) {
      const group = this.#footer.metadata.row_groups[++this.#group];
      if (group === undefined) return undefined;
      this.#startGroup(group);
    }
    let rows = Math.min(BATCH_ROWS, this.#groupRowsLeft);
    for (const column of this.#columns) {
      if (column.at === column.values.length) {
        column.values = await column.pages.next();
        column.at = 0;
      }
      rows = Math.min(rows, column.values.length - column.at);
    }
    const columns = this.#columns.map((column) => {
      const cells = column.cells.fill(column.values, column.at, rows, this.#row + 1);
      column.at += rows;
      return cells;
    });
    for (let row = 0; row < rows; row++) this.#lines[row] = this.#row + row + 1;
    this.#row += rows;
    this.#groupRowsLeft -= rows;
    return { rows, lines: this.#lines, columns };
  }

  close(): Promise<void> {
    return this.#reader.close();
  }

  #startGroup(group: RowGroup): void {
    this.#groupRowsLeft = Number(group.num_rows);
    for (const column of this.#columns) {
      const name = this.header[column.index];
      const isOwn = (path: readonly string[] | undefined) => path?.length === 1 && path[0] === name;
      const meta = group.columns.find(({ meta_data }) => isOwn(meta_data?.path_in_schema))?.meta_data;
      const leaf = this.#footer.columns[column.index]?.element;
      if (meta === undefined || meta.type !== leaf?.type)
        throw invalid("each column in every row group, got one missing");
      column.pages.startGroup(meta, this.#groupRowsLeft);
      column.values = [];
      column.at = 0;
    }
  }
}

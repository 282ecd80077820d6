import { CsvTable } from "./csv/csv-table.ts";
import { ImportError } from "./predictions/import-error.ts";
import type { RowProblem, TableReader } from "./tabular.ts";
import type { ByteSource, TableSource } from "./tabular-source.ts";

/**
 * Opens a table of any format and reads its header. Parquet is told by its first bytes when no format is given.
 *
 * @throws {ImportError} EMPTY_FILE, BAD_ENCODING, BAD_ROW, FIELD_TOO_LONG, PARQUET_*.
 */
export async function openTable(source: TableSource, onRow: RowProblem): Promise<TableReader> {
  const isParquet = source.bytes.replayable && (await startsAsParquet(source.bytes));
  if (source.format === "parquet" || (source.format === undefined && isParquet)) {
    // Loaded when there is one: its decoders take 10 MB, which an import of a large CSV file has better uses for.
    const { ParquetTable } = await import("./parquet/parquet-table.ts");
    return ParquetTable.open(source.bytes);
  }
  if (isParquet) {
    throw new ImportError(
      "BAD_ENCODING",
      `Expected ${source.format} text, got a Parquet file; say format parquet`,
      {
        line: 1,
        byteOffset: 0,
      },
    );
  }
  return CsvTable.open(source.bytes, source.format && (source.format === "tsv" ? "\t" : ","), onRow);
}

async function startsAsParquet(bytes: ByteSource): Promise<boolean> {
  const reader = await bytes.open();
  try {
    const magic = new Uint8Array(4);
    const length = await reader.read(magic);
    return length === 4 && new TextDecoder().decode(magic) === "PAR1";
  } finally {
    await reader.close();
  }
}

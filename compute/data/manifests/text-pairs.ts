import { openTable } from "../open-table.ts";
import { ImportError } from "../predictions/import-error.ts";
import type { Cells } from "../tabular.ts";
import { fileSource } from "../tabular-source.ts";

/**
 * Two columns of a table (CSV, TSV, Parquet) as a map from one to the other; rows without a key or a value are left out.
 *
 * @throws {ImportError} MISSING_COLUMN, BAD_ROW for a row that cannot be read, DUPLICATE_ID for a key with two values; as
 *   `openTable`
 */
export async function readTextPairs(
  path: string,
  keyColumn: string,
  valueColumn: string,
): Promise<ReadonlyMap<string, string>> {
  const table = await openTable({ bytes: await fileSource(path) }, (code, message, line) => {
    throw new ImportError(code, message, { line });
  });
  try {
    const columns = [keyColumn, valueColumn].map((name) => {
      const index = table.header.indexOf(name);
      if (index >= 0) return { index, need: "text" } as const;
      throw new ImportError("MISSING_COLUMN", `Expected a column "${name}", got none; see the header`);
    });
    table.want(columns);
    const pairs = new Map<string, string>();
    for (let batch = await table.next(); batch !== undefined; batch = await table.next()) {
      const [keys, values] = batch.columns.map(textOf);
      for (let row = 0; row < batch.rows; row += 1) {
        const [key = "", value = ""] = [keys?.(row), values?.(row)];
        if (key === "" || value === "") continue;
        if (pairs.has(key) && pairs.get(key) !== value) {
          const line = batch.lines[row] ?? 0; // safe: row < rows
          throw new ImportError("DUPLICATE_ID", "Expected one value for each key, got two", { line });
        }
        pairs.set(key, value);
      }
    }
    return pairs;
  } finally {
    await table.close();
  }
}

function textOf(cells: Cells): (row: number) => string {
  if (cells.kind === "number") {
    return (row) => (cells.nulls[row] === 1 ? "" : String(cells.values[row]));
  }
  const { bytes, starts, ends, stride, offset } = cells;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (row) => buffer.toString("utf8", starts[row * stride + offset], ends[row * stride + offset]);
}

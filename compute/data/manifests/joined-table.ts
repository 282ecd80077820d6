import type { Frame } from "../predictions/frame.ts";
import { IdIndex } from "../predictions/id-index.ts";
import { UNKNOWN_CODE } from "../predictions/types.ts";
import type { WordDecoder } from "../predictions/word-decoder.ts";
import type { Cells, TableReader } from "../tabular.ts";
import type { TableMapping } from "./dataset-mapping.ts";
import type { TableSide } from "./table-side.ts";

/** A table in memory, one row a key, to be asked by key. */
export interface JoinedTable {
  readonly rows: number;
  /** Cells that several rows of one key gave different values, by column. */
  readonly conflicts: ReadonlyMap<string, number>;
  readonly frame: Frame;
  /** The row of the key in cell `row` of a column; UNKNOWN_CODE where there is none. */
  rowOf(cells: Cells, row: number): number;
}

/**
 * Reads a table whole: 16 bytes a key and its columns as numbers, 4 bytes a category, 8 a number, 1 a label. Rows with
 * one key are made one by the mapping's rule.
 *
 * @param words - decoder of each u32 column that is a category: codes with one meaning agree.
 */
export async function readJoinedTable(
  side: TableSide,
  reader: TableReader,
  mapping: TableMapping,
  words: ReadonlyMap<number, WordDecoder>,
): Promise<JoinedTable> {
  const index = new IdIndex();
  const conflicts = new Map<string, number>();
  let frame = side.frame(4_096);
  let rows = 0;
  for (;;) {
    const batch = await reader.next();
    if (batch === undefined) break;
    const read = side.decodeBatch(batch);
    for (let row = 0; row < batch.rows; row++) {
      const key = keyOf(batch.columns[0], row);
      if (key === undefined) {
        side.problem(
          "EMPTY_ID",
          batch.lines[row],
          mapping.key,
          () => "Expected a key in every row, got an empty cell",
        );
        continue;
      }
      const at = index.add(key.bytes, key.start, key.end);
      if (at === rows) {
        if (rows === frame.rows) frame = side.grown(frame, rows * 2);
        copyRow(read, row, frame, rows++);
      } else if (mapping.several === "refuse") {
        const message = () => "Expected each key once, got one again; say what several rows of a key mean";
        side.problem("DUPLICATE_ID", batch.lines[row], mapping.key, message);
      } else if (mapping.several === "agree") {
        mergeRow(
          read,
          row,
          frame,
          at,
          words,
          (column) => conflicts.set(column, (conflicts.get(column) ?? 0) + 1),
          side,
        );
      }
    }
  }
  return {
    rows,
    conflicts,
    frame,
    rowOf(cells, row) {
      const key = keyOf(cells, row);
      if (key === undefined) return UNKNOWN_CODE;
      const at = index.find(key.bytes, key.start, key.end);
      return at < 0 ? UNKNOWN_CODE : at;
    },
  };
}

const encoder = new TextEncoder();

function keyOf(
  cells: Cells | undefined,
  row: number,
): { readonly bytes: Uint8Array; readonly start: number; readonly end: number } | undefined {
  if (cells === undefined) return undefined;
  if (cells.kind === "number") {
    if (cells.nulls[row] === 1) return undefined;
    const bytes = encoder.encode(String(cells.values[row]));
    return { bytes, start: 0, end: bytes.length };
  }
  const cell = row * cells.stride + cells.offset;
  // In bounds: the batch has this row.
  const start = cells.starts[cell] as number;
  const end = cells.ends[cell] as number;
  return end > start ? { bytes: cells.bytes, start, end } : undefined;
}

function copyRow(from: Frame, row: number, to: Frame, at: number): void {
  // In bounds: both frames have the same columns, `row` and `at` are theirs.
  to.f64.forEach((column, index) => {
    column[at] = (from.f64[index] as Float64Array)[row] as number;
  });
  to.u32.forEach((column, index) => {
    column[at] = (from.u32[index] as Uint32Array)[row] as number;
  });
  to.u8.forEach((column, index) => {
    column[at] = (from.u8[index] as Uint8Array)[row] as number;
  });
}

/** A value of a row that disagreed once stays so: a third row cannot decide. */
const DISPUTED = UNKNOWN_CODE - 1;

function mergeRow(
  from: Frame,
  row: number,
  to: Frame,
  at: number,
  words: ReadonlyMap<number, WordDecoder>,
  disagree: (column: string) => void,
  side: TableSide,
): void {
  // In bounds as in copyRow.
  to.u32.forEach((column, index) => {
    const kept = column[at] as number;
    const given = (from.u32[index] as Uint32Array)[row] as number;
    if (given === UNKNOWN_CODE || given === kept || kept === DISPUTED) return;
    const meanings = words.get(index)?.meaning;
    const meaning = (code: number) => (meanings === undefined ? code : (meanings[code] ?? undefined));
    if (kept === UNKNOWN_CODE) column[at] = given;
    else if (meaning(kept) === undefined) column[at] = meaning(given) === undefined ? kept : given;
    else if (meaning(given) !== undefined && meaning(given) !== meaning(kept)) {
      column[at] = DISPUTED;
      disagree(side.columnOf("u32", index));
    }
  });
  to.f64.forEach((column, index) => {
    const kept = column[at] as number;
    const given = (from.f64[index] as Float64Array)[row] as number;
    if (Number.isNaN(given) || given === kept || kept === Number.NEGATIVE_INFINITY) return;
    if (Number.isNaN(kept)) column[at] = given;
    else {
      column[at] = Number.NEGATIVE_INFINITY;
      disagree(side.columnOf("f64", index));
    }
  });
  to.u8.forEach((column, index) => {
    const kept = column[at] as number;
    const given = (from.u8[index] as Uint8Array)[row] as number;
    if (given === 255 || given === kept || kept === DISPUTED_LABEL) return;
    if (kept === 255) column[at] = given;
    else {
      column[at] = DISPUTED_LABEL;
      disagree(side.columnOf("u8", index));
    }
  });
}

const DISPUTED_LABEL = 254;

/** Makes disputed values unknown, once the table is read. */
export function settleDisputes(frame: Frame): void {
  for (const column of frame.u32) replace(column, DISPUTED, UNKNOWN_CODE);
  for (const column of frame.f64) replace(column, Number.NEGATIVE_INFINITY, Number.NaN);
  for (const column of frame.u8) replace(column, DISPUTED_LABEL, 255);
}

function replace(column: Uint32Array | Float64Array | Uint8Array, from: number, to: number): void {
  for (let at = column.indexOf(from); at >= 0; at = column.indexOf(from, at + 1)) column[at] = to;
}

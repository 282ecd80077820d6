import type { ColumnDecoder, DecodedColumn } from "../predictions/column-decoder.ts";
import { Frame } from "../predictions/frame.ts";
import type { ImportErrorCode } from "../predictions/import-error.ts";
import { nearestWord, type ProblemLog } from "../predictions/problem-log.ts";
import type { CellNeed, Cells, TableBatch, WantedColumn } from "../tabular.ts";
import { partsOfCells } from "./cell-parts.ts";
import type { CellRef } from "./dataset-mapping.ts";

type NumberType = "f64" | "u32" | "u8";

/** A column of a table's frame. */
export interface Slot {
  readonly side: TableSide;
  readonly type: NumberType;
  readonly index: number;
}

interface Step {
  readonly wanted: number;
  readonly parts: readonly [number, number] | undefined;
  readonly decoder: ColumnDecoder;
}

/** What is read of one table: its columns, their decoders, and where their numbers go. */
export class TableSide {
  readonly name: string;
  readonly header: readonly string[];
  readonly #problems: ProblemLog;
  readonly #wanted: WantedColumn[] = [];
  readonly #steps: Step[] = [];
  readonly #layout = { f64: 0, u32: 0, f32: 0, u8: 0 };
  readonly #columns: Record<NumberType, string[]> = { f64: [], u32: [], u8: [] };
  #scratch: Frame | undefined;

  constructor(name: string, header: readonly string[], problems: ProblemLog) {
    this.name = name;
    this.header = header;
    this.#problems = problems;
  }

  get wanted(): readonly WantedColumn[] {
    return this.#wanted;
  }

  /** Asks for a column; its cells are then `batch.columns[n]`. Undefined, with a problem, when there is none. */
  want(column: string, need: CellNeed): number | undefined {
    const index = this.header.indexOf(column);
    const place = { file: this.name, line: 1, column };
    if (index < 0) {
      const nearest = nearestWord(column, this.header);
      const hint = nearest === undefined ? "" : `; did you mean ${JSON.stringify(nearest.slice(0, 60))}?`;
      const words = () =>
        `Expected a column ${JSON.stringify(column)} in ${this.name}, got ${this.header.length} others${hint}`;
      this.#problems.add("MISSING_COLUMN", place, words);
      return undefined;
    }
    if (this.header.includes(column, index + 1)) {
      const words = () => `Expected one column ${JSON.stringify(column)}, got it more than once; rename one`;
      this.#problems.add("DUPLICATE_COLUMN", place, words);
      return undefined;
    }
    this.#wanted.push({ index, need });
    return this.#wanted.length - 1;
  }

  /** Decodes a cell of every row into `count` new columns of the frame; the slot is the first of them. */
  decode(
    ref: CellRef,
    need: CellNeed,
    type: NumberType,
    make: (at: DecodedColumn, slot: number) => ColumnDecoder,
    count = 1,
  ): Slot | undefined {
    const wanted = this.want(ref.column, ref.parts === undefined ? need : "text");
    if (wanted === undefined) return undefined;
    const index = this.#layout[type];
    this.#layout[type] += count;
    for (let added = 0; added < count; added++) this.#columns[type].push(ref.column);
    const decoder = make({ file: this.name, column: ref.column, problems: this.#problems }, index);
    this.#steps.push({ wanted, parts: ref.parts, decoder });
    return { side: this, type, index };
  }

  /** A frame of this table's columns. */
  frame(rows: number): Frame {
    return new Frame(this.#layout, rows);
  }

  /** The same values with room for more. */
  grown(frame: Frame, rows: number): Frame {
    const larger = this.frame(rows);
    for (const type of ["f64", "u32", "u8"] as const) {
      // Safe: both frames have the columns of this table.
      frame[type].forEach(
        (column, index) => void (larger[type][index] as Float64Array).set(column as Float64Array),
      );
    }
    return larger;
  }

  /** Decodes a batch; the frame is valid until the next one. */
  decodeBatch(batch: TableBatch): Frame {
    if (this.#scratch === undefined || this.#scratch.rows < batch.rows)
      this.#scratch = this.frame(batch.rows);
    for (const { wanted, parts, decoder } of this.#steps) {
      const cells = this.cells(batch, wanted, parts);
      decoder.decode(cells, batch.lines, 0, batch.rows, this.#scratch, 0);
    }
    return this.#scratch;
  }

  /** Cells of a wanted column, or of parts of it. */
  cells(batch: TableBatch, wanted: number, parts: readonly [number, number] | undefined): Cells {
    const cells = batch.columns[wanted] as Cells; // safe: `wanted` came from `want`, and the reader gives what is wanted
    return parts === undefined ? cells : partsOfCells(cells, batch.rows, parts);
  }

  columnOf(type: NumberType, index: number): string {
    return this.#columns[type][index] ?? "";
  }

  problem(code: ImportErrorCode, line: number | undefined, column: string, message: () => string): void {
    this.#problems.add(code, { file: this.name, line, column }, message);
  }
}

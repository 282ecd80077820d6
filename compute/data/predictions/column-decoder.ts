import type { Cells } from "../tabular.ts";
import type { Frame } from "./frame.ts";
import type { ProblemLog } from "./problem-log.ts";
import type { UnknownCells } from "./types.ts";

/** Turns the cells of one column into numbers of a frame. */
export interface ColumnDecoder {
  /** Writes rows `[from, to)` of the batch to the frame's rows from `at` on; every row is written, also bad ones. */
  decode(cells: Cells, lines: Uint32Array, from: number, to: number, frame: Frame, at: number): void;
  /** Cells that held no value, with their column; undefined where they are no unknowns. */
  unknownCells(): UnknownCells | undefined;
}

/** What every decoder knows of its column. */
export interface DecodedColumn {
  /** Name of the table, for problems and counts. */
  readonly file: string;
  readonly column: string;
  readonly problems: ProblemLog;
}

/** Position of the first cell of `[start, end)` that is not a blank, or `end`. */
export function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] === 32) at++;
  return at;
}

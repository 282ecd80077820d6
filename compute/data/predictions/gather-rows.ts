import type { Frame } from "./frame.ts";
import type { FilePlan, LongPlan } from "./import-plan.ts";
import type { ProblemLog } from "./problem-log.ts";
import { type ScatterSpool, SPOOL_HEAD, type SpooledRows } from "./scatter-spool.ts";
import { UNKNOWN_CODE, UNKNOWN_TRUTH } from "./types.ts";

/** Lines by image of a block: 0 where no row was seen. */
export type SeenLines = Uint32Array;

/** Brings the spooled rows of one block to their places, one row an image; a second one is DUPLICATE_ID. */
export async function gatherRows(
  spool: ScatterSpool,
  block: number,
  frame: Frame,
  seen: SeenLines,
  plan: FilePlan,
  problems: ProblemLog,
): Promise<void> {
  frame.clear();
  seen.fill(0);
  let slots = new Int32Array(0);
  for await (const rows of spool.read(block)) {
    const { count, recordBytes, u32At, f32At, u8At } = rows;
    if (slots.length < count) slots = new Int32Array(count);
    const words = recordBytes / 4;
    for (let row = 0, at = u32At; row < count; row++, at += words) {
      // In bounds: a record has the place and the line at u32At, and places are below frame.rows.
      const slot = rows.u32[at] as number;
      const line = rows.u32[at + 1] as number;
      const earlier = seen[slot] as number;
      slots[row] = earlier === 0 ? slot : -1;
      if (earlier === 0) seen[slot] = line;
      else {
        const place = { file: plan.file, line, column: plan.idColumn };
        problems.add(
          "DUPLICATE_ID",
          place,
          () => `Expected each image once, got the image of line ${earlier} again`,
        );
      }
    }
    frame.f64.forEach((column, index) => {
      place(column, slots, count, rows.f64, index, recordBytes / 8);
    });
    frame.u32.forEach((column, index) => {
      place(column, slots, count, rows.u32, u32At + SPOOL_HEAD + index, words);
    });
    frame.f32.forEach((column, index) => {
      place(column, slots, count, rows.f32, f32At + index, words);
    });
    frame.u8.forEach((column, index) => {
      place(column, slots, count, rows.u8, u8At + index, recordBytes);
    });
  }
}

type Numbers = Float64Array | Float32Array | Uint32Array | Uint8Array;

/** Copies one column of the records to its places; -1 is left out. */
function place(
  column: Numbers,
  slots: Int32Array,
  count: number,
  from: Numbers,
  first: number,
  stride: number,
): void {
  for (let row = 0, at = first; row < count; row++, at += stride) {
    // In bounds: row < count, and the record has the column.
    const slot = slots[row] as number;
    if (slot >= 0) column[slot] = from[at] as number;
  }
}

/**
 * Brings the spooled rows of one block of a long file to their places, one row an image and class. A repeated pair is
 * DUPLICATE_SCORE; the other columns must not change between the rows of an image.
 */
export class LongGatherer {
  readonly #plan: FilePlan;
  readonly #long: LongPlan;
  readonly #patientColumn: number;
  readonly #problems: ProblemLog;
  /** Line of each (class, image), 0 where there is none. */
  readonly #pairLines: Uint32Array;

  /** @param patientColumn - the u32 column of the patient, or -1. */
  constructor(
    plan: FilePlan,
    long: LongPlan,
    patientColumn: number,
    classes: number,
    rows: number,
    log: ProblemLog,
  ) {
    this.#plan = plan;
    this.#long = long;
    this.#patientColumn = patientColumn;
    this.#problems = log;
    this.#pairLines = new Uint32Array(classes * rows);
  }

  async gather(spool: ScatterSpool, block: number, frame: Frame, seen: SeenLines): Promise<void> {
    frame.clear();
    seen.fill(0);
    this.#pairLines.fill(0);
    for await (const rows of spool.read(block)) {
      forEachRow(rows, (slot, line, at) => {
        // In bounds: as in gatherRows; the class is below the task's count unless unknown.
        if (seen[slot] === 0) seen[slot] = line;
        this.#shared(rows, at, frame, slot, line);
        const { classIndex, label } = this.#long;
        const named = rows.u8[at.u8 + classIndex] as number;
        if (named === UNKNOWN_TRUTH) return;
        const pair = named * frame.rows + slot;
        const earlier = this.#pairLines[pair] as number;
        if (earlier !== 0) {
          const place = { file: this.#plan.file, line, column: this.#plan.idColumn };
          const message = () => `Expected each image and class once, got those of line ${earlier} again`;
          this.#problems.add("DUPLICATE_SCORE", place, message);
          return;
        }
        this.#pairLines[pair] = line;
        (frame.f32[named] as Float32Array)[slot] = rows.f32[at.f32] as number;
        if (label !== undefined) (frame.u8[named] as Uint8Array)[slot] = rows.u8[at.u8 + label] as number;
      });
    }
  }

  #shared(rows: SpooledRows, at: RowPlace, frame: Frame, slot: number, line: number): void {
    const { f64, u32, u8 } = this.#plan.fieldColumns;
    frame.u32.forEach((column, index) => {
      const value = rows.u32[at.u32 + index] as number;
      if (this.#differs(column[slot] as number, value, UNKNOWN_CODE)) {
        this.#conflict(u32[index] ?? "", line, index === this.#patientColumn);
      } else if (value !== UNKNOWN_CODE) column[slot] = value;
    });
    frame.f64.forEach((column, index) => {
      const value = rows.f64[at.f64 + index] as number;
      if (this.#differs(column[slot] as number, value, Number.NaN))
        this.#conflict(f64[index] ?? "", line, false);
      else if (!Number.isNaN(value)) column[slot] = value;
    });
    for (const { row, block } of this.#long.sharedBytes) {
      const column = frame.u8[block] as Uint8Array;
      const value = rows.u8[at.u8 + row] as number;
      if (this.#differs(column[slot] as number, value, UNKNOWN_TRUTH))
        this.#conflict(u8[row] ?? "", line, false);
      else if (value !== UNKNOWN_TRUTH) column[slot] = value;
    }
  }

  #differs(known: number, value: number, unknown: number): boolean {
    return !Object.is(known, unknown) && !Object.is(value, unknown) && known !== value;
  }

  #conflict(column: string, line: number, isPatient: boolean): void {
    this.#problems.add(
      isPatient ? "PATIENT_CONFLICT" : "ATTRIBUTE_CONFLICT",
      { file: this.#plan.file, line, column },
      () => "Expected one value in all rows of an image, got another than in a row before",
    );
  }
}

/** Where a record's own columns start in the arrays of its piece. */
interface RowPlace {
  f64: number;
  u32: number;
  f32: number;
  u8: number;
}

function forEachRow(rows: SpooledRows, use: (slot: number, line: number, at: RowPlace) => void): void {
  const at: RowPlace = { f64: 0, u32: 0, f32: 0, u8: 0 };
  for (let row = 0; row < rows.count; row++) {
    const base = row * rows.recordBytes;
    const head = base / 4 + rows.u32At;
    at.f64 = base / 8;
    at.u32 = head + SPOOL_HEAD;
    at.f32 = base / 4 + rows.f32At;
    at.u8 = base + rows.u8At;
    // In bounds: row < count.
    use(rows.u32[head] as number, rows.u32[head + 1] as number, at);
  }
}

import type { Cells } from "../tabular.ts";
import { type ColumnDecoder, type DecodedColumn, skipBlanks } from "./column-decoder.ts";
import type { Frame } from "./frame.ts";
import { describeText } from "./score-decoder.ts";
import { UNKNOWN_TRUTH, type UncertainPolicy, type UnknownCells } from "./types.ts";

const spellings: ReadonlyMap<string, number> = new Map([
  ["0", 0],
  ["0.0", 0],
  ["0.", 0],
  ["false", 0],
  ["1", 1],
  ["1.0", 1],
  ["1.", 1],
  ["true", 1],
  ["-1", -1],
  ["-1.0", -1],
  ["-1.", -1],
]);
/** The label of an uncertain image where uncertainty is a class of its own. */
export const OWN_LABEL = 2;
const UNCERTAIN = { ones: 1, zeros: 0, ignore: UNKNOWN_TRUTH, own: OWN_LABEL } as const satisfies Record<
  UncertainPolicy | "own",
  number
>;

/** What becomes of labels that say neither yes nor no. */
export interface LabelPolicy {
  /** What -1 becomes; without a policy it is LABEL_UNPARSABLE. own: OWN_LABEL. */
  readonly uncertain?: UncertainPolicy | "own" | undefined;
  /** What an empty cell becomes; default unknown, counted. */
  readonly blank?: "unknown" | "zeros" | undefined;
  /** Where the mapping says what -1 becomes, for the message that asks for it. */
  readonly place?: string;
}

/** Reads yes/no labels as 0, 1 or 255: 0, 1, 0.0, 1.0, true, false in any case; -1 and empty cells by the policy. */
export class LabelDecoder implements ColumnDecoder {
  readonly #at: DecodedColumn;
  readonly #slot: number;
  readonly #uncertain: number | undefined;
  readonly #blank: number;
  readonly #place: string;
  #unknown = 0;

  /** @param slot - index of the frame's byte column. */
  constructor(at: DecodedColumn, slot: number, policy: LabelPolicy) {
    this.#at = at;
    this.#slot = slot;
    this.#uncertain = policy.uncertain === undefined ? undefined : UNCERTAIN[policy.uncertain];
    this.#blank = policy.blank === "zeros" ? 0 : UNKNOWN_TRUTH;
    this.#place = policy.place ?? 'truth.uncertain: "ones", "zeros" or "ignore"';
  }

  decode(cells: Cells, lines: Uint32Array, from: number, to: number, frame: Frame, at: number): void {
    // In bounds: the batch has rows [from, to), the frame has the column and room for them.
    const out = frame.u8[this.#slot] as Uint8Array;
    if (cells.kind === "text") {
      const { bytes, starts, ends, stride, offset } = cells;
      for (let row = from, to_ = at, cell = from * stride + offset; row < to; row++, to_++, cell += stride) {
        const start = starts[cell] as number;
        const end = ends[cell] as number;
        const byte = end > start ? (bytes[start] as number) : 0;
        const isBare =
          end - start === 1 || (end - start === 3 && bytes[start + 1] === 46 && bytes[start + 2] === 48);
        out[to_] =
          isBare && (byte === 48 || byte === 49)
            ? byte - 48
            : this.#text(bytes, start, end, lines[row] as number);
      }
      return;
    }
    for (let row = from, to_ = at; row < to; row++, to_++) {
      const value = cells.values[row] as number;
      // Tables from data frames write NaN for no value.
      if (cells.nulls[row] === 1 || Number.isNaN(value)) out[to_] = this.#none();
      else out[to_] = this.#number(value, lines[row] as number, () => "another number");
    }
  }

  unknownCells(): UnknownCells {
    return { file: this.#at.file, column: this.#at.column, count: this.#unknown };
  }

  #text(bytes: Uint8Array, start: number, end: number, line: number): number {
    if (skipBlanks(bytes, start, end) === end) return this.#none();
    const word = new TextDecoder()
      .decode(bytes.subarray(start, Math.min(end, start + 16)))
      .trim()
      .toLowerCase();
    return this.#number(spellings.get(word) ?? Number.NaN, line, () => describeText(bytes, start, end));
  }

  #none(): number {
    if (this.#blank === UNKNOWN_TRUTH) this.#unknown++;
    return this.#blank;
  }

  #number(value: number, line: number, got: () => string): number {
    if (value === 0 || value === 1) return value;
    const { problems, file, column } = this.#at;
    if (value === -1) {
      if (this.#uncertain === undefined) {
        problems.add(
          "LABEL_UNPARSABLE",
          { file, line, column },
          () => `Expected 0 or 1, got -1; say what uncertain labels become (${this.#place})`,
        );
        return UNKNOWN_TRUTH;
      }
      if (this.#uncertain === UNKNOWN_TRUTH) this.#unknown++;
      return this.#uncertain;
    }
    problems.add(
      "LABEL_UNPARSABLE",
      { file, line, column },
      () => `Expected 0, 1, true, false or an empty cell, got ${got()}`,
    );
    return UNKNOWN_TRUTH;
  }
}

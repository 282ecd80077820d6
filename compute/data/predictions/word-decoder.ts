import type { Cells } from "../tabular.ts";
import { ByteDictionary } from "./byte-dictionary.ts";
import type { ColumnDecoder, DecodedColumn } from "./column-decoder.ts";
import type { Frame } from "./frame.ts";
import type { ImportErrorCode } from "./import-error.ts";
import { UNKNOWN_CODE, type UnknownCells } from "./types.ts";

/** The most distinct values of a category. */
export const VALUE_CAP = 65_536;
const REFUSED = UNKNOWN_CODE - 1;

/** What becomes of one distinct value of a column. */
export type Verdict =
  | { readonly kind: "value"; readonly meaning: string | null; readonly code?: number }
  | { readonly kind: "unknown" }
  | { readonly kind: "refused"; readonly code: ImportErrorCode; readonly message: string };

/**
 * Reads a column of words as codes. Each distinct word is judged once; known ones are numbered 0, 1, 2, ... and kept as
 * recorded; unknown ones and refused ones become UNKNOWN_CODE.
 */
export class WordDecoder implements ColumnDecoder {
  readonly #at: DecodedColumn;
  readonly #slot: number;
  readonly #judge: (word: string) => Verdict;
  readonly #dictionary: ByteDictionary;
  /** Frame code, and the byte of the second column, by dictionary code. */
  #codes = new Uint32Array(256);
  #meanings = new Uint8Array(256);
  readonly #refusals = new Map<number, { readonly code: ImportErrorCode; readonly message: string }>();
  readonly #meaningSlot: number | undefined;
  readonly #cap: number;
  #unknown = 0;
  /** Values as recorded, and what they mean, by frame code. */
  readonly raw: string[] = [];
  readonly meaning: (string | null)[] = [];
  readonly meaningCodes: number[] = [];

  /**
   * @param slot - index of the frame's u32 column for codes of recorded values; undefined writes none.
   * @param judge - decides what a distinct value (not empty) becomes.
   * @param meaningSlot - index of a byte column that gets the verdict's `code`, 255 when unknown.
   */
  constructor(
    at: DecodedColumn,
    slot: number | undefined,
    judge: (word: string) => Verdict,
    options: { readonly meaningSlot?: number; readonly cap?: number } = {},
  ) {
    this.#at = at;
    this.#slot = slot ?? -1;
    this.#judge = judge;
    this.#meaningSlot = options.meaningSlot;
    this.#cap = options.cap ?? VALUE_CAP;
    this.#dictionary = new ByteDictionary(this.#cap, (word, code) => this.#met(word, code));
  }

  decode(cells: Cells, lines: Uint32Array, from: number, to: number, frame: Frame, at: number): void {
    if (cells.kind !== "text") throw new TypeError("Expected text cells for a column of words");
    // In bounds: the batch has rows [from, to), the frame has the columns and room for them.
    const { bytes, starts, ends, stride, offset } = cells;
    const out = this.#slot < 0 ? undefined : (frame.u32[this.#slot] as Uint32Array);
    const meanings =
      this.#meaningSlot === undefined ? undefined : (frame.u8[this.#meaningSlot] as Uint8Array);
    for (let row = from, to_ = at, cell = from * stride + offset; row < to; row++, to_++, cell += stride) {
      const start = starts[cell] as number;
      const end = ends[cell] as number;
      let code = UNKNOWN_CODE;
      let meaning = 255;
      if (end > start) {
        const word = this.#dictionary.code(bytes, start, end);
        if (word < 0) this.#tooMany(lines[row] as number);
        else {
          code = this.#codes[word] as number;
          meaning = this.#meanings[word] as number;
          if (code === REFUSED) {
            this.#refuse(word, lines[row] as number);
            code = UNKNOWN_CODE;
          } else if (code === UNKNOWN_CODE) this.#unknown++;
        }
      } else this.#unknown++;
      if (out !== undefined) out[to_] = code;
      if (meanings !== undefined) meanings[to_] = meaning;
    }
  }

  unknownCells(): UnknownCells {
    return { file: this.#at.file, column: this.#at.column, count: this.#unknown };
  }

  #met(word: string, code: number): void {
    if (code >= this.#codes.length) {
      const codes = new Uint32Array(this.#codes.length * 2);
      codes.set(this.#codes);
      this.#codes = codes;
      const meanings = new Uint8Array(this.#meanings.length * 2);
      meanings.set(this.#meanings);
      this.#meanings = meanings;
    }
    const verdict: Verdict = word.trim() === "" ? { kind: "unknown" } : this.#judge(word);
    this.#meanings[code] = 255;
    if (verdict.kind === "value") {
      this.#codes[code] = this.raw.length;
      this.#meanings[code] = verdict.code ?? 255;
      this.raw.push(word);
      this.meaning.push(verdict.meaning);
      this.meaningCodes.push(verdict.code ?? 255);
    } else if (verdict.kind === "unknown") this.#codes[code] = UNKNOWN_CODE;
    else {
      this.#codes[code] = REFUSED;
      this.#refusals.set(code, verdict);
    }
  }

  #refuse(word: number, line: number): void {
    const refusal = this.#refusals.get(word);
    const { problems, file, column } = this.#at;
    if (refusal !== undefined) problems.add(refusal.code, { file, line, column }, () => refusal.message);
  }

  #tooMany(line: number): void {
    const { problems, file, column } = this.#at;
    problems.add(
      "TOO_MANY_VALUES",
      { file, line, column },
      () => `Expected at most ${this.#cap} distinct values, got more; is this column a category?`,
    );
  }
}

import { parseNumberText, parseShortDecimal } from "../csv/parse-decimal.ts";
import type { Cells, TextCells } from "../tabular.ts";
import { type ColumnDecoder, type DecodedColumn, skipBlanks } from "./column-decoder.ts";
import type { Frame } from "./frame.ts";
import { describeText } from "./score-decoder.ts";
import type { AttributeMapping, UnknownCells } from "./types.ts";

/** The oldest age taken for real, in years. */
export const OLDEST_AGE = 120;
const AGE_STRING = /^(\d{1,3})([YMWD])$/i;
/** Units of an age in a year, as a fraction. */
const PER_YEAR: ReadonlyMap<string, readonly [number, number]> = new Map([
  ["Y", [1, 1]],
  ["M", [1, 12]],
  ["W", [7, 365.25]],
  ["D", [1, 365.25]],
]);

/** Reads numbers and ages as doubles; empty cells and `missing` words are NaN and counted. */
export class NumberDecoder implements ColumnDecoder {
  readonly #at: DecodedColumn;
  readonly #slot: number;
  readonly #isAge: boolean;
  readonly #missing: ReadonlySet<string>;
  /** Whether a `missing` word looks like a number, as -1 or 999: then every cell is compared as text first. */
  readonly #hasNumericMissing: boolean;
  readonly #refusesImplausible: boolean;
  readonly #parsed = new Float64Array(1);
  #unknown = 0;
  /** Ages outside 0 to 120 years that were recorded as unknown. */
  implausible = 0;

  /** @param slot - index of the frame's double column. */
  constructor(
    at: DecodedColumn,
    slot: number,
    mapping: Pick<AttributeMapping, "kind" | "missing" | "implausible">,
  ) {
    this.#at = at;
    this.#slot = slot;
    this.#isAge = mapping.kind === "age";
    this.#missing = new Set(mapping.missing);
    this.#hasNumericMissing = mapping.missing.some((word) => /\d/.test(word));
    this.#refusesImplausible = mapping.implausible === "error";
  }

  decode(cells: Cells, lines: Uint32Array, from: number, to: number, frame: Frame, at: number): void {
    // In bounds: the batch has rows [from, to), the frame has the column and room for them.
    const out = frame.f64[this.#slot] as Float64Array;
    for (let row = from, to_ = at; row < to; row++, to_++) {
      const line = lines[row] as number;
      if (cells.kind === "text") out[to_] = this.#text(cells, row * cells.stride + cells.offset, line);
      // Tables from data frames write NaN for no value.
      else if (cells.nulls[row] === 1 || Number.isNaN(cells.values[row])) out[to_] = this.#none();
      else out[to_] = this.#accept(cells.values[row] as number, line);
    }
  }

  unknownCells(): UnknownCells {
    return { file: this.#at.file, column: this.#at.column, count: this.#unknown };
  }

  #none(): number {
    this.#unknown++;
    return Number.NaN;
  }

  #text({ bytes, starts, ends }: TextCells, cell: number, line: number): number {
    // In bounds: the caller's cell.
    const start = starts[cell] as number;
    const end = ends[cell] as number;
    if (!this.#hasNumericMissing) {
      if (parseShortDecimal(bytes, start, end, this.#parsed)) {
        return this.#accept(this.#parsed[0] as number, line);
      }
    }
    if (skipBlanks(bytes, start, end) === end) return this.#none();
    const text = new TextDecoder().decode(bytes.subarray(start, Math.min(end, start + 64))).trim();
    if (this.#missing.has(text)) return this.#none();
    const age = this.#isAge ? AGE_STRING.exec(text) : null;
    if (age !== null) {
      const [units, year] = PER_YEAR.get((age[2] ?? "").toUpperCase()) ?? [1, 1];
      return this.#accept((Number(age[1]) * units) / year, line);
    }
    const value = parseNumberText(bytes, start, end);
    if (typeof value === "number") return this.#accept(value, line);
    const { problems, file, column } = this.#at;
    const wanted = this.#isAge ? "an age in years or like 058Y, 006M, 015D" : "a number";
    problems.add(
      "ATTRIBUTE_UNPARSABLE",
      { file, line, column },
      () =>
        `Expected ${wanted}, got ${describeText(bytes, start, end)}; list words for unknown under "missing"`,
    );
    return Number.NaN;
  }

  #accept(value: number, line: number): number {
    const { problems, file, column } = this.#at;
    if (!Number.isFinite(value)) {
      problems.add(
        "ATTRIBUTE_UNPARSABLE",
        { file, line, column },
        () => "Expected a finite number, got none",
      );
      return Number.NaN;
    }
    if (!this.#isAge || (value >= 0 && value <= OLDEST_AGE)) return value;
    if (!this.#refusesImplausible) {
      this.implausible++;
      return Number.NaN;
    }
    problems.add(
      "AGE_IMPLAUSIBLE",
      { file, line, column },
      () =>
        `Expected an age from 0 to ${OLDEST_AGE} years, got one outside; correct it or set implausible: "unknown"`,
    );
    return Number.NaN;
  }
}

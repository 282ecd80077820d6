import { ComputeError } from "../../errors.ts";

/** How a printed number relates to the value it stands for. */
export type Relation = "=" | ">" | ">=";

/** An interval as printed, with the decimals of each bound: they may differ, and that is a finding. */
export interface PrintedInterval {
  readonly low: number;
  readonly high: number;
  readonly lowDecimals: number;
  readonly highDecimals: number;
}

/** What the printed text of a result says, before anyone interprets it. Percentages stay percentages. */
export type PrintedResult =
  | {
      readonly kind: "number";
      readonly value: number;
      readonly decimals: number;
      readonly relation: Relation;
      readonly percent: boolean;
      /** The unit named inside the parentheses, as in `0.92 (slice; 0.910-0.918)`. */
      readonly unit: string | null;
      readonly interval: PrintedInterval | null;
    }
  | { readonly kind: "range"; readonly low: number; readonly high: number }
  | { readonly kind: "list"; readonly values: readonly number[] }
  | { readonly kind: "fraction"; readonly numerator: number; readonly denominator: number }
  | { readonly kind: "pointer"; readonly appendixPage: string };

/** A printed count with its percentage, if any; warnings name what had to be guessed to read it. */
export interface PrintedCount {
  readonly count: number;
  readonly percent: number | null;
  readonly warnings: readonly "broken_digit_group"[];
}

const NUMBER = String.raw`-?\d+(?:\.\d+)?`;
const RESULT = new RegExp(
  String.raw`^(>=|>)?(${NUMBER})(%)?(?: \((?:([a-z]+); )?(${NUMBER})-(${NUMBER})\))?$`,
);
const RANGE = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/;
const LIST = new RegExp(`^${NUMBER}(?:, ${NUMBER})+$`);
const FRACTION = /^(\d+) of (\d+)$/;
const POINTER = /^Multiple results \(appendix p ?([\d-]+)\)$/;
const COUNT = /^(\d+(?: \d+)*)(?: \((\d+(?:\.\d+)?)%\))?$/;
const SPLIT = /^\d+(?:\.\d+)?(?:\/\d+(?:\.\d+)?){2}$/;

/** The journal's raised point and long dash, in the plain signs that the data files use. */
function plain(text: string): string {
  return text.replaceAll("·", ".").replaceAll("–", "-").replaceAll("≥", ">=").replaceAll("−", "-");
}

function decimalsOf(text: string): number {
  return text.split(".")[1]?.length ?? 0;
}

/**
 * Reads a result as printed: a number with or without interval, a bound, a range, a list, `a of b` or a pointer.
 * Every number is the double nearest to its printed digits.
 *
 * @throws {ComputeError} INVALID_INPUT when the text has none of these forms.
 */
export function parsePrintedResult(printed: string): PrintedResult {
  const text = plain(printed);
  const pointer = POINTER.exec(text);
  if (pointer) return { kind: "pointer", appendixPage: pointer[1] ?? "" };
  const fraction = FRACTION.exec(text);
  if (fraction) return { kind: "fraction", numerator: Number(fraction[1]), denominator: Number(fraction[2]) };
  const range = RANGE.exec(text);
  if (range) return { kind: "range", low: Number(range[1]), high: Number(range[2]) };
  if (LIST.test(text)) return { kind: "list", values: text.split(", ").map(Number) };
  const [, relation, value, percent, unit, low, high] = RESULT.exec(text) ?? [];
  if (value === undefined) {
    throw new ComputeError(
      "INVALID_INPUT",
      `Expected a printed number, range, list, "a of b" or "Multiple results (appendix p n)", got "${printed}"; write the text as the source prints it`,
    );
  }
  return {
    kind: "number",
    value: Number(value),
    decimals: decimalsOf(value),
    relation: relation === ">" || relation === ">=" ? relation : "=",
    percent: percent !== undefined,
    unit: unit ?? null,
    interval:
      low === undefined || high === undefined
        ? null
        : {
            low: Number(low),
            high: Number(high),
            lowDecimals: decimalsOf(low),
            highDecimals: decimalsOf(high),
          },
  };
}

/**
 * Reads a count such as `228 915` or `27532 (51.9%)`. Digit groups that are not of three digits are joined all the
 * same, with the warning `broken_digit_group`.
 *
 * @throws {ComputeError} INVALID_INPUT when the text is not a count.
 */
export function parsePrintedCount(printed: string): PrintedCount {
  const [, digits, percent] = COUNT.exec(plain(printed)) ?? [];
  if (digits === undefined) {
    throw new ComputeError(
      "INVALID_INPUT",
      `Expected a printed count such as "27532 (51.9%)", got "${printed}"; write the text as the source prints it`,
    );
  }
  const [first = "", ...rest] = digits.split(" ");
  const whole = rest.length === 0 || (first.length <= 3 && rest.every((group) => group.length === 3));
  return {
    count: Number(digits.replaceAll(" ", "")),
    percent: percent === undefined ? null : Number(percent),
    warnings: whole ? [] : ["broken_digit_group"],
  };
}

/**
 * Reads a split ratio such as `75/12.5/12.5` into its three parts, in percent.
 *
 * @throws {ComputeError} INVALID_INPUT when the text is not three numbers between slashes.
 */
export function parsePrintedSplit(printed: string): readonly number[] {
  if (!SPLIT.test(plain(printed))) {
    throw new ComputeError(
      "INVALID_INPUT",
      `Expected a split such as "60/10/30", got "${printed}"; write the text as the source prints it`,
    );
  }
  return plain(printed).split("/").map(Number);
}

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  parseDecimal,
  parseFraction,
  parseNumberText,
  parseShortDecimal,
} from "../../../../compute/data/csv/parse-decimal.ts";

/** What a fast path makes of a text; NaN where it does not apply. */
const valueBy =
  (parse: typeof parseDecimal) =>
  (bytes: Uint8Array, start: number, end: number): number => {
    const into = Float64Array.of(Number.NaN);
    return parse(bytes, start, end, into) ? (into[0] ?? Number.NaN) : Number.NaN;
  };
const decimalOf = valueBy(parseDecimal);
const shortDecimalOf = valueBy(parseShortDecimal);

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What a score becomes: the fast path, else the slow one. */
function asFloat32(text: string): number | string {
  const bytes = bytesOf(text);
  const fast = decimalOf(bytes, 0, bytes.length);
  const value = Number.isNaN(fast) ? parseNumberText(bytes, 0, bytes.length) : fast;
  return typeof value === "number" ? Math.fround(value) : value;
}

/** Compares as bits, but zero has one sign: scores do not tell -0 from 0. */
function expectLikeNumber(text: string): void {
  const got = asFloat32(text);
  const want = Math.fround(Number(text));
  if (got !== want) throw new Error(`${text}: got ${String(got)}, want ${want}`);
}

const digits = (min: number, max: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: min, maxLength: max }).map((all) => all.join(""));

describe("parseFraction", () => {
  /** With bytes before and after, so that reading past the ends shows. */
  const read = (text: string): number => {
    const bytes = bytesOf(`99,${text},99`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const into = Float64Array.of(Number.NaN);
    return parseFraction(bytes, view, 3, 3 + text.length, into) ? (into[0] ?? Number.NaN) : Number.NaN;
  };

  test("rounds to float32 as Number does, also beside midpoints, or leaves the number to parseDecimal", () => {
    const fraction = digits(12, 17).map((text) => `0.${text}`);
    const nearMidpoint = fc
      .tuple(fc.double({ min: 1e-9, max: 0.999, noNaN: true }), fc.integer({ min: -3, max: 3 }))
      .map(([value, steps]) => {
        const low = Math.fround(value);
        const middle = low * (1 + 2 ** -24);
        return (middle * (1 + steps * 2 ** -52)).toFixed(17);
      });
    let taken = 0;
    const likeNumber = (text: string) => {
      const value = read(text);
      if (Number.isNaN(value)) return;
      taken++;
      if (Math.fround(value) !== Math.fround(Number(text))) throw new Error(`${text}: got ${value}`);
    };
    fc.assert(fc.property(fraction, likeNumber), { numRuns: 50_000 });
    expect(taken).toBeGreaterThan(49_900);
    fc.assert(fc.property(nearMidpoint, likeNumber), { numRuns: 50_000 });
  });

  test("is zero for zeros", () => {
    expect(read("0.000000000000")).toBe(0);
    expect(read("0.00000000000000001")).toBe(1e-17);
  });

  test("leaves every other spelling alone, whatever byte stands in whatever place", () => {
    for (const text of ["0.12345678901", "0.123456789012345678", "1.123456789012", "-0.12345678901", ""]) {
      expect(read(text), text).toBeNaN();
    }
    const plain = bytesOf("0.12345678901234567");
    const view = new DataView(plain.buffer);
    for (let at = 0; at < plain.length; at++) {
      const kept = plain[at] ?? 0;
      for (let byte = 0; byte < 256; byte++) {
        plain[at] = byte;
        const isDigit = byte >= 48 && byte <= 57;
        const fits = at === 0 ? byte === 48 : at === 1 ? byte === 46 : isDigit;
        const text = Buffer.from(plain).toString("latin1");
        const into = Float64Array.of(Number.NaN);
        const taken = parseFraction(plain, view, 0, plain.length, into);
        // Beside a midpoint a number may be left to the slow path; nothing strange may be taken.
        if (!fits) expect(taken, text).toBe(false);
        if (taken) expect(Math.fround(into[0] ?? 0)).toBe(Math.fround(Number(text)));
      }
      plain[at] = kept;
    }
  });
});

describe("parseDecimal", () => {
  test("rounds to float32 as Number does, over 100,000 random decimals", () => {
    const decimal = fc
      .tuple(
        fc.constantFrom("", "-"),
        digits(1, 12),
        fc.option(digits(0, 22), { nil: undefined }),
        fc.option(fc.integer({ min: -60, max: 40 }), { nil: undefined }),
      )
      .map(([sign, whole, fraction, exponent]) => {
        const point = fraction === undefined ? "" : `.${fraction}`;
        return `${sign}${whole}${point}${exponent === undefined ? "" : `e${exponent}`}`;
      })
      .filter((text) => Number.isFinite(Number(text)));
    fc.assert(fc.property(decimal, expectLikeNumber), { numRuns: 100_000 });
  });

  test("rounds right beside every midpoint between two float32 numbers", () => {
    const bits = new Uint32Array(1);
    const float = new Float32Array(bits.buffer);
    const nearMidpoint = fc
      .tuple(
        fc.integer({ min: 0, max: 0x7f7ffffe }),
        fc.integer({ min: -3, max: 3 }),
        fc.integer({ min: 9, max: 20 }),
      )
      .map(([pattern, steps, precision]) => {
        bits[0] = pattern;
        const low = float[0] ?? 0;
        bits[0] = pattern + 1;
        const middle = (low + (float[0] ?? 0)) / 2;
        return (middle * (1 + steps * 2 ** -52)).toPrecision(precision);
      });
    fc.assert(fc.property(nearMidpoint, expectLikeNumber), { numRuns: 50_000 });
  });

  test("rounds denormal float32 numbers as Number does", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2e-38, noNaN: true }), (value) => expectLikeNumber(String(value))),
      { numRuns: 20_000 },
    );
  });

  test("keeps the fast path for what models write", () => {
    for (const text of [
      "0.0103907166048884",
      "1.4799305972701404e-05",
      "0",
      "1",
      "-3.25",
      "0.5",
      "1e-3",
      ".5",
      "7.",
    ]) {
      expect(Number.isNaN(decimalOf(bytesOf(text), 0, text.length)), text).toBe(false);
    }
  });

  test("leaves what follows the range alone", () => {
    const bytes = bytesOf("9,0.25,9");
    expect(decimalOf(bytes, 2, 6)).toBe(0.25);
  });
});

describe("parseShortDecimal", () => {
  test("is exactly Number for plain decimals of up to 15 digits, and leaves the rest alone", () => {
    const decimal = fc
      .tuple(fc.constantFrom("", "-"), digits(0, 12), fc.option(digits(0, 12), { nil: undefined }))
      .map(([sign, whole, fraction]) => `${sign}${whole}${fraction === undefined ? "" : `.${fraction}`}`);
    const exact = (text: string) => {
      const got = shortDecimalOf(bytesOf(text), 0, text.length);
      if (!Number.isNaN(got)) expect(got).toBe(Number(text));
      else expect(text.length > 15 || !/\d/.test(text)).toBe(true);
    };
    fc.assert(fc.property(decimal, exact), { numRuns: 20_000 });
  });
  test.each(["", "-", ".", "1e3", "+1", "1.2.3", " 1", "0x1", "1234567890123456"])(
    "leaves %j alone",
    (text) => {
      expect(shortDecimalOf(bytesOf(text), 0, text.length)).toBeNaN();
    },
  );
});

describe("parseNumberText", () => {
  test.each(["NaN", "nan", "inf", "-Inf", "Infinity", "1e400"])("calls %s not finite", (text) => {
    expect(asFloat32(text)).toBe("notFinite");
  });
  test.each([
    "0,5",
    "0x1F",
    "1 000",
    "1_000",
    "",
    "-",
    ".",
    "e5",
    "1e",
    "1e+",
    "NA",
    "--1",
    "1.2.3",
    "٣",
    "0b1",
  ])("refuses %j", (text) => {
    expect(asFloat32(text)).toBe("unparsable");
  });
  test.each([
    [" 0.5", 0.5],
    ["0.5  ", 0.5],
    ["+0.5", 0.5],
    ["-0", -0],
    ["00012", 12],
    [`0.${"0".repeat(60)}1`, Math.fround(1e-61)],
  ])("reads %j", (text, value) => {
    expect((asFloat32(text) as number) + 0).toBe(value + 0);
  });
});

import { describe, expect, expectTypeOf, test } from "vitest";
import { parseParams } from "../../compute/params.ts";

const specs = {
  cutoff: { kind: "float", min: 0, max: 0.5, default: 0.25, unit: "1", doc: "A number." },
  bins: { kind: "int", min: 1, max: 10, unit: "bins", doc: "A count; it has no default." },
  shape: { kind: "choice", choices: ["ideal", "gaussian"], default: "gaussian", doc: "A choice." },
  strict: { kind: "flag", default: false, doc: "A flag." },
} as const;

describe("parseParams", () => {
  test("fills defaults in, in the order of the specs, typed by them", () => {
    const values = parseParams(specs, { strict: true, bins: 3 });
    expect(JSON.stringify(values)).toBe('{"cutoff":0.25,"bins":3,"shape":"gaussian","strict":true}');
    expect(Object.isFrozen(values)).toBe(true);
    expectTypeOf(values.shape).toEqualTypeOf<"ideal" | "gaussian">();
    expectTypeOf(values.bins).toEqualTypeOf<number>();
    expectTypeOf(values.strict).toEqualTypeOf<boolean>();
  });

  test.each([
    [{}, "bins to be a whole number from 1 to 10, got nothing"],
    [{ bins: 2.5 }, "got 2.5"],
    [{ bins: "3" }, 'got "3"'],
    [{ bins: 3, cutoff: Number.NaN }, "cutoff to be a number from 0 to 0.5"],
    [{ bins: 3, cutoff: 0.6 }, "got 0.6"],
    [{ bins: 3, shape: "square" }, "one of ideal, gaussian"],
    [{ bins: 3, strict: 1 }, "true or false"],
    [{ bins: 3, binz: 4 }, 'got "binz"'],
    [{ bins: 3, toString: 4 }, 'got "toString"'],
  ])("refuses %o with INVALID_PARAM", (given, words) => {
    expect(() => parseParams(specs, given)).toThrow(expect.objectContaining({ code: "INVALID_PARAM" }));
    expect(() => parseParams(specs, given)).toThrow(words);
  });
});

import { describe, expect, test } from "vitest";
import { adjustPValues } from "../../../compute/multiplicity/adjust-p.ts";

// R 4.2: p.adjust(c(0.04, 0.001, 0.03, 0.02, 0.5, 0.0005), method)
const given = [0.04, 0.001, 0.03, 0.02, 0.5, 0.0005];

describe("adjustPValues", () => {
  test.each([
    ["holm", [0.09, 0.005, 0.09, 0.08, 0.5, 0.003]],
    ["benjamini_hochberg", [0.048, 0.003, 0.045, 0.04, 0.5, 0.003]],
    ["benjamini_yekutieli", [0.1176, 0.00735, 0.11025, 0.098, 1, 0.00735]],
  ] as const)("%s is R's p.adjust", (method, expected) => {
    for (const [k, p] of adjustPValues(given, method).entries()) expect(p).toBeCloseTo(expected[k] ?? -1, 14);
  });

  test("leaves tests that could not be made out of the count", () => {
    expect(adjustPValues([null, 0.02, null, 0.03], "holm")).toEqual([null, 0.04, null, 0.04]);
  });

  test("has nothing to do on nothing", () => {
    expect(adjustPValues([], "benjamini_hochberg")).toEqual([]);
  });

  test.each([-0.1, 1.1, Number.NaN])("refuses %d", (p) => {
    expect(() => adjustPValues([p], "holm")).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
  });
});

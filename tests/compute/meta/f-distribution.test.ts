import { describe, expect, test } from "vitest";
import { studentTwoSidedP } from "../../../compute/distributions.ts";
import { fUpperTail } from "../../../compute/meta/f-distribution.ts";

describe("fUpperTail", () => {
  test("with two numerator degrees of freedom has the closed form (1 + 2f / n)^(-n / 2)", () => {
    for (const f of [1e-3, 0.5, 1, 4, 60, 5000]) {
      for (const df of [1, 2, 7, 40]) {
        const wanted = (1 + (2 * f) / df) ** (-df / 2);
        expect(fUpperTail(f, 2, df) / wanted).toBeCloseTo(1, 11);
      }
    }
  });

  test("with one numerator degree of freedom is the two-sided t test", () => {
    for (const t of [0.1, 1, 2.5, 12, 80]) {
      for (const df of [1, 3, 11, 100]) {
        expect(fUpperTail(t * t, 1, df) / studentTwoSidedP(t, df)).toBeCloseTo(1, 10);
      }
    }
  });

  test("exchanging the degrees of freedom turns f over", () => {
    expect(fUpperTail(2.3, 5, 9) + fUpperTail(1 / 2.3, 9, 5)).toBeCloseTo(1, 13);
  });

  test("is 1 at zero and falls to 0", () => {
    expect(fUpperTail(0, 3, 8)).toBe(1);
    expect(fUpperTail(Number.POSITIVE_INFINITY, 3, 8)).toBe(0);
  });
});

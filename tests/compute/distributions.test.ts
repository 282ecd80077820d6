import { describe, expect, test } from "vitest";
import {
  chiSquareQuantile,
  chiSquareUpperTail,
  normalCdf,
  normalQuantile,
  normalTwoSidedP,
  studentCdf,
  studentQuantile,
  studentTwoSidedP,
} from "../../compute/distributions.ts";

/** |actual / expected - 1| in units of 1e-12; the expected values were printed by R 4.2 with 17 digits. */
function relativeError(actual: number, expected: number): number {
  return Math.abs(actual / expected - 1) / 1e-12;
}

describe("normal", () => {
  test.each([
    [-1.959963984540054, 0.025],
    [-10, 7.6198530241605269e-24],
    [-37, 5.7255712225245771e-300],
    [0, 0.5],
  ])("P(Z <= %d) is R's pnorm", (z, expected) => {
    expect(relativeError(normalCdf(z), expected)).toBeLessThan(100);
  });

  test("the quantile undoes the cdf, and two-sided p-values keep their digits in the tail", () => {
    expect(relativeError(normalQuantile(0.975), 1.959963984540054)).toBeLessThan(10);
    expect(relativeError(normalTwoSidedP(10), 2 * 7.6198530241605269e-24)).toBeLessThan(100);
    expect(normalTwoSidedP(-3)).toBe(normalTwoSidedP(3));
  });
});

describe("Student", () => {
  test("agrees with R's pt and qt", () => {
    expect(relativeError(studentQuantile(0.975, 5), 2.5705818356363155)).toBeLessThan(100);
    expect(relativeError(studentCdf(2.5705818356363155, 5), 0.975)).toBeLessThan(100);
    expect(relativeError(studentTwoSidedP(4.2, 11.7), 0.0013005286697322391)).toBeLessThan(1e4);
  });
});

describe("chi-square", () => {
  test.each([
    [3.8414588206941236, 1, 4.9999999999999982e-2],
    [200, 3, 4.2185411071920418e-43],
    [200, 4, 3.7572767357810449e-42],
    [0.5, 7, 9.9944648139042513e-1],
    [5000, 4000, 1.663315603880433e-25],
    [9.3, 7, 2.3182885825197805e-1],
    [2.2, 2.5, 4.3470190216196858e-1],
  ])("P(X > %d) with %d df is R's pchisq(lower.tail = FALSE)", (x, df, expected) => {
    expect(relativeError(chiSquareUpperTail(x, df), expected)).toBeLessThan(1000);
  });

  test("the quantile is R's qchisq, and nothing lies above a negative value's tail but everything", () => {
    expect(relativeError(chiSquareQuantile(0.95, 3), 7.8147279032511792)).toBeLessThan(100);
    expect(chiSquareUpperTail(0, 3)).toBe(1);
  });
});

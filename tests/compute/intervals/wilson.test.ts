import { describe, expect, test } from "vitest";
import { newcombeInterval } from "../../../compute/intervals/newcombe.ts";
import { wilsonInterval } from "../../../compute/intervals/wilson.ts";

describe("wilsonInterval", () => {
  // Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E, Table I, method 3.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])("of %d in %d is Newcombe's", (successes, total, low, high) => {
    const interval = wilsonInterval(successes, total, 0.95);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  test("says NO_ROWS of nothing", () => {
    expect(wilsonInterval(0, 0, 0.95)).toMatchObject({ low: null, high: null, reason: "NO_ROWS" });
  });
});

describe("newcombeInterval", () => {
  // Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I, Table II, method 10.
  test.each([
    [56, 70, 48, 80, 0.0524, 0.3339],
    [9, 10, 3, 10, 0.1705, 0.809],
    [6, 7, 2, 7, 0.0582, 0.8062],
    [5, 56, 0, 29, -0.0381, 0.1926],
    [0, 10, 0, 20, -0.1611, 0.2775],
    [10, 10, 0, 20, 0.6791, 1],
  ])("of %d/%d - %d/%d is Newcombe's", (a, m, b, n, low, high) => {
    const interval = newcombeInterval({ successes: a, total: m }, { successes: b, total: n }, 0.95);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  test("says NO_ROWS when one side has none", () => {
    expect(newcombeInterval({ successes: 1, total: 2 }, { successes: 0, total: 0 }, 0.95).reason).toBe(
      "NO_ROWS",
    );
  });
});

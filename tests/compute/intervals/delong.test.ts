import { describe, expect, test } from "vitest";
import { delongInterval, delongLogitInterval } from "../../../compute/intervals/delong.ts";

const estimate = { auc: 0.9, variance: 0.0025, reason: null };

describe("delongInterval", () => {
  test("is auc +- z se", () => {
    const { low, high } = delongInterval(estimate, 0.9);
    expect(low).toBeCloseTo(0.9 - 1.6448536269514722 * 0.05, 14);
    expect(high).toBeCloseTo(0.9 + 1.6448536269514722 * 0.05, 14);
  });

  test("is cut at 0 and 1", () => {
    expect(delongInterval({ ...estimate, variance: 0.01 }, 0.95).high).toBe(1);
    expect(delongInterval({ ...estimate, auc: 0.1, variance: 0.01 }, 0.95).low).toBe(0);
  });
});

describe("delongLogitInterval", () => {
  test("is symmetric on the logit scale and stays inside (0, 1)", () => {
    const { low, high } = delongLogitInterval({ ...estimate, variance: 0.01 }, 0.95);
    const logit = (p: number | null) => (p === null ? Number.NaN : Math.log(p / (1 - p)));
    expect(logit(low) + logit(high)).toBeCloseTo(2 * Math.log(9), 12);
    expect(logit(high) - logit(low)).toBeCloseTo((2 * 1.959963984540054 * 0.1) / 0.09, 12);
    expect(high).toBeLessThan(1);
  });
});

describe.each([
  ["delongInterval", delongInterval],
  ["delongLogitInterval", delongLogitInterval],
])("%s", (_name, interval) => {
  test("is DEGENERATE without variance, never a point", () => {
    expect(interval({ auc: 1, variance: 0, reason: null }, 0.95)).toEqual({
      low: null,
      high: null,
      level: 0.95,
      reason: "DEGENERATE",
    });
  });

  test("hands on why there is no AUC", () => {
    const missing = { auc: null, variance: null, reason: "ONE_POSITIVE" } as const;
    expect(interval(missing, 0.95).reason).toBe("ONE_POSITIVE");
  });

  test.each([0, 1, 95, Number.NaN])("refuses level %d", (level) => {
    expect(() => interval(estimate, level)).toThrow(expect.objectContaining({ code: "INVALID_PARAM" }));
  });
});

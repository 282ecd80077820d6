import { expect, test } from "vitest";
import { estimateText } from "../../../compute/report/numbers.ts";

const value = { value: 0.8, ciLow: 0.7, ciHigh: 0.9, reason: null, n: 10, nPatients: 10, record: null };

test("an interval below zero is written in words, for a dash beside a minus cannot be read", () => {
  expect(estimateText(value)).toBe("0.800 (0.700\u20130.900)");
  expect(estimateText({ ...value, value: -0.1, ciLow: -0.19 })).toBe("\u22120.100 (\u22120.190 to 0.900)");
});

test("what cannot be estimated says why", () => {
  expect(estimateText({ ...value, value: null, reason: "NO_ROWS" })).toBe("not estimable (no rows)");
});

import { describe, expect, test } from "vitest";
import { extremes, intervalsOverlap, readInterval } from "../../../compute/index.ts";
import { answersOf } from "../../../compute/report/answers.ts";
import { auc, fullReport, noAuc } from "../../support/audit-report.ts";

describe("readInterval", () => {
  test.each([
    [0.7, 0.1, "above"],
    [0.3, 0.1, "below"],
    [0.52, 0.1, "open"],
    [0.5, 0.05, "equivalent"],
    [0.53, 0.02, "equivalent"],
    [0.53, 0.021, "above"],
    [0.5, 0.0501, "open"],
  ] as const)("of %s with half-width %s is %s within a margin of 0.05", (value, half, reading) => {
    const given = auc(value, half);
    const shifted = { ...given, ciLow: round(given.ciLow), ciHigh: round(given.ciHigh) };
    expect(readInterval(shifted, 0.05)).toBe(reading);
  });

  test("says nothing without an interval", () => {
    expect(readInterval(noAuc("NO_POSITIVES"), 0.05)).toBe("none");
    expect(readInterval({ ...auc(0.9), ciLow: null }, 0.05)).toBe("none");
  });
});

describe("intervalsOverlap", () => {
  test("holds where they share a point, whichever comes first", () => {
    expect(intervalsOverlap(auc(0.6, 0.1), auc(0.75, 0.06))).toBe(true);
    expect(intervalsOverlap(auc(0.75, 0.06), auc(0.6, 0.1))).toBe(true);
    expect(intervalsOverlap(auc(0.6, 0.1), auc(0.8, 0.05))).toBe(false);
    expect(intervalsOverlap(auc(0.6, 0.1), noAuc("NO_POSITIVES"))).toBeUndefined();
  });
});

describe("extremes", () => {
  test("leaves out rows without a value", () => {
    const rows = [noAuc("NO_POSITIVES"), auc(0.7), auc(0.6), auc(0.8)].map((value, i) => ({ i, value }));
    expect([extremes(rows)?.least.i, extremes(rows)?.most.i]).toEqual([2, 3]);
    expect(extremes(rows.slice(0, 1))).toBeUndefined();
  });
});

describe("answersOf", () => {
  const report = fullReport();
  const textOf = (question: RegExp, given = report) =>
    answersOf(given).find((answer) => question.test(answer.question))?.text;

  test("names the range of the results and how their intervals lie", () => {
    expect(textOf(/pixels/)).toBe(
      "AUC from 0.950 (0.942–0.958) for White on north-hospital to 0.970 (0.962–0.978) for Asian on north-hospital, over 3 results. All intervals lie above 0.5.",
    );
  });

  test("counts results that are not distinguished from chance, or equivalent to it", () => {
    const [first, second, third] = report.results;
    const results = [first, second, third].flatMap((one, i) =>
      one === undefined
        ? []
        : { ...one, value: [auc(0.51, 0.1), auc(0.5, 0.01), noAuc("NO_POSITIVES")][i] ?? one.value },
    );
    expect(textOf(/pixels/, { ...report, results })).toMatch(
      /1 interval lies across 0\.5, and so not distinguished from chance; 1 interval lies within 0\.05 of 0\.5, which counts as equivalent to chance; 1 interval is without an estimate\.$/,
    );
  });

  test("says that confounders may account for it where the intervals overlap, and only there", () => {
    expect(textOf(/explain/)).toMatch(/is less than what the image model recovers/);
    const confounders = report.confounders.map((one) => ({ ...one, image: auc(0.67, 0.02) }));
    expect(textOf(/explain/, { ...report, confounders })).toMatch(/may account/);
  });

  test("names the points of a sweep at chance", () => {
    expect(textOf(/frequencies/)).toMatch(/Resolution by pixels a side, Black: .*equivalent to it, at 1\.$/);
  });

  test("names places in words", () => {
    expect(textOf(/Where/)).toContain("0.599 (0.579–0.619) (bottom centre)");
  });

  test("leaves out what has no numbers", () => {
    expect(
      answersOf({ ...report, controls: [], results: [], sweeps: [], patches: [], confounders: [] }),
    ).toEqual([]);
  });
});

function round(x: number | null): number | null {
  return x === null ? null : Math.round(x * 1e6) / 1e6;
}

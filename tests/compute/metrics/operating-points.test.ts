import { describe, expect, test } from "vitest";
import { aucGap, rateGap } from "../../../compute/metrics/gaps.ts";
import { operatingPoints } from "../../../compute/metrics/operating-points.ts";
import { sortScores } from "../../../compute/metrics/score-order.ts";

const rows = {
  order: await sortScores(Float32Array.of(0.9, 0.6, 0.4, 0.1, 0.5, 0.5, 0.2, Number.NaN, 0.7, 0.8)),
  labels: Uint8Array.of(1, 0, 1, 0, 1, 0, 1, 1, 255, 0),
  strata: Uint16Array.of(0, 0, 0, 0, 1, 1, 1, 1, 1, 2),
  stratumCount: 4,
};

describe("operatingPoints", () => {
  const points = operatingPoints(rows, 0.5, 0.95);

  test("counts score >= threshold as positive, in every stratum, and what it leaves out", () => {
    expect(points[0]).toMatchObject({
      truePositives: 1,
      falsePositives: 1,
      trueNegatives: 1,
      falseNegatives: 1,
    });
    expect(points[1]).toMatchObject({
      truePositives: 1,
      falsePositives: 1,
      trueNegatives: 0,
      falseNegatives: 1,
      missingScores: 1,
      unknownLabels: 1,
    });
  });

  test("gives each rate its own denominator and a reason where that is empty", () => {
    const only = points[2]?.rates;
    expect(only?.fpr).toMatchObject({ value: 1, successes: 1, total: 1, reason: null });
    expect(only?.tpr).toMatchObject({ value: null, low: null, high: null, reason: "NO_POSITIVES" });
    expect(only?.npv).toMatchObject({ value: null, reason: "NO_DECISIONS_IN_CLASS" });
    expect(points[3]?.rates.prevalence).toMatchObject({ value: null, reason: "NO_ROWS" });
    expect(points[1]?.rates.prevalence.value).toBeCloseTo(2 / 3, 14);
  });

  test("includes the row that a threshold was read from, though decimals do not fit float32", async () => {
    const score = Math.fround(0.3271227777004242);
    const input = { order: await sortScores(Float32Array.of(score, 0)), labels: Uint8Array.of(1, 0) };
    // One unit in the last printed place above the float32 value.
    expect(operatingPoints(input, score + 1e-10, 0.95)[0]?.truePositives).toBe(1);
  });

  test("refuses NaN", () => {
    expect(() => operatingPoints(rows, Number.NaN, 0.95)).toThrow(
      expect.objectContaining({ code: "INVALID_PARAM" }),
    );
  });
});

describe("rateGap", () => {
  const points = operatingPoints(rows, 0.5, 0.95);

  test("is the largest minus the smallest, and names the best and the worst by the rate's direction", () => {
    expect(rateGap(points, "fpr", 0.95)).toMatchObject({
      gap: 0.5,
      bestStratum: 0,
      worstStratum: 1,
      leftOut: 1,
    });
    expect(rateGap(points, "tnr", 0.95)).toMatchObject({ gap: 0.5, bestStratum: 0, worstStratum: 1 });
  });

  test("carries Newcombe's interval of that difference", () => {
    const { interval } = rateGap(points, "fpr", 0.95);
    expect(interval.low).toBeLessThan(0.5);
    expect(interval.high).toBeGreaterThan(0.5);
  });

  test("needs two strata", () => {
    expect(rateGap(points.slice(2), "fpr", 0.95)).toMatchObject({ gap: null, bestStratum: null, leftOut: 1 });
  });
});

describe("aucGap", () => {
  test("compares the extremes as independent AUCs", () => {
    const cell = (auc: number | null) => ({
      auc,
      variance: 0.001,
      positives: 50,
      negatives: 50,
      reason: null,
    });
    const gap = aucGap([cell(0.8), cell(null), cell(0.9), cell(0.7)], 0.95);
    expect(gap).toMatchObject({ bestStratum: 2, worstStratum: 3, leftOut: 1 });
    expect(gap.gap).toBeCloseTo(0.2, 14);
    expect(gap.interval.low).toBeGreaterThan(0.1);
  });
});

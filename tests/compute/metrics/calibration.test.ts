import { describe, expect, test } from "vitest";
import { calibrationByStratum } from "../../../compute/metrics/calibration.ts";
import { recalibrationByStratum } from "../../../compute/metrics/recalibration.ts";
import { sortScores } from "../../../compute/metrics/score-order.ts";
import { RandomStream } from "../../../compute/random.ts";

const rows = {
  order: await sortScores(Float64Array.of(0.05, 0.15, 0.15, 0.95, 1, 0.5, 0.2)),
  labels: Uint8Array.of(0, 1, 0, 1, 1, 0, 255),
  strata: Uint16Array.of(0, 0, 0, 0, 0, 1, 0),
  stratumCount: 3,
};

describe("calibrationByStratum", () => {
  test("bins by equal width, a score of 1 in the last bin, and lists no empty bin", () => {
    const [cell] = calibrationByStratum(rows);
    expect(cell?.bins.map(({ from, to, count, positives }) => [from, to, count, positives])).toEqual([
      [0.05, 0.05, 1, 0],
      [0.15, 0.15, 2, 1],
      [0.95, 1, 2, 2],
    ]);
    expect(cell?.bins[2]?.meanPredicted).toBeCloseTo(0.975, 14);
    expect(cell?.bins[1]).toMatchObject({ observed: 0.5 });
  });

  test("is the mean squared error and the mean distance of the bins", () => {
    const [cell] = calibrationByStratum(rows);
    expect(cell?.brier).toBeCloseTo((0.05 ** 2 + 0.85 ** 2 + 0.15 ** 2 + 0.05 ** 2) / 5, 14);
    expect(cell?.ece).toBeCloseTo((0.05 + 2 * 0.35 + 2 * 0.025) / 5, 14);
  });

  test("bins by quantiles of the stratum without parting equal scores", async () => {
    const [cell] = calibrationByStratum(rows, { bins: 2, binning: "quantile" });
    // Five rows: the first three begin in the lower half; ties go with their first row.
    expect(cell?.bins.map(({ count }) => count)).toEqual([3, 2]);
    const tied = {
      order: await sortScores(Float64Array.of(0.2, 0.2, 0.2, 0.2, 0.9)),
      labels: Uint8Array.of(0, 1, 0, 0, 1),
    };
    expect(
      calibrationByStratum(tied, { bins: 5, binning: "quantile" })[0]?.bins.map(({ count }) => count),
    ).toEqual([4, 1]);
  });

  test("says NO_ROWS of an empty stratum", () => {
    expect(calibrationByStratum(rows)[2]).toEqual({
      stratum: 2,
      count: 0,
      bins: [],
      brier: null,
      ece: null,
      reason: "NO_ROWS",
    });
  });

  test("refuses scores that are no probabilities, and no bins", async () => {
    const order = await sortScores(Float64Array.of(0.5, 1.5));
    const labels = Uint8Array.of(0, 1);
    expect(() => calibrationByStratum({ order, labels })).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
    expect(() => calibrationByStratum(rows, { bins: 0 })).toThrow(
      expect.objectContaining({ code: "INVALID_PARAM" }),
    );
  });
});

describe("recalibrationByStratum", () => {
  /** Truth drawn with log odds a + b * logit(score). */
  async function drawn(intercept: number, slope: number) {
    const stream = new RandomStream(12);
    const logits = Float64Array.from({ length: 20_000 }, () => 1.5 * stream.normal());
    const labels = Uint8Array.from(logits, (logit) =>
      stream.uniform() < 1 / (1 + Math.exp(-(intercept + slope * logit))) ? 1 : 0,
    );
    return { order: await sortScores(logits.map((logit) => 1 / (1 + Math.exp(-logit)))), labels };
  }

  test("finds slope 1 and intercept 0 of calibrated scores, within their intervals", async () => {
    const [cell] = recalibrationByStratum(await drawn(0, 1), 0.999);
    expect(cell?.slope?.low).toBeLessThan(1);
    expect(cell?.slope?.high).toBeGreaterThan(1);
    expect(cell?.intercept?.low).toBeLessThan(0);
    expect(cell?.intercept?.high).toBeGreaterThan(0);
    expect(cell?.slope?.se).toBeLessThan(0.03);
  });

  test("finds scores too extreme and too low", async () => {
    expect(recalibrationByStratum(await drawn(0, 0.5))[0]?.slope?.value).toBeCloseTo(0.5, 1);
    expect(recalibrationByStratum(await drawn(0.7, 1))[0]?.intercept?.value).toBeCloseTo(0.7, 1);
  });

  test("does not converge on separated classes, and needs two of each", async () => {
    const order = await sortScores(Float64Array.of(0.1, 0.2, 0.8, 0.9));
    expect(recalibrationByStratum({ order, labels: Uint8Array.of(0, 0, 1, 1) })[0]?.reason).toBe(
      "NO_CONVERGENCE",
    );
    expect(recalibrationByStratum({ order, labels: Uint8Array.of(0, 0, 0, 1) })[0]?.reason).toBe(
      "ONE_POSITIVE",
    );
  });

  test("does not converge on constant scores, whose slope is anything", async () => {
    const order = await sortScores(Float64Array.of(0.3, 0.3, 0.3, 0.3));
    expect(recalibrationByStratum({ order, labels: Uint8Array.of(0, 1, 0, 1) })[0]?.reason).toBe(
      "NO_CONVERGENCE",
    );
  });
});

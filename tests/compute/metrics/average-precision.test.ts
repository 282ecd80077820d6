import { describe, expect, test } from "vitest";
import { averagePrecisions } from "../../../compute/metrics/average-precision.ts";
import { sortScores } from "../../../compute/metrics/score-order.ts";

describe("averagePrecisions", () => {
  test("is the example of scikit-learn's documentation", async () => {
    // sklearn.metrics.average_precision_score, example: 0.83...
    const order = await sortScores(Float64Array.of(0.1, 0.4, 0.35, 0.8));
    expect(averagePrecisions({ order, labels: Uint8Array.of(0, 0, 1, 1) })[0]).toBeCloseTo(5 / 6, 14);
  });

  test("lets tied rows enter together, in every stratum by itself", async () => {
    const order = await sortScores(Float64Array.of(1, 1, 1, 1, 0.5, 2));
    const labels = Uint8Array.of(1, 0, 0, 1, 1, 0);
    const strata = Uint16Array.of(0, 0, 1, 0, 0, 1);
    const values = averagePrecisions({ order, labels, strata, stratumCount: 2 });
    expect(values[0]).toBeCloseTo((2 / 3 + 2 / 3 + 3 / 4) / 3, 14);
    expect(values[1]).toBeNull();
  });
});

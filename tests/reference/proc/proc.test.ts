import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { delongInterval, delongLogitInterval } from "../../../compute/intervals/delong.ts";
import { compareIndependentAucs, comparePairedAucs } from "../../../compute/metrics/compare-auc.ts";
import { rocSteps } from "../../../compute/metrics/roc-curve.ts";
import { sortScores } from "../../../compute/metrics/score-order.ts";
import { stratifiedAuc } from "../../../compute/metrics/stratified-auc.ts";
import { chooseThreshold } from "../../../compute/thresholds/choose-threshold.ts";
import { type CohortSpec, drawCohort } from "./proc-cohort.ts";

type Bounds = readonly [number, number];

interface ProcCase {
  readonly spec: CohortSpec;
  readonly positives: number;
  readonly negatives: number;
  readonly auc: number;
  readonly variance: number;
  readonly ci95: Bounds;
  readonly ci90: Bounds;
  readonly paired: {
    readonly auc: number;
    readonly variance: number;
    readonly covariance: number;
    readonly z: number;
    readonly p: number;
    readonly ci95: Bounds;
    readonly ci90: Bounds;
  };
  readonly unpaired?: { readonly statistic: number; readonly df: number; readonly p: number };
  readonly points?: { readonly fpr: readonly number[]; readonly tpr: readonly number[] };
  readonly youden: { readonly fpr: number; readonly tpr: number; readonly count: number };
}

// Safe: the fixture is written by runners/proc.R in this shape, and every field is compared below.
const fixture = JSON.parse(readFileSync(new URL("../fixtures/proc.json", import.meta.url), "utf8")) as {
  readonly cases: Readonly<Record<string, ProcCase>>;
};

/** Agreement to nine significant digits; both sides print exact sums of the same terms, so little less is lost. */
function expectClose(actual: number | null | undefined, expected: number, what: string): void {
  const error = Math.abs((actual ?? Number.NaN) - expected);
  expect(error, `${what}: expected ${expected}, got ${actual}`).toBeLessThanOrEqual(
    1e-9 * Math.max(Math.abs(expected), 1e-6),
  );
}

describe.each(Object.entries(fixture.cases))("pROC 1.18 on %s", async (_name, expected) => {
  const { labels, first, second } = drawCohort(expected.spec);
  const firstOrder = await sortScores(first);
  const [cell] = await stratifiedAuc({ order: firstOrder, labels });
  if (cell === undefined) throw new Error("Expected one cell, got none");

  test("has the same rows", () => {
    expect([cell.positives, cell.negatives]).toEqual([expected.positives, expected.negatives]);
  });

  test("gives the same AUC and DeLong variance", () => {
    expectClose(cell.auc, expected.auc, "auc");
    expectClose(cell.variance, expected.variance, "variance");
  });

  test("gives the same DeLong interval at 95 % and 90 %", () => {
    for (const [level, [low, high]] of [
      [0.95, expected.ci95],
      [0.9, expected.ci90],
    ] as const) {
      const interval = delongInterval(cell, level);
      expectClose(interval.low, low, "low");
      expectClose(interval.high, high, "high");
    }
  });

  test("gives the logit interval that follows from its variance", () => {
    const { auc, variance } = expected;
    const reach = (1.959963984540054 * Math.sqrt(variance)) / (auc * (1 - auc));
    const { low, high } = delongLogitInterval(cell, 0.95);
    expectClose(low, 1 / (1 + Math.exp(-(Math.log(auc / (1 - auc)) - reach))), "low");
    expectClose(high, 1 / (1 + Math.exp(-(Math.log(auc / (1 - auc)) + reach))), "high");
  });

  test("gives the same paired test, covariance and interval of the difference", async () => {
    const columns = { first: firstOrder, second: await sortScores(second), labels };
    for (const [level, bounds] of [
      [0.95, expected.paired.ci95],
      [0.9, expected.paired.ci90],
    ] as const) {
      const [paired] = await comparePairedAucs(columns, level);
      expectClose(paired?.aucSecond, expected.paired.auc, "auc of the second");
      expectClose(paired?.varianceSecond, expected.paired.variance, "variance of the second");
      expectClose(paired?.covariance, expected.paired.covariance, "covariance");
      expectClose(paired?.statistic, expected.paired.z, "z");
      expectClose(paired?.p, expected.paired.p, "p");
      expectClose(paired?.interval.low, bounds[0], "low");
      expectClose(paired?.interval.high, bounds[1], "high");
    }
  });

  const { unpaired: independent, points, youden } = expected;

  if (independent !== undefined) {
    test("gives the same unpaired test of odd against even rows", async () => {
      // R counts rows from 1, so its odd rows are stratum 0 here.
      const strata = Uint16Array.from(labels, (_, row) => row % 2);
      const [odd, even] = await stratifiedAuc({ order: firstOrder, labels, strata, stratumCount: 2 });
      if (odd === undefined || even === undefined) throw new Error("Expected two cells");
      const unpaired = compareIndependentAucs(odd, even, 0.95);
      expectClose(unpaired.statistic, independent.statistic, "statistic");
      expectClose(unpaired.df, independent.df, "df");
      expectClose(unpaired.p, independent.p, "p");
    });
  }

  if (points !== undefined) {
    test("draws the same points", async () => {
      const { falsePositives, truePositives, positives, negatives } = await rocSteps({
        order: firstOrder,
        labels,
      });
      expect(falsePositives).toHaveLength(points.fpr.length);
      for (const [k, count] of falsePositives.entries()) {
        expectClose(count / negatives, points.fpr[k] ?? Number.NaN, "fpr");
      }
      for (const [k, count] of truePositives.entries()) {
        expectClose(count / positives, points.tpr[k] ?? Number.NaN, "tpr");
      }
    });
  }

  // Where no threshold beats chance pROC returns the empty call, which has no finite threshold; we never do.
  if (youden.tpr > 0) {
    test("finds the same point by Youden's index, and as many equals", async () => {
      const chosen = await chooseThreshold({ order: firstOrder, labels }, { kind: "youden" });
      expectClose(chosen.fpr, youden.fpr, "fpr");
      expectClose(chosen.tpr, youden.tpr, "tpr");
      expect(chosen.equallyGood).toBe(youden.count);
    });
  }
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareIndependentAucs, comparePairedAucs } from "../../../compute/metrics/compare-auc.ts";
import { sortScores } from "../../../compute/metrics/score-order.ts";
import { stratifiedAuc } from "../../../compute/metrics/stratified-auc.ts";

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const wins = (a: number, b: number) => (a > b ? 1 : a === b ? 0.5 : 0);

/** Covariance of two AUCs from all pairs: DeLong's definition, O(n^2). */
function covarianceByPairs(
  first: readonly number[],
  second: readonly number[],
  labels: readonly number[],
): number {
  const rows = [...labels.keys()];
  const positives = rows.filter((row) => labels[row] === 1);
  const negatives = rows.filter((row) => labels[row] === 0);
  const at = (values: readonly number[], row: number) => values[row] ?? Number.NaN;
  const ofPositives = (s: readonly number[]) =>
    positives.map((p) => mean(negatives.map((n) => wins(at(s, p), at(s, n)))));
  const ofNegatives = (s: readonly number[]) =>
    negatives.map((n) => mean(positives.map((p) => wins(at(s, p), at(s, n)))));
  const covariance = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, k) => sum + (value - mean(a)) * ((b[k] ?? 0) - mean(b)), 0) /
    (a.length - 1) /
    a.length;
  return (
    covariance(ofPositives(first), ofPositives(second)) + covariance(ofNegatives(first), ofNegatives(second))
  );
}

const score = fc.oneof(
  fc.integer({ min: 0, max: 4 }),
  fc.float({ min: 0, max: 4, noNaN: true }),
  fc.constant(Number.NaN),
);
const row = fc.record({
  first: score,
  second: score,
  label: fc.constantFrom(0, 1, 255),
  stratum: fc.nat({ max: 2 }),
});

describe("comparePairedAucs", () => {
  test("equals the definition over all pairs, in every stratum, over rows with both scores", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 10, maxLength: 80 }), async (rows) => {
        const cells = await comparePairedAucs(
          {
            first: await sortScores(Float32Array.from(rows, (r) => r.first)),
            second: await sortScores(Float32Array.from(rows, (r) => r.second)),
            labels: Uint8Array.from(rows, (r) => r.label),
            strata: Uint16Array.from(rows, (r) => r.stratum),
            stratumCount: 2,
          },
          0.95,
        );
        for (const cell of cells) {
          const used = rows.filter(
            (r) =>
              r.stratum === cell.stratum &&
              r.label !== 255 &&
              !Number.isNaN(r.first) &&
              !Number.isNaN(r.second),
          );
          const first = used.map((r) => Math.fround(r.first));
          const second = used.map((r) => Math.fround(r.second));
          const labels = used.map((r) => r.label);
          expect(cell.positives).toBe(labels.filter((label) => label === 1).length);
          expect(cell.negatives).toBe(labels.filter((label) => label === 0).length);
          const [alone] = await stratifiedAuc({
            order: await sortScores(Float32Array.from(first)),
            labels: Uint8Array.from(labels),
          });
          expect(cell.aucFirst).toBe(alone?.auc);
          if (cell.covariance === null || cell.varianceFirst === null || cell.varianceSecond === null)
            continue;
          expect(cell.varianceFirst).toBeCloseTo(alone?.variance ?? Number.NaN, 14);
          expect(cell.covariance).toBeCloseTo(covarianceByPairs(first, second, labels), 14);
          const variance = cell.varianceFirst + cell.varianceSecond - 2 * cell.covariance;
          expect((cell.se ?? 0) ** 2).toBeCloseTo(variance, 14);
        }
      }),
    );
  });

  test("has neither statistic nor interval between a column and a relabelling of itself", async () => {
    const scores = [0.1, 0.4, 0.35, 0.8, 0.7, 0.2];
    const [cell] = await comparePairedAucs(
      {
        first: await sortScores(Float64Array.from(scores)),
        second: await sortScores(Float64Array.from(scores, Math.exp)),
        labels: Uint8Array.of(0, 0, 1, 1, 1, 0),
      },
      0.95,
    );
    expect(cell).toMatchObject({ difference: 0, se: 0, p: null, statistic: null, reason: "DEGENERATE" });
    expect(cell?.interval).toMatchObject({ low: null, high: null, reason: "DEGENERATE" });
  });

  test("says why a stratum cannot be compared", async () => {
    const order = await sortScores(Float32Array.of(1, 2, 3));
    const [cell] = await comparePairedAucs(
      { first: order, second: order, labels: Uint8Array.of(0, 0, 1) },
      0.95,
    );
    expect(cell).toMatchObject({
      difference: null,
      aucFirst: null,
      covariance: null,
      reason: "ONE_POSITIVE",
    });
  });

  test("refuses columns of different rows", async () => {
    const input = {
      first: await sortScores(Float32Array.of(1, 2)),
      second: await sortScores(Float32Array.of(1, 2, 3)),
      labels: Uint8Array.of(0, 1),
    };
    await expect(comparePairedAucs(input, 0.95)).rejects.toThrow(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
  });
});

describe("compareIndependentAucs", () => {
  const first = { auc: 0.9, variance: 0.0004, positives: 40, negatives: 60, reason: null };
  const second = { auc: 0.8, variance: 0.0009, positives: 30, negatives: 30, reason: null };

  test("adds the variances and uses Welch's degrees of freedom", () => {
    const { difference, se, statistic, df, interval } = compareIndependentAucs(first, second, 0.95);
    expect(difference).toBeCloseTo(0.1, 14);
    expect(se).toBeCloseTo(Math.sqrt(0.0013), 14);
    expect(statistic).toBeCloseTo(0.1 / Math.sqrt(0.0013), 12);
    expect(df).toBeCloseTo(0.0013 ** 2 / (0.0004 ** 2 / 99 + 0.0009 ** 2 / 59), 10);
    expect(((interval.low ?? 0) + (interval.high ?? 0)) / 2).toBeCloseTo(0.1, 12);
  });

  test("changes sign, and nothing else, when the two change places", () => {
    const there = compareIndependentAucs(first, second, 0.9);
    const back = compareIndependentAucs(second, first, 0.9);
    expect(back.p).toBe(there.p);
    expect(back.interval.low).toBe(-(there.interval.high ?? 0));
  });

  test("hands on why one of them is missing", () => {
    const missing = {
      auc: null,
      variance: null,
      positives: 0,
      negatives: 3,
      reason: "NO_POSITIVES",
    } as const;
    expect(compareIndependentAucs(missing, second, 0.95)).toMatchObject({ p: null, reason: "NO_POSITIVES" });
    expect(compareIndependentAucs(first, missing, 0.95)).toMatchObject({ p: null, reason: "NO_POSITIVES" });
  });

  test("is DEGENERATE when neither has variance", () => {
    const perfect = { ...first, auc: 1, variance: 0 };
    expect(compareIndependentAucs(perfect, { ...perfect, auc: 0 }, 0.95)).toMatchObject({
      difference: 1,
      reason: "DEGENERATE",
    });
  });
});

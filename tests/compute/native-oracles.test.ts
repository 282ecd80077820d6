import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bootstrapAuc,
  comparePairedAucs,
  planBootstrap,
  resampleAucs,
  rocSteps,
  sortScores,
  stratifiedAuc,
} from "../../compute/index.ts";
import { aucReason } from "../../compute/metrics/stratified-auc.ts";
import { bootstrapOracle, planOracle } from "../support/oracles/bootstrap.ts";
import { pairedOracle } from "../support/oracles/paired-auc.ts";
import { rocStepsOracle } from "../support/oracles/roc-steps.ts";
import { orderOracle } from "../support/oracles/score-order.ts";
import { aucOracle } from "../support/oracles/stratified-auc.ts";

/**
 * Columns as they come: ties, no rows or one, one class, empty strata, codes outside every stratum, missing scores,
 * unknown labels, scores and strata of either width or no strata.
 */
const tables = fc
  .record({
    rows: fc.array(
      fc.record({
        first: fc.oneof(
          { weight: 3, arbitrary: fc.constantFrom(-0, 0, 0.25, 0.5, 0.75, Number.NaN) },
          fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
          { weight: 3, arbitrary: fc.float({ min: -2, max: 2, noNaN: true }) },
        ),
        second: fc.constantFrom(0, 0.1, 0.2, 0.3, 0.4, Number.NaN),
        label: fc.constantFrom(0, 0, 1, 1, 255),
        stratum: fc.nat({ max: 5 }),
        patient: fc.nat({ max: 11 }),
      }),
      { maxLength: 90 },
    ),
    stratumCount: fc.oneof(
      { weight: 60, arbitrary: fc.constantFrom(1, 3, 4) },
      { weight: 10, arbitrary: fc.constant(130) },
      fc.constant(33_000),
    ),
    oneClass: fc.constantFrom(undefined, undefined, undefined, 0, 1),
    wideScores: fc.boolean(),
    strataWidth: fc.constantFrom(16, 32, 0),
  })
  .map(({ rows, stratumCount, oneClass, wideScores, strataWidth }) => {
    const column = (numbers: number[]) =>
      wideScores ? Float64Array.from(numbers) : Float32Array.from(numbers);
    // The last stratum lies at the end of the codes, the one after it outside.
    const codes = rows.map(({ stratum }) => (stratum < 4 ? stratum : stratumCount + stratum - 5));
    return {
      first: column(rows.map(({ first }) => first)),
      second: column(rows.map(({ second }) => second)),
      labels: Uint8Array.from(rows, ({ label }) => (label === 255 ? 255 : (oneClass ?? label))),
      strata:
        strataWidth === 0
          ? undefined
          : strataWidth === 16
            ? Uint16Array.from(codes)
            : Uint32Array.from(codes),
      stratumCount,
      patients: Uint32Array.from(rows, ({ patient }) => patient),
    };
  });

/** Equal to 12 digits of the larger of the number and 1e-6; the same nothing. */
function expectNear(actual: number | null | undefined, expected: number | null, what: string): void {
  if (expected === null || actual == null) {
    expect(actual, what).toBe(expected);
    return;
  }
  const allowed = 1e-12 * Math.max(Math.abs(expected), 1e-6);
  expect(Math.abs(actual - expected), `${what}: ${actual}, not ${expected}`).toBeLessThanOrEqual(allowed);
}

describe("the statistics that the addon computes equal their TypeScript oracles", () => {
  test("stratified AUC: every field, the AUC to the bit", async () => {
    await fc.assert(
      fc.asyncProperty(tables, async ({ first, labels, strata, stratumCount }) => {
        const expected = aucOracle({ order: orderOracle(first), labels, strata, stratumCount });
        const cells = await stratifiedAuc({ order: await sortScores(first), labels, strata, stratumCount });
        expect(cells).toHaveLength(stratumCount);
        for (const [k, { variance, ...exact }] of expected.entries()) {
          const { variance: got, ...cell } = cells[k] ?? { variance: Number.NaN };
          // Strata without rows are all alike: comparing 33,000 of them one by one takes the test runner minutes.
          if (exact.reason === "NO_ROWS" && "reason" in cell && cell.reason === "NO_ROWS" && k > 5) continue;
          expect(cell).toEqual(exact);
          expectNear(got, variance, "variance");
          expect(got === 0).toBe(variance === 0);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("paired AUCs: both, their variances, covariance and the standard error of the difference", async () => {
    await fc.assert(
      fc.asyncProperty(tables, async ({ first, second, labels, strata, stratumCount }) => {
        const orders = { first: orderOracle(first), second: orderOracle(second) };
        const expected = pairedOracle({ ...orders, labels, strata, stratumCount });
        const sorted = { first: await sortScores(first), second: await sortScores(second) };
        const cells = await comparePairedAucs({ ...sorted, labels, strata, stratumCount }, 0.95);
        expect(cells).toHaveLength(stratumCount);
        for (const [k, { positives, negatives, estimates }] of expected.entries()) {
          const cell = cells[k];
          if (positives + negatives === 0 && cell?.reason === "NO_ROWS" && k > 5) continue;
          expect([cell?.positives, cell?.negatives]).toEqual([positives, negatives]);
          const reason = aucReason(positives, negatives);
          if (reason !== null) expect(cell).toMatchObject({ reason, aucFirst: null, se: null });
          for (const field of ["aucFirst", "aucSecond"] as const) {
            expect(cell?.[field], field).toBe(estimates?.[field] ?? null);
          }
          for (const field of ["varianceFirst", "varianceSecond", "covariance"] as const) {
            expectNear(cell?.[field], estimates?.[field] ?? null, field);
          }
          if (estimates === null) continue;
          expectNear((cell?.se ?? 0) ** 2, estimates.varianceOfDifference, "variance of the difference");
          if (estimates.varianceOfDifference === 0) expect(cell?.reason).toBe("DEGENERATE");
        }
      }),
      { numRuns: 300 },
    );
  });

  test("ROC steps: the same numbers", async () => {
    await fc.assert(
      fc.asyncProperty(tables, fc.nat({ max: 5 }), async (table, pick) => {
        const { first, labels, strata, stratumCount } = table;
        const stratum = Math.min(pick, stratumCount - 1);
        const expected = rocStepsOracle({ order: orderOracle(first), labels, strata, stratumCount }, stratum);
        const order = await sortScores(first);
        expect(await rocSteps({ order, labels, strata, stratumCount }, stratum)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test("the patient bootstrap: every replicate to the bit, whatever the threads", async () => {
    const few = tables.filter(({ stratumCount }) => stratumCount < 33_000);
    const seeds = fc.maxSafeInteger();
    await fc.assert(
      fc.asyncProperty(few, seeds, async ({ first, second, labels, patients, ...rest }, seed) => {
        const shared = { ...rest, patients, patientCount: 12 };
        const ordered = [first, second].map((scores) => ({ order: orderOracle(scores), labels }));
        const oracle = planOracle({ ...shared, columns: ordered });
        const columns = await Promise.all(
          [first, second].map(async (scores) => ({ order: await sortScores(scores), labels })),
        );
        const plan = await planBootstrap({ ...shared, columns });
        const { positivePatients, negativePatients, starts, patientCount } = oracle;
        expect(plan).toMatchObject({ positivePatients, negativePatients, starts, patientCount });
        const expected = bootstrapOracle(oracle, seed, 0, 35);
        for (const threads of [1, 2]) {
          expect(await resampleAucs(plan, { seed, replicates: 35 }, { threads })).toEqual(expected);
        }
      }),
      { numRuns: 60 },
    );
  });
});

test("ten million rows do not overflow", async () => {
  const half = 5_000_000;
  const rows = 2 * half;
  const scores = new Float32Array(rows);
  const labels = new Uint8Array(rows);
  const patients = new Uint32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    scores[row] = row;
    labels[row] = row & 1;
    patients[row] = row % 1000;
  }
  const order = await sortScores(scores);
  const [cell] = await stratifiedAuc({ order, labels });
  // Positives take ranks 2, 4, 6, ...: they win m (m + 1) / 2 of m^2 pairs. Sums of squared ranks pass 2^64.
  const auc = (half + 1) / (2 * half);
  expect(cell?.auc).toBe(auc);
  expectNear((cell?.variance ?? 0) * 1e6, ((half + 1) / (6 * half * half)) * 1e6, "variance");
  const [pair] = await comparePairedAucs({ first: order, second: order, labels }, 0.95);
  expect(pair).toMatchObject({ aucFirst: auc, aucSecond: auc, difference: 0, se: 0, reason: "DEGENERATE" });
  expectNear(pair?.covariance, cell?.variance ?? null, "covariance");
  const steps = await rocSteps({ order, labels });
  expect([steps.positives, steps.negatives, steps.thresholds.length]).toEqual([half, half, rows + 1]);
  const columns = [{ order, labels }];
  const input = { columns, patients, patientCount: 1000 };
  const [interval] = await bootstrapAuc(input, { seed: 1, replicates: 100, level: 0.95 });
  expect(interval?.low).toBeLessThan(auc);
  expect(interval?.high).toBeGreaterThan(auc);
});

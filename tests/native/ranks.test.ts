import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bootstrapChunk, planBootstrap } from "../../compute/intervals/bootstrap-plan.ts";
import { comparePairedAucs } from "../../compute/metrics/compare-auc.ts";
import { rocSteps } from "../../compute/metrics/roc-curve.ts";
import { sortScores } from "../../compute/metrics/score-order.ts";
import { stratifiedAuc } from "../../compute/metrics/stratified-auc.ts";
import { rankAuc, rankBootstrap, rankPairedAuc, rankRocSteps } from "../../native/index.ts";

/** Rows with ties, missing scores, unknown labels and rows outside every stratum. */
const tables = fc
  .record({
    size: fc.integer({ min: 0, max: 120 }),
    levels: fc.integer({ min: 1, max: 60 }),
    strata: fc.integer({ min: 1, max: 4 }),
    wide: fc.boolean(),
    seed: fc.integer({ min: 1, max: 2 ** 30 }),
  })
  .map(({ size, levels, strata: stratumCount, wide, seed }) => {
    let state = seed;
    const draw = (bound: number) => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return (state >>> 8) % bound;
    };
    const column = () =>
      Array.from({ length: size }, () => (draw(20) === 0 ? Number.NaN : (draw(levels) - levels / 2) * 0.37));
    const typed = (numbers: number[]) => (wide ? Float64Array.from(numbers) : Float32Array.from(numbers));
    return {
      scores: typed(column()),
      second: typed(column()),
      labels: Uint8Array.from({ length: size }, () => (draw(15) === 0 ? 255 : draw(2))),
      strata: Uint16Array.from({ length: size }, () => draw(stratumCount + 1)),
      stratumCount,
    };
  });

describe("ranks, against their TypeScript twins", () => {
  test("AUC and DeLong variance of every stratum", async () => {
    await fc.assert(
      fc.asyncProperty(tables, async ({ scores, labels, strata, stratumCount }) => {
        const expected = stratifiedAuc({ order: sortScores(scores), labels, strata, stratumCount });
        const got = await rankAuc({ scores, labels, strata, stratumCount });
        expect(got).toHaveLength(expected.length);
        for (const [k, cell] of expected.entries()) {
          expect(got[k]).toMatchObject({
            positives: cell.positives,
            negatives: cell.negatives,
            missingScores: cell.missingScores,
            unknownLabels: cell.unknownLabels,
            auc: cell.auc ?? Number.NaN,
          });
          if (cell.variance === null) expect(got[k]?.variance).toBeNaN();
          else expect(got[k]?.variance).toBeCloseTo(cell.variance, 14);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("paired AUCs, their variances and covariance", async () => {
    await fc.assert(
      fc.asyncProperty(tables, async ({ scores, second, labels, strata, stratumCount }) => {
        const expected = comparePairedAucs(
          { first: sortScores(scores), second: sortScores(second), labels, strata, stratumCount },
          0.95,
        );
        const got = await rankPairedAuc({ scores, labels, strata, stratumCount }, second);
        for (const [k, cell] of expected.entries()) {
          expect(got[k]).toMatchObject({ positives: cell.positives, negatives: cell.negatives });
          for (const field of [
            "aucFirst",
            "aucSecond",
            "varianceFirst",
            "varianceSecond",
            "covariance",
          ] as const) {
            const value = cell[field];
            if (value === null) expect(got[k]?.[field]).toBeNaN();
            else expect(got[k]?.[field]).toBeCloseTo(value, 13);
          }
          if (cell.se !== null) expect(got[k]?.varianceOfDifference).toBeCloseTo(cell.se ** 2, 13);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("ROC steps", async () => {
    await fc.assert(
      fc.asyncProperty(tables, async ({ scores, labels, strata, stratumCount }) => {
        const expected = rocSteps({ order: sortScores(scores), labels, strata, stratumCount }, 0);
        const got = await rankRocSteps({ scores, labels, strata, stratumCount }, 0);
        expect(got.falsePositives).toEqual(expected.falsePositives);
        expect(got.truePositives).toEqual(expected.truePositives);
        expect(got.thresholds).toEqual(expected.thresholds);
      }),
      { numRuns: 300 },
    );
  });

  test("the patient bootstrap, number for number, for any threads", async () => {
    await fc.assert(
      fc.asyncProperty(
        tables,
        fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
        fc.integer({ min: 1, max: 30 }),
        async ({ scores, second, labels, strata, stratumCount }, seed, patientCount) => {
          const patients = Uint32Array.from(scores, (_, row) => (row * 7) % patientCount);
          const plan = planBootstrap({
            columns: [scores, second].map((column) => ({ order: sortScores(column), labels })),
            strata,
            stratumCount,
            patients,
            patientCount,
          });
          const expected = bootstrapChunk(plan, seed, 3, 40);
          for (const threads of [1, 3]) {
            expect(await rankBootstrap(plan, seed, 3, 40, { threads })).toEqual(expected);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("ranks refuse", () => {
  const rows = { scores: new Float32Array(3), labels: new Uint8Array(3) };
  const plan = {
    starts: Uint32Array.of(0, 2),
    patients: Uint32Array.of(0, 1),
    flags: Uint8Array.of(0, 1),
    patientCount: 2,
  };
  const cases = [
    [
      "labels that are not 0, 1 or 255",
      "BAD_PARAMETER",
      () => rankAuc({ ...rows, labels: Uint8Array.of(0, 1, 7) }),
    ],
    ["labels of another length", "BAD_BUFFER_LENGTH", () => rankAuc({ ...rows, labels: new Uint8Array(2) })],
    ["strata of another length", "BAD_BUFFER_LENGTH", () => rankAuc({ ...rows, strata: new Uint16Array(4) })],
    ["no strata", "BAD_PARAMETER", () => rankAuc({ ...rows, stratumCount: 0 })],
    [
      "scores that are no numbers",
      "BAD_BUFFER",
      () => rankAuc({ ...rows, scores: [1, 2, 3] as unknown as Float32Array }),
    ],
    [
      "a second column of another length",
      "BAD_BUFFER_LENGTH",
      () => rankPairedAuc(rows, new Float32Array(4)),
    ],
    ["a stratum that is not there", "BAD_PARAMETER", () => rankRocSteps(rows, 1)],
    [
      "patients out of range",
      "BAD_PARAMETER",
      () => rankBootstrap({ ...plan, patients: Uint32Array.of(0, 2) }, 1, 0, 10),
    ],
    [
      "cells outside the rows",
      "BAD_PARAMETER",
      () => rankBootstrap({ ...plan, starts: Uint32Array.of(0, 3) }, 1, 0, 10),
    ],
    [
      "cells that descend",
      "BAD_PARAMETER",
      () => rankBootstrap({ ...plan, starts: Uint32Array.of(2, 0, 2) }, 1, 0, 10),
    ],
    [
      "flags of another length",
      "BAD_BUFFER_LENGTH",
      () => rankBootstrap({ ...plan, flags: new Uint8Array(1) }, 1, 0, 10),
    ],
    ["no cells", "BAD_PARAMETER", () => rankBootstrap({ ...plan, starts: Uint32Array.of(0) }, 1, 0, 10)],
    ["replicates that run backwards", "BAD_PARAMETER", () => rankBootstrap(plan, 1, 10, 0)],
    ["a broken seed", "BAD_PARAMETER", () => rankBootstrap(plan, 0.5, 0, 10)],
  ] as const;

  test.each(cases)("%s with %s", async (_name, code, call) => {
    await expect(call()).rejects.toMatchObject({ name: "KernelError", code });
  });
});

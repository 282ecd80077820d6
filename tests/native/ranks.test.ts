import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  planBootstrap,
  rankAuc,
  rankBootstrap,
  rankPairedAuc,
  rankRocSteps,
  readOrder,
  sortScores,
} from "../../native/index.ts";
import { bootstrapOracle, planOracle } from "../support/oracles/bootstrap.ts";
import { pairedOracle } from "../support/oracles/paired-auc.ts";
import { rocStepsOracle } from "../support/oracles/roc-steps.ts";
import { orderOracle } from "../support/oracles/score-order.ts";
import { aucOracle } from "../support/oracles/stratified-auc.ts";

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
  test("AUC and DeLong variance of every stratum, from scores and from an order", async () => {
    await fc.assert(
      fc.asyncProperty(tables, async ({ scores, labels, strata, stratumCount }) => {
        const expected = aucOracle({ order: orderOracle(scores), labels, strata, stratumCount });
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
        const wide = Uint32Array.from(strata);
        const order = await sortScores(scores);
        expect(await rankAuc({ scores: order, labels, strata: wide, stratumCount })).toEqual(got);
      }),
      { numRuns: 300 },
    );
  });

  test("paired AUCs, their variances and covariance", async () => {
    await fc.assert(
      fc.asyncProperty(tables, async ({ scores, second, labels, strata, stratumCount }) => {
        const orders = { first: orderOracle(scores), second: orderOracle(second) };
        const expected = pairedOracle({ ...orders, labels, strata, stratumCount });
        const got = await rankPairedAuc({ scores, labels, strata, stratumCount }, second);
        for (const [k, { positives, negatives, estimates }] of expected.entries()) {
          expect(got[k]).toMatchObject({ positives, negatives });
          for (const field of [
            "aucFirst",
            "aucSecond",
            "varianceFirst",
            "varianceSecond",
            "covariance",
            "varianceOfDifference",
          ] as const) {
            if (estimates === null) expect(got[k]?.[field]).toBeNaN();
            else expect(got[k]?.[field]).toBeCloseTo(estimates[field], 13);
          }
        }
        const [first, other] = [await sortScores(scores), await sortScores(second)];
        expect(await rankPairedAuc({ scores: first, labels, strata, stratumCount }, other)).toEqual(got);
      }),
      { numRuns: 300 },
    );
  });

  test("ROC steps", async () => {
    await fc.assert(
      fc.asyncProperty(tables, async ({ scores, labels, strata, stratumCount }) => {
        const order = orderOracle(scores);
        const expected = rocStepsOracle({ order, labels, strata, stratumCount }, 0);
        const got = await rankRocSteps({ scores, labels, strata, stratumCount }, 0);
        expect(got.falsePositives).toEqual(expected.falsePositives);
        expect(got.truePositives).toEqual(expected.truePositives);
        expect(got.thresholds).toEqual(expected.thresholds);
        const sorted = await sortScores(scores);
        expect(await rankRocSteps({ scores: sorted, labels, strata, stratumCount }, 0)).toEqual(got);
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
          const shared = { strata, stratumCount, patients, patientCount };
          const columns = [scores, second];
          const expected = planOracle({
            columns: columns.map((column) => ({ order: orderOracle(column), labels })),
            ...shared,
          });
          const plan = await planBootstrap({
            columns: await Promise.all(
              columns.map(async (column) => ({ order: await sortScores(column), labels })),
            ),
            ...shared,
          });
          expect(plan.patientCount).toBe(expected.patientCount);
          expect(plan.starts).toEqual(expected.starts);
          expect(plan.positivePatients).toEqual(expected.positivePatients);
          expect(plan.negativePatients).toEqual(expected.negativePatients);
          const replicates = bootstrapOracle(expected, seed, 3, 40);
          for (const threads of [1, 3]) {
            expect(await rankBootstrap(plan, seed, 3, 40, { threads })).toEqual(replicates);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("orders and plans held by the addon", () => {
  const rows = { scores: Float32Array.of(0.1, 0.4, 0.2, 0.3), labels: Uint8Array.of(0, 1, 1, 0) };

  test("serve many calls at once", async () => {
    const scores = await sortScores(rows.scores);
    const expected = await rankAuc({ ...rows, scores });
    const all = await Promise.all(Array.from({ length: 64 }, () => rankAuc({ ...rows, scores })));
    for (const got of all) expect(got).toEqual(expected);
  });

  test("are no other's: a forged or mistaken handle is refused", async () => {
    const order = await sortScores(rows.scores);
    const columns = [{ order, labels: rows.labels }];
    const plan = await planBootstrap({ columns, patients: Uint32Array.of(0, 1, 2, 3), patientCount: 4 });
    // `as never`: what the types forbid is tried.
    const forged = { ...order, handle: plan.handle as never };
    await expect(rankAuc({ ...rows, scores: forged })).rejects.toMatchObject({ code: "BAD_PARAMETER" });
    expect(() => readOrder(forged)).toThrow(expect.objectContaining({ code: "BAD_PARAMETER" }));
    const mistaken = { ...plan, handle: order.handle as never };
    await expect(rankBootstrap(mistaken, 1, 0, 10)).rejects.toMatchObject({ code: "BAD_PARAMETER" });
  });

  test("a plan without columns has no cells", async () => {
    const plan = await planBootstrap({ columns: [], patients: new Uint32Array(0), patientCount: 0 });
    expect(plan.starts).toEqual(Uint32Array.of(0));
    expect(await rankBootstrap(plan, 1, 0, 10)).toHaveLength(0);
  });
});

describe("ranks refuse", () => {
  const rows = { scores: new Float32Array(3), labels: new Uint8Array(3) };
  const plan = async (patients = Uint32Array.of(0, 1, 1), patientCount = 2) => {
    const columns = [{ order: await sortScores(rows.scores), labels: rows.labels }];
    return planBootstrap({ columns, patients, patientCount });
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
    ["patients out of range", "BAD_PARAMETER", () => plan(Uint32Array.of(0, 1, 2))],
    ["patients of another length", "BAD_BUFFER_LENGTH", () => plan(Uint32Array.of(0, 1))],
    [
      "labels of a column of another length",
      "BAD_BUFFER_LENGTH",
      async () =>
        planBootstrap({
          columns: [{ order: await sortScores(rows.scores), labels: new Uint8Array(2) }],
          patients: new Uint32Array(3),
          patientCount: 1,
        }),
    ],
    [
      "labels of a column that are not 0, 1 or 255",
      "BAD_PARAMETER",
      async () =>
        planBootstrap({
          columns: [{ order: await sortScores(rows.scores), labels: Uint8Array.of(0, 1, 7) }],
          patients: new Uint32Array(3),
          patientCount: 1,
        }),
    ],
    ["replicates that run backwards", "BAD_PARAMETER", async () => rankBootstrap(await plan(), 1, 10, 0)],
    ["a broken seed", "BAD_PARAMETER", async () => rankBootstrap(await plan(), 0.5, 0, 10)],
    ["an order of something else", "BAD_BUFFER", () => sortScores([1, 2] as unknown as Float32Array)],
  ] as const;

  test.each(cases)("%s with %s", async (_name, code, call) => {
    await expect(call()).rejects.toMatchObject({ name: "KernelError", code });
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgeEpoch, noBestEpoch } from "../../../compute/trainers/best-epoch.ts";
import type { Schedule } from "../../../compute/trainers/recipe.ts";
import { firstRate, learningRateAt, rateAfterEpoch } from "../../../compute/trainers/schedules.ts";

const STEPS = 10;

/** The learning rate of the first step of each epoch, given their losses. */
function rates(schedule: Schedule, losses: readonly number[], learningRate = 0.1): number[] {
  let state = firstRate;
  return losses.map((loss, k) => {
    const at = { epoch: k + 1, step: k * STEPS, steps: losses.length * STEPS };
    const rate = learningRateAt({ learningRate, schedule }, state, at);
    state = rateAfterEpoch(schedule, state, loss);
    return rate;
  });
}

describe("a learning rate", () => {
  test("falls by its factor once the loss has not fallen for so many epochs", () => {
    const plateau: Schedule = { kind: "plateau", factor: 0.5, patience: 2 };
    const got = rates(plateau, [1, 0.5, 0.5, 0.49999, 0.4, 0.4, 0.4, 0.4, 0.4]);
    // A fall by a fifty-thousandth is none.
    expect(got).toEqual([0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025]);
    expect(rates({ ...plateau, floor: 0.04 }, Array(12).fill(1)).at(-1)).toBe(0.04);
  });

  test("falls every so many epochs", () => {
    const got = rates({ kind: "step", factor: 0.1, epochs: 2 }, Array(5).fill(1), 1);
    for (const [k, expected] of [1, 1, 0.1, 0.1, 0.01].entries()) expect(got[k]).toBeCloseTo(expected, 12);
  });

  test("falls along half a cosine, to its floor", () => {
    const recipe = { learningRate: 1, schedule: { kind: "cosine", floor: 0.2 } } as const;
    const at = (step: number) => learningRateAt(recipe, firstRate, { epoch: 1, step, steps: 100 });
    expect([at(0), at(50), at(100)]).toEqual([1, expect.closeTo(0.6, 12), expect.closeTo(0.2, 12)]);
  });

  test("never rises, and never leaves what lies between floor and begin", () => {
    const schedule = fc.oneof<fc.Arbitrary<Schedule>[]>(
      fc.constant({ kind: "constant" }),
      fc.record({
        kind: fc.constant("plateau" as const),
        factor: fc.double({ min: 0.01, max: 1, noNaN: true }),
        patience: fc.integer({ min: 1, max: 4 }),
        floor: fc.double({ min: 0, max: 0.05, noNaN: true }),
      }),
      fc.record({
        kind: fc.constant("step" as const),
        factor: fc.double({ min: 0.01, max: 1, noNaN: true }),
        epochs: fc.integer({ min: 1, max: 4 }),
      }),
      fc.record({
        kind: fc.constant("cosine" as const),
        floor: fc.double({ min: 0, max: 0.05, noNaN: true }),
      }),
    );
    const losses = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(schedule, losses, (given, list) => {
        const got = rates(given, list);
        expect(got[0]).toBeCloseTo(0.1, 12);
        const floor = "floor" in given ? (given.floor ?? 0) : 0;
        for (const [k, rate] of got.entries()) {
          expect(rate).toBeLessThanOrEqual((got[k - 1] ?? 0.1) + 1e-15);
          expect(rate).toBeGreaterThanOrEqual(floor - 1e-15);
        }
      }),
    );
  });
});

describe("the best epoch", () => {
  const aucs = (...list: (number | null)[]) => ({
    validationLoss: 1,
    validationAuc: list.map((auc) => ({ auc })),
  });

  test("has the least loss, or the largest mean AUC, and counts the epochs since", () => {
    let best = noBestEpoch;
    for (const [k, validationLoss] of [0.5, 0.4, 0.45, 0.4].entries()) {
      best = judgeEpoch("validation-loss", best, k + 1, { validationLoss });
    }
    expect(best).toEqual({ measure: -0.4, epoch: 2, waited: 2 });
    const first = judgeEpoch("validation-auc", noBestEpoch, 1, aucs(0.8, 0.6, null));
    expect(first).toEqual({ measure: expect.closeTo(0.7, 12), epoch: 1, waited: 0 });
    expect(judgeEpoch("validation-auc", first, 2, aucs(0.65, 0.7, null))).toMatchObject({
      epoch: 1,
      waited: 1,
    });
  });

  test("goes by the loss where no class has an AUC, and is the last without validation images", () => {
    expect(judgeEpoch("validation-auc", noBestEpoch, 1, aucs(null)).measure).toBe(-1);
    const first = judgeEpoch("validation-loss", noBestEpoch, 1, {});
    expect(judgeEpoch("validation-loss", first, 2, {})).toEqual({ measure: null, epoch: 2, waited: 0 });
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sortInSteps } from "../../../api/predictions/evaluation-order.ts";
import { sortScores } from "../../../compute/index.ts";

describe("sortInSteps", () => {
  test("gives what one sort gives, whatever the size of the steps", async () => {
    const score = fc.oneof(fc.constantFrom(0, -0, 0.5, 1, Number.NaN), fc.float({ noNaN: true }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(score, { maxLength: 200 }),
        fc.integer({ min: 1, max: 40 }),
        async (list, step) => {
          const scores = Float32Array.from(list);
          const whole = sortScores(scores);
          const stepped = await sortInSteps(scores, step);
          expect(stepped.rows).toEqual(whole.rows);
          expect(stepped.tiedWithNext).toEqual(whole.tiedWithNext);
          expect(stepped.missing).toEqual(whole.missing);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("leaves turns to others between the steps of a long column", async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 0);
    await sortInSteps(
      Float32Array.from({ length: 50_000 }, (_, i) => (i * 7919) % 1000),
      1_000,
    );
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
  });
});

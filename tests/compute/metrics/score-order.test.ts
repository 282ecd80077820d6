import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readOrder, type Scores, sortScores } from "../../../compute/metrics/score-order.ts";
import { orderOracle } from "../../support/oracles/score-order.ts";

const anyFloat32 = fc.float({ noNaN: false });
const fewValues = fc.constantFrom(
  -1,
  -0,
  0,
  0.25,
  0.5,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
);

async function expectSorted(scores: Scores): Promise<void> {
  const order = await sortScores(scores);
  const { rows, tiedWithNext, missing } = orderOracle(scores);
  expect(readOrder(order)).toEqual({ rows, tiedWithNext });
  expect(order.missing).toEqual(missing);
}

describe("sortScores", () => {
  test("orders float32 as a comparison sort does, ties by row, NaN apart, -0 with +0", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(anyFloat32, fewValues), { maxLength: 200 }), (values) =>
        expectSorted(Float32Array.from(values)),
      ),
    );
  });

  test("orders float64 as a comparison sort does, ties by row, NaN apart, -0 with +0", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.double(), fewValues), { maxLength: 200 }), (values) =>
        expectSorted(Float64Array.from(values)),
      ),
    );
  });

  test("sorts a view into a larger buffer", async () => {
    const scores = new Float32Array([9, 3, 1, 2]).subarray(1);
    expect(Array.from(readOrder(await sortScores(scores)).rows)).toEqual([1, 2, 0]);
  });

  test("sorts nothing into nothing, and a column without scores", async () => {
    await expectSorted(new Float32Array(0));
    await expectSorted(new Float64Array(5).fill(Number.NaN));
  });

  test("keeps the order while the column changes hands, and says what it costs", async () => {
    const order = await sortScores(Float32Array.of(3, Number.NaN, 1));
    expect(order.bytes).toBe(2 * 5 + 8);
    const { rows } = readOrder(order);
    rows.fill(9);
    expect(Array.from(readOrder(order).rows)).toEqual([2, 0]);
  });
});

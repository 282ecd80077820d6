import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ScoreOrder, type Scores, sortScores } from "../../../compute/metrics/score-order.ts";

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

function expectSorted(order: ScoreOrder, scores: Scores): void {
  const naive = Array.from(scores, (score, row) => ({ score, row }));
  const present = naive.filter(({ score }) => !Number.isNaN(score));
  present.sort((a, b) => (a.score < b.score ? -1 : a.score > b.score ? 1 : a.row - b.row));
  expect(Array.from(order.rows)).toEqual(present.map(({ row }) => row));
  expect(Array.from(order.tiedWithNext)).toEqual(
    present.map(({ score }, k) => (present[k + 1] !== undefined && present[k + 1]?.score === score ? 1 : 0)),
  );
  expect(Array.from(order.missing)).toEqual(
    naive.filter(({ score }) => Number.isNaN(score)).map(({ row }) => row),
  );
}

describe("sortScores", () => {
  test("orders float32 as a comparison sort does, ties by row, NaN apart, -0 with +0", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anyFloat32, fewValues), { maxLength: 200 }), (values) => {
        const scores = Float32Array.from(values);
        expectSorted(sortScores(scores), scores);
      }),
    );
  });

  test("orders float64 as a comparison sort does, ties by row, NaN apart, -0 with +0", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.double(), fewValues), { maxLength: 200 }), (values) => {
        const scores = Float64Array.from(values);
        expectSorted(sortScores(scores), scores);
      }),
    );
  });

  test("sorts a view into a larger buffer", () => {
    const scores = new Float32Array([9, 3, 1, 2]).subarray(1);
    expect(Array.from(sortScores(scores).rows)).toEqual([1, 2, 0]);
  });

  test("sorts nothing into nothing", () => {
    expect(sortScores(new Float32Array(0)).rows).toHaveLength(0);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { projectionOf } from "../../../compute/meta/projection.ts";
import type { DesignMatrix } from "../../../compute/meta/weighted-least-squares.ts";
import { fitWeighted, quadraticForm } from "../../../compute/meta/weighted-least-squares.ts";

function designOf(columns: readonly (readonly number[])[]): DesignMatrix {
  const k = columns[0]?.length ?? 0;
  const p = columns.length;
  const values = Float64Array.from(
    { length: k * p },
    (_, cell) => columns[cell % p]?.[Math.floor(cell / p)] ?? 0,
  );
  return { k, p, values };
}

/** The traces from the k x k matrix itself. */
function dense(
  { k, p, values }: DesignMatrix,
  w: Float64Array,
  covariance: Float64Array,
  sigma: Float64Array,
) {
  const at = (i: number, j: number) => {
    let entry = i === j ? (w[i] ?? 0) : 0;
    for (let a = 0; a < p; a++) {
      for (let b = 0; b < p; b++) {
        const middle = covariance[a * p + b] ?? 0;
        entry -= (w[i] ?? 0) * (values[i * p + a] ?? 0) * middle * (values[j * p + b] ?? 0) * (w[j] ?? 0);
      }
    }
    return entry;
  };
  let trace = 0;
  let square = 0;
  for (let i = 0; i < k; i++) {
    trace += at(i, i);
    for (let j = 0; j < k; j++) square += (sigma[i] ?? 0) * (sigma[j] ?? 0) * at(i, j) ** 2;
  }
  return { trace, square };
}

const positive = fc.double({ min: 0.1, max: 10, noNaN: true });

describe("projectionOf", () => {
  test("equals the traces of the k x k matrix, with and without moderators", () => {
    const studies = fc.array(fc.tuple(positive, positive, fc.double({ min: -3, max: 3, noNaN: true })), {
      minLength: 5,
      maxLength: 12,
    });
    fc.assert(
      fc.property(studies, fc.boolean(), (all, moderated) => {
        const w = Float64Array.from(all, ([weight]) => weight);
        const sigma = Float64Array.from(all, ([, spread]) => spread);
        const ones = all.map(() => 1);
        const design = designOf(moderated ? [ones, all.map(([, , x], i) => x + i)] : [ones]);
        const { covariance } = fitWeighted(design, w, w);
        const wanted = dense(design, w, covariance, sigma);
        const got = projectionOf(design, w, covariance);
        expect(got.trace / wanted.trace).toBeCloseTo(1, 9);
        expect(got.traceOfSquare(sigma) / wanted.square).toBeCloseTo(1, 9);
        expect(got.traceOfSquare()).toBeCloseTo(got.traceOfSquare(new Float64Array(all.length).fill(1)), 9);
      }),
    );
  });

  test.each([
    ["below", 2200],
    ["above", 26_000],
  ])("agrees with it just %s the leverage at which the formulas change", (side, heavy) => {
    const w = Float64Array.of(heavy, 1, 1.5, 0.8, 1.2);
    const design = designOf([
      [1, 1, 1, 1, 1],
      [0.3, -1, 0.5, 2, 0.9],
    ]);
    const { covariance } = fitWeighted(design, w, w);
    const row = design.values.subarray(0, 2);
    const leverage = heavy * quadraticForm(covariance, row, 2);
    expect(leverage > 0.999).toBe(side === "above");
    const wanted = dense(design, w, covariance, w);
    const got = projectionOf(design, w, covariance);
    expect(got.trace / wanted.trace).toBeCloseTo(1, 9);
    expect(got.traceOfSquare(w) / wanted.square).toBeCloseTo(1, 8);
  });

  test("keeps its digits where one study outweighs the others a trillionfold", () => {
    // Two studies: P = c [1 -1; -1 1] with c = w1 w2 / (w1 + w2).
    const w = Float64Array.of(1e12, 3);
    const c = 3e12 / (1e12 + 3);
    const pair = designOf([[1, 1]]);
    const alone = projectionOf(pair, w, fitWeighted(pair, w, w).covariance);
    expect(alone.trace / (2 * c)).toBeCloseTo(1, 14);
    expect(alone.traceOfSquare() / (4 * c * c)).toBeCloseTo(1, 14);
    // With a moderator that only the third study has, it and the intercept leave the same two.
    const design = designOf([
      [1, 1, 1],
      [0, 0, 1],
    ]);
    const heavier = Float64Array.of(1e12, 3, 7);
    const projection = projectionOf(design, heavier, fitWeighted(design, heavier, heavier).covariance);
    expect(projection.trace / (2 * c)).toBeCloseTo(1, 10);
    expect(projection.traceOfSquare() / (4 * c * c)).toBeCloseTo(1, 10);
  });
});

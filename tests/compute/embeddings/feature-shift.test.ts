import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { featureShift } from "../../../compute/embeddings/feature-shift.ts";
import { kolmogorovSmirnov, kolmogorovTail } from "../../../compute/embeddings/kolmogorov-smirnov.ts";
import { principalComponents, symmetricVectors } from "../../../compute/embeddings/principal-components.ts";
import { adjustPValues } from "../../../compute/multiplicity/adjust-p.ts";
import { RandomStream } from "../../../compute/random.ts";

interface Fixture {
  readonly source: string;
  readonly tests: readonly {
    readonly first: readonly number[];
    readonly second: readonly number[];
    readonly distance: number;
    readonly exact: number;
    readonly limit: number;
  }[];
  readonly components: {
    readonly rows: number;
    readonly cols: number;
    readonly values: readonly number[];
    readonly scores: readonly (readonly number[])[];
    readonly explained: readonly number[];
  };
  readonly tails: readonly (readonly [number, number])[];
}
/** Made by tests/reference/runners/feature-shift.py. */
const fixture: Fixture = JSON.parse(
  readFileSync(new URL("../../reference/fixtures/feature-shift.json", import.meta.url), "utf8"),
);

describe("kolmogorovSmirnov", () => {
  test.each(fixture.tests.map((one, i) => [i, one] as const))("agrees with SciPy on case %d", (_i, one) => {
    const { distance, p, method } = kolmogorovSmirnov(one.first, one.second);
    expect(method).toBe("exact");
    expect(distance).toBeCloseTo(one.distance, 12);
    expect(Math.abs(p - one.exact)).toBeLessThan(1e-9 * one.exact + 1e-15);
  });

  test("is the share of all orders that go as far, where those can be counted", async () => {
    await fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1, max: 1 }), { minLength: 2, maxLength: 4 }),
        fc.array(fc.double({ noNaN: true, min: -1, max: 1 }), { minLength: 2, maxLength: 4 }),
        (first, second) => {
          fc.pre(new Set([...first, ...second]).size === first.length + second.length);
          const all = [...first, ...second].sort((a, b) => a - b);
          const orders = subsets(all.length, first.length).map((places) => {
            const one = all.filter((_, place) => places.includes(place));
            const other = all.filter((_, place) => !places.includes(place));
            return kolmogorovSmirnov(one, other).distance;
          });
          const { distance, p } = kolmogorovSmirnov(first, second);
          const share = orders.filter((one) => one >= distance - 1e-12).length / orders.length;
          expect(p).toBeCloseTo(share, 12);
        },
      ),
    );
  });

  test("goes over to the limit where counting takes long, and lies close to the count", () => {
    const chance = new RandomStream(3, 0);
    const sample = (n: number, shift: number) =>
      Float64Array.from({ length: n }, () => chance.uniform() + shift);
    const [first, second] = [sample(1_990, 0), sample(2_000, 0.03)];
    const exact = kolmogorovSmirnov(first, second);
    const limit = kolmogorovSmirnov(Float64Array.from([...first, ...sample(60, 0)]), second);
    expect([exact.method, limit.method]).toEqual(["exact", "asymptotic"]);
    const tail = kolmogorovTail(exact.distance * Math.sqrt((1_990 * 2_000) / 3_990));
    expect(Math.abs(tail - exact.p)).toBeLessThan(0.002);
  });

  test.each(fixture.tails)("has Kolmogorov's tail beyond %d", (x, tail) => {
    expect(Math.abs(kolmogorovTail(x) - tail)).toBeLessThan(1e-12);
  });

  test("refuses what cannot be ordered", () => {
    expect(() => kolmogorovSmirnov([], [1])).toThrow(/an empty one/);
    expect(() => kolmogorovSmirnov([1, Number.NaN], [1])).toThrow(/NaN/);
  });
});

function subsets(of: number, size: number): number[][] {
  if (size === 0) return [[]];
  return Array.from({ length: of }, (_, last) =>
    subsets(last, size - 1).map((places) => [...places, last]),
  ).flat();
}

describe("principalComponents", () => {
  const { rows, cols, values, scores, explained } = fixture.components;

  test("agrees with NumPy's singular values", async () => {
    const found = await principalComponents(Float64Array.from(values), { rows, cols }, 4);
    expect(found.scores).toHaveLength(4);
    for (const [k, expected] of scores.entries()) {
      expect(found.explained[k]).toBeCloseTo(explained[k] ?? -1, 9);
      for (const [row, value] of expected.entries()) expect(found.scores[k]?.[row]).toBeCloseTo(value, 5);
    }
  });

  test("agrees with Jacobi's rotations of the whole covariance, where there are many more columns than wanted", async () => {
    const [n, d] = [90, 40];
    const chance = new RandomStream(5, 0);
    const matrix = Float64Array.from(
      { length: n * d },
      (_, i) => (chance.uniform() - 0.5) * (1 + 3 / (1 + (i % d))),
    );
    const means = Array.from({ length: d }, (_, col) =>
      Array.from({ length: n }, (_row, row) => matrix[row * d + col] ?? 0).reduce((sum, x) => sum + x / n, 0),
    );
    const at = (row: number, col: number) => (matrix[row * d + col] ?? 0) - (means[col] ?? 0);
    const rowsOf = Array.from({ length: n }, (_, row) => row);
    const covariance = means.map((_, a) =>
      means.map((_b, b) => rowsOf.reduce((sum, row) => sum + at(row, a) * at(row, b), 0)),
    );
    const variances = symmetricVectors(covariance).map((vector) =>
      rowsOf.reduce(
        (sum, row) => sum + vector.reduce((along, weight, col) => along + weight * at(row, col), 0) ** 2,
        0,
      ),
    );
    const whole = covariance.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
    const largest = [...variances].sort((a, b) => b - a).slice(0, 3);
    const found = await principalComponents(matrix, { rows: n, cols: d }, 3);
    for (const [k, variance] of largest.entries())
      expect(found.explained[k]).toBeCloseTo(variance / whole, 9);
  });

  test("finds no more than the rows span, and nothing where none differs", async () => {
    const flat = await principalComponents(Float64Array.of(1, 2, 1, 2, 1, 2), { rows: 3, cols: 2 }, 2);
    expect(flat).toEqual({ scores: [], explained: [] });
    const line = await principalComponents(Float64Array.of(0, 0, 1, 2, 2, 4), { rows: 3, cols: 2 }, 2);
    expect(line.scores).toHaveLength(1);
    expect(line.explained[0]).toBeCloseTo(1, 12);
    const [along] = line.scores;
    expect(Array.from(along ?? [])).toEqual(
      [-Math.sqrt(5), 0, Math.sqrt(5)].map((x) => expect.closeTo(x, 9)),
    );
  });
});

describe("featureShift", () => {
  const asked = { groupCount: 3, components: 4, correction: "benjamini_yekutieli", alpha: 0.05 } as const;
  const [n, cols] = [150, 20];

  /** Rows of three groups, of which the last is moved along one direction by so many deviations. */
  function rowsMovedBy(shift: number, seed: number) {
    const chance = new RandomStream(seed, 0);
    const groups = Int32Array.from({ length: n }, (_, row) => row % 3);
    const values = Float64Array.from({ length: n * cols }, (_, i) => {
      const [row, col] = [Math.floor(i / cols), i % cols];
      const moved = groups[row] === 2 && col === 0 ? shift : 0;
      return (chance.normal() + moved) * (col === 0 ? 4 : 1);
    });
    return { values, cols, groups };
  }

  test("rejects the pairs of the group that is moved, along the direction in which it is moved", async () => {
    const { tests, rejected, sizes } = await featureShift(rowsMovedBy(2, 1), asked);
    expect(sizes).toEqual([50, 50, 50]);
    expect(tests).toHaveLength(12);
    const found = tests.filter(({ adjusted }) => adjusted <= 0.05);
    expect(found.map(({ component, first, second }) => [component, first, second])).toEqual([
      [0, 0, 2],
      [0, 1, 2],
    ]);
    expect(rejected).toBeCloseTo(2 / 12, 12);
    expect(tests.map(({ adjusted }) => adjusted)).toEqual(
      adjustPValues(
        tests.map(({ p }) => p),
        "benjamini_yekutieli",
      ),
    );
  });

  test("rejects hardly ever where nothing is moved", async () => {
    let count = 0;
    for (let seed = 10; seed < 30; seed += 1) {
      count += Number(((await featureShift(rowsMovedBy(0, seed), asked)).rejected ?? 1) > 0);
    }
    expect(count).toBeLessThanOrEqual(2);
  });

  test("leaves out rows without a group, and groups too small to test", async () => {
    const { values, groups } = rowsMovedBy(2, 1);
    const few = groups.map((group, row) => (group === 1 && row > 9 ? -1 : group));
    const { tests, sizes } = await featureShift({ values, cols, groups: few }, asked);
    expect(sizes).toEqual([50, 3, 50]);
    expect(tests.map(({ first, second }) => [first, second])).toEqual(Array(4).fill([0, 2]));
    const nobody = await featureShift({ values, cols, groups: groups.map(() => -1) }, asked);
    expect(nobody).toMatchObject({ tests: [], rejected: null });
  });
});

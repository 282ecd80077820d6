import { describe, expect, test } from "vitest";
import { clusteredProportion } from "../../../compute/intervals/clustered-proportion.ts";
import { RandomStream } from "../../../compute/random.ts";

const once = (hits: readonly number[], images = 1) =>
  hits.map((hit) => ({ successes: hit * images, total: images }));

describe("clusteredProportion", () => {
  test("of one row a cluster tells almost as much as independent rows", () => {
    const hits = Array.from({ length: 50 }, (_, i) => (i % 5 === 0 ? 1 : 0));
    const { successes, total, clusters, designEffect } = clusteredProportion(once(hits));
    expect({ successes, total, clusters }).toEqual({ successes: 10, total: 50, clusters: 50 });
    expect(designEffect).toBeCloseTo(50 / 49, 12);
  });

  test("of the same row many times tells no more than once", () => {
    const hits = Array.from({ length: 40 }, (_, i) => (i % 4 === 0 ? 1 : 0));
    const single = clusteredProportion(once(hits)).effective;
    const tenfold = clusteredProportion(once(hits, 10));
    expect(tenfold.total).toBe(400);
    expect(tenfold.effective.total).toBeCloseTo(single.total, 9);
    expect(tenfold.effective.successes).toBeCloseTo(single.successes, 9);
  });

  test("is never narrower than independent rows, though clusters balance each other out", () => {
    const balanced = Array.from({ length: 20 }, () => ({ successes: 1, total: 2 }));
    expect(clusteredProportion(balanced)).toMatchObject({ designEffect: 1, effective: { total: 40 } });
  });

  test.each([0, 1])("counts a cluster as one row where all rows say %d, and leaves empty ones out", (hit) => {
    const { designEffect, effective, clusters } = clusteredProportion([
      ...once([hit, hit, hit], 4),
      { successes: 0, total: 0 },
    ]);
    expect({ designEffect, clusters }).toEqual({ designEffect: 4, clusters: 3 });
    expect(effective).toEqual({ successes: 3 * hit, total: 3 });
  });

  test("of nothing is nothing", () => {
    expect(clusteredProportion([])).toMatchObject({ successes: 0, total: 0, clusters: 0 });
  });

  test("has the variance that resampling clusters finds", () => {
    const chance = new RandomStream(7, 0);
    const clusters = Array.from({ length: 120 }, () => {
      const ill = chance.uniform();
      const total = 1 + Math.floor(6 * chance.uniform());
      const successes = Array.from({ length: total }, () => Number(chance.uniform() < ill)).filter(
        Boolean,
      ).length;
      return { successes, total };
    });
    const { successes, total, effective } = clusteredProportion(clusters);
    const share = successes / total;
    const rates = Array.from({ length: 4_000 }, () => {
      let [hits, rows] = [0, 0];
      for (let i = 0; i < clusters.length; i += 1) {
        const drawn = clusters[Math.floor(chance.uniform() * clusters.length)];
        hits += drawn?.successes ?? 0;
        rows += drawn?.total ?? 0;
      }
      return hits / rows;
    });
    const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
    const variance = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / (rates.length - 1);
    const told = (share * (1 - share)) / effective.total;
    // Independent rows would have less than half of it.
    expect((share * (1 - share)) / total / variance).toBeLessThan(0.6);
    expect(told / variance).toBeGreaterThan(0.92);
    expect(told / variance).toBeLessThan(1.08);
  });
});

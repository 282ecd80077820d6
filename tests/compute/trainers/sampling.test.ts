import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RandomStream } from "../../../compute/random.ts";
import { epochOrder, type SampledImage } from "../../../compute/trainers/sampling.ts";

/** How often each key occurs. */
function counts<Key>(keys: readonly Key[]): ReadonlyMap<Key, number> {
  const found = new Map<Key, number>();
  for (const key of keys) found.set(key, (found.get(key) ?? 0) + 1);
  return found;
}

/** So many images of each class, one after the other. */
function ofClasses(sizes: readonly number[]): SampledImage[] {
  return sizes.flatMap((size, target) => Array.from({ length: size }, () => ({ target })));
}

const at = { seed: 4, epoch: 2 };

describe("an epoch's order", () => {
  test("shuffled shows every image once before any comes twice", () => {
    const cases = fc.tuple(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 150 }),
      fc.nat(),
      fc.nat(9),
    );
    fc.assert(
      fc.property(cases, ([count, length, seed, epoch]) => {
        const order = epochOrder({ kind: "shuffle" }, ofClasses([count]), length, { seed, epoch: epoch + 1 });
        expect(order.length).toBe(length);
        for (let from = 0; from < length; from += count) {
          const round = [...order.subarray(from, from + count)];
          expect(new Set(round).size).toBe(round.length);
          expect(round.every((index) => index < count)).toBe(true);
        }
      }),
    );
  });

  test.each(["shuffle", "balanced", "equal-strata", "matched-strata"] as const)(
    "%s is a function of seed and epoch, and another one for others",
    (kind) => {
      const images = ofClasses([40, 25]).map((image, k) => ({ ...image, stratum: k % 3 }));
      const order = (seed: number, epoch: number) => epochOrder({ kind }, images, 65, { seed, epoch });
      expect(order(1, 1)).toEqual(order(1, 1));
      expect(order(1, 1)).not.toEqual(order(1, 2));
      expect(order(1, 1)).not.toEqual(order(2, 1));
    },
  );

  test("balanced draws every class as often as any other, but for chance", () => {
    const images = ofClasses([900, 80, 20]);
    const order = epochOrder({ kind: "balanced" }, images, 30_000, at);
    const drawn = counts([...order].map((index) => images[index]?.target));
    // Five standard deviations of 30,000 draws with probability 1 / 3.
    for (const target of [0, 1, 2]) expect(Math.abs((drawn.get(target) ?? 0) - 10_000)).toBeLessThan(410);
    const inFirst = counts([...order].filter((index) => index < 900));
    expect(inFirst.size).toBeGreaterThan(890);
  });

  test("balanced draws each finding there and absent as often, and never for what is unknown of it", () => {
    const images: SampledImage[] = [
      ...Array.from({ length: 90 }, () => ({ target: [0, -1] })),
      ...Array.from({ length: 10 }, () => ({ target: [1, -1] })),
      { target: [-1, -1] },
    ];
    const order = epochOrder({ kind: "balanced" }, images, 10_000, at);
    const present = [...order].filter((index) => index >= 90 && index < 100).length;
    expect(Math.abs(present - 5_000)).toBeLessThan(250);
    expect(order.includes(100)).toBe(false);
  });

  test("of equal strata keeps the classes' shares, and evens the levels out within each", () => {
    const images = [
      ...Array.from({ length: 570 }, () => ({ target: 0, stratum: 0 })),
      ...Array.from({ length: 30 }, () => ({ target: 0, stratum: 1 })),
      ...Array.from({ length: 300 }, () => ({ target: 1, stratum: 0 })),
      ...Array.from({ length: 100 }, () => ({ target: 1, stratum: 7 })),
    ];
    const order = epochOrder({ kind: "equal-strata" }, images, 40_000, at);
    const drawn = counts([...order].map((index) => `${images[index]?.target} ${images[index]?.stratum}`));
    for (const [key, expected] of Object.entries({
      "0 0": 12_000,
      "0 1": 12_000,
      "1 0": 8_000,
      "1 7": 8_000,
    })) {
      expect(Math.abs((drawn.get(key) ?? 0) - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });

  test("of matched strata draws each level as often in every class as among all, and none that a class lacks", () => {
    const images = [
      ...Array.from({ length: 500 }, () => ({ target: 0, stratum: 0 })),
      ...Array.from({ length: 100 }, () => ({ target: 0, stratum: 1 })),
      ...Array.from({ length: 100 }, () => ({ target: 1, stratum: 0 })),
      ...Array.from({ length: 200 }, () => ({ target: 1, stratum: 1 })),
      ...Array.from({ length: 100 }, () => ({ target: 1, stratum: 7 })),
    ];
    const order = epochOrder({ kind: "matched-strata" }, images, 40_000, at);
    const drawn = counts([...order].map((index) => `${images[index]?.target} ${images[index]?.stratum}`));
    // Classes 6 to 4; levels 600 to 300 among images of levels that both classes have.
    for (const [key, expected] of Object.entries({
      "0 0": 16_000,
      "0 1": 8_000,
      "1 0": 10_667,
      "1 1": 5_333,
    })) {
      expect(Math.abs((drawn.get(key) ?? 0) - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
    expect(drawn.has("1 7")).toBe(false);
    const apart = [
      { target: 0, stratum: 0 },
      { target: 1, stratum: 1 },
    ];
    expect(() => epochOrder({ kind: "matched-strata" }, apart, 2, at)).toThrow(/images of every class have/);
  });

  test("draws places apart, whatever the number of images", () => {
    // The stream of weights is of another kind: no epoch's order may be one of them.
    const order = epochOrder({ kind: "shuffle" }, ofClasses([5]), 5, { seed: 1, epoch: 1 });
    expect(new RandomStream(1, 0).uniform()).not.toBe(new RandomStream(1, 2 ** 32).uniform());
    expect([...order].sort()).toEqual([0, 1, 2, 3, 4]);
  });
});

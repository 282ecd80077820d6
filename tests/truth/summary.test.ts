import { describe, expect, test } from "vitest";
import { binomialAtMost, leastSuccesses } from "./binomial.ts";
import type { Claim, TruthKind } from "./claims.ts";
import type { TruthOutcome } from "./outcomes.ts";
import { summarise } from "./summary.ts";

describe("the bounds of chance", () => {
  test("are those of the binomial distribution", () => {
    // NIST/SEMATECH e-Handbook, section 1.3.6.6.18; and by hand.
    expect(binomialAtMost(1, 2, 0.5)).toBeCloseTo(0.75, 12);
    expect(binomialAtMost(15, 20, 0.95)).toBeCloseTo(0.00257394034, 10);
    expect(binomialAtMost(20, 20, 0.95)).toBeCloseTo(1, 12);
    // SciPy 1.10.1: binom.cdf(254, 280, 0.95) and binom.cdf(474, 500, 0.95); 0.05 ** 280 is below the smallest double.
    expect(binomialAtMost(254, 280, 0.95)).toBeCloseTo(0.001988451979, 10);
    expect(binomialAtMost(474, 500, 0.95)).toBeCloseTo(0.447061143591, 10);
  });

  test("leave one study in a thousand below them", () => {
    const least = leastSuccesses(20, 0.95, 0.001);
    expect(least).toBe(15);
    expect(binomialAtMost(least - 1, 20, 0.95)).toBeLessThan(0.001);
    expect(binomialAtMost(least, 20, 0.95)).toBeGreaterThanOrEqual(0.001);
    expect(leastSuccesses(20, 1, 0.001)).toBe(20);
  });
});

const claim = (changes: Partial<Claim>): Claim => ({
  name: "internal, by image",
  expects: "nothing",
  none: 0.5,
  ideal: null,
  value: 0.5,
  ciLow: 0.45,
  ciHigh: 0.55,
  holds: true,
  ...changes,
});
const outcomes = (kind: TruthKind, claims: (seed: number) => readonly Claim[]): readonly TruthOutcome[] =>
  Array.from({ length: 20 }, (_, i) => ({ kind, seed: i + 1, planted: kind, claims: claims(i + 1) }));

describe("a study", () => {
  test("without a defect says so, though one interval in twenty misses", () => {
    const summary = summarise(outcomes("none", (seed) => [claim({ holds: seed !== 4 })]));
    expect(summary.defects).toEqual([]);
    expect(summary.coverage).toEqual({ intervals: 20, hold: 19, least: 15 });
    expect(summary.kinds.find(({ kind }) => kind === "none")).toMatchObject({ said: 19, least: 15 });
  });

  test("has a defect where more intervals miss than chance allows", () => {
    const { defects } = summarise(outcomes("none", (seed) => [claim({ holds: seed > 6 })]));
    expect(defects).toEqual([
      expect.stringMatching(/^none: 14 of 20 audits/),
      expect.stringMatching(/^coverage: 14 of 20/),
    ]);
  });

  test("has a defect where one signal is missed, or an AUC lies far from its closed form", () => {
    const signal = { expects: "signal", ideal: 0.92, value: 0.91, ciLow: 0.88, ciHigh: 0.94 } as const;
    expect(summarise(outcomes("low", () => [claim(signal)])).defects).toEqual([]);
    const missed = outcomes("low", (seed) => [claim({ ...signal, holds: seed !== 7 })]);
    expect(summarise(missed).defects).toContain("low, internal, by image: 1 of 20 missed");
    const far = outcomes("low", () => [claim({ ...signal, value: 0.86 })]);
    expect(summarise(far).defects).toEqual([expect.stringMatching(/mean 0\.860, closed form 0\.920/)]);
  });
});

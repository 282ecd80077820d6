import { ComputeError } from "../errors.ts";

/** The corrections for testing many hypotheses at once. */
export const pAdjustments = {
  holm: "Holm 1979: chance of any false finding; no assumption. JSTOR 4615733",
  benjamini_hochberg:
    "Benjamini & Hochberg 1995: share of false findings; independent or positively dependent tests. doi:10.1111/j.2517-6161.1995.tb02031.x",
  benjamini_yekutieli:
    "Benjamini & Yekutieli 2001: share of false findings; any dependence. doi:10.1214/aos/1013699998",
} as const satisfies Record<string, string>;
export type PAdjustment = keyof typeof pAdjustments;

/**
 * Adjusted p-values: reject those at or below alpha. O(k log k).
 *
 * @param pValues - each in [0, 1], or null for a test that could not be made: it stays null and is not counted.
 * @returns in the order given.
 * @throws {ComputeError} INVALID_INPUT for a p-value outside [0, 1].
 */
export function adjustPValues(pValues: readonly (number | null)[], method: PAdjustment): (number | null)[] {
  const tests = pValues.flatMap((p, index) => (p === null ? [] : [{ p, index }]));
  for (const { p } of tests) {
    if (!(p >= 0 && p <= 1))
      throw new ComputeError("INVALID_INPUT", `Expected p-values from 0 to 1, got ${p}; check them`);
  }
  const count = tests.length;
  const adjusted: (number | null)[] = pValues.map(() => null);
  const ascending = tests.sort((a, b) => a.p - b.p);
  if (method === "holm") {
    let largest = 0;
    for (const [rank, { p, index }] of ascending.entries()) {
      largest = Math.max(largest, Math.min(1, (count - rank) * p));
      adjusted[index] = largest;
    }
    return adjusted;
  }
  const dependence = method === "benjamini_hochberg" ? 1 : harmonic(count);
  let smallest = 1;
  for (const [rank, { p, index }] of [...ascending.entries()].reverse()) {
    smallest = Math.min(smallest, (dependence * count * p) / (rank + 1));
    adjusted[index] = smallest;
  }
  return adjusted;
}

/** 1 + 1/2 + ... + 1/count. */
function harmonic(count: number): number {
  let sum = 0;
  for (let k = 1; k <= count; k += 1) sum += 1 / k;
  return sum;
}

import { defineProportionInterval } from "../plugin.ts";
import { clamp, criticalZ, type Interval, noInterval } from "./interval.ts";

/**
 * Score interval of a proportion (Wilson 1927, doi:10.1080/01621459.1927.10502953): honest for small counts and for
 * rates of 0 and 1, unlike p +- z se.
 *
 * @param successes - whole number, 0..total. @param total - rows, 0 or more; 0 gives NO_ROWS.
 * @throws {ComputeError} INVALID_PARAM when `level` is out of range.
 */
export function wilsonInterval(successes: number, total: number, level: number): Interval {
  const z = criticalZ(level);
  if (total === 0) return noInterval(level, "NO_ROWS");
  const rate = successes / total;
  const shrunk = (successes + (z * z) / 2) / (total + z * z);
  const reach = (z / (total + z * z)) * Math.sqrt(total * rate * (1 - rate) + (z * z) / 4);
  // At 0 and 1 the bound is exact, whatever the rounding.
  return {
    low: successes === 0 ? 0 : clamp(shrunk - reach, 0, rate),
    high: successes === total ? 1 : clamp(shrunk + reach, rate, 1),
    level,
    reason: null,
  };
}

/** Wilson's interval as a plugin. */
export const wilson = defineProportionInterval({
  id: "wilson",
  version: 1,
  doc: "Score interval of a proportion; honest for small counts and for rates of 0 and 1.",
  source: "Wilson 1927, doi:10.1080/01621459.1927.10502953",
  params: {},
  example: {},
  laws: ["bounded", "contains-estimate", "grows-with-level", "mirrors-classes"],
  interval: (successes, total, level) => wilsonInterval(successes, total, level),
});

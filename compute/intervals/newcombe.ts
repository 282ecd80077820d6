import { defineDifferenceInterval, type Proportion } from "../plugin.ts";
import { clamp, type Interval, noInterval } from "./interval.ts";
import { wilsonInterval } from "./wilson.ts";

/**
 * Hybrid score interval for the difference `first - second` of two independent proportions (Newcombe 1998, method 10,
 * doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I). In [-1, 1].
 *
 * @throws {ComputeError} INVALID_PARAM when `level` is out of range.
 */
export function newcombeInterval(first: Proportion, second: Proportion, level: number): Interval {
  const a = wilsonInterval(first.successes, first.total, level);
  const b = wilsonInterval(second.successes, second.total, level);
  if (a.low === null || a.high === null || b.low === null || b.high === null)
    return noInterval(level, "NO_ROWS");
  const rateA = first.successes / first.total;
  const rateB = second.successes / second.total;
  const difference = rateA - rateB;
  return {
    low: clamp(difference - Math.hypot(rateA - a.low, b.high - rateB), -1, 1),
    high: clamp(difference + Math.hypot(a.high - rateA, rateB - b.low), -1, 1),
    level,
    reason: null,
  };
}

/** Newcombe's interval as a plugin. */
export const newcombe = defineDifferenceInterval({
  id: "newcombe",
  version: 1,
  doc: "Hybrid score interval for the difference of two independent proportions.",
  source: "Newcombe 1998, method 10, doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I",
  params: {},
  example: {},
  laws: ["bounded", "contains-estimate", "grows-with-level", "mirrors-classes"],
  interval: (first, second, level) => newcombeInterval(first, second, level),
});

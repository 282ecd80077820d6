import { type Interval, noInterval } from "../intervals/interval.ts";
import { newcombeInterval } from "../intervals/newcombe.ts";
import { compareIndependentAucs, type IndependentAuc } from "./compare-auc.ts";
import { type OperatingPoint, type OperatingRate, operatingRates } from "./operating-points.ts";

/** Which end of a metric is good. */
export type Better = "higher" | "lower" | "neither";

/** The distance between the strata that fare best and worst by one metric. */
export interface Gap {
  /** Largest minus smallest value, 0 or more; null with fewer than two strata that have a value. */
  readonly gap: number | null;
  /** Where the value is best and worst by the metric's direction; for "neither": lowest and highest. First of equals. */
  readonly bestStratum: number | null;
  readonly worstStratum: number | null;
  /**
   * Interval of largest minus smallest, as if the two strata had been named beforehand: they were picked as extremes,
   * so across many strata it is optimistic.
   */
  readonly interval: Interval;
  /** Strata without a value. */
  readonly leftOut: number;
}

/** Gap of one operating rate between strata, with Newcombe's interval. */
export function rateGap(points: readonly OperatingPoint[], rate: OperatingRate, level: number): Gap {
  const rates = points.map((point) => point.rates[rate]);
  const values = rates.map(({ value }) => value);
  return gapOf(values, operatingRates[rate].better, level, (largest, smallest) => {
    const first = rates[largest];
    const second = rates[smallest];
    return first && second ? newcombeInterval(first, second, level) : noInterval(level, "NO_ROWS");
  });
}

/** Gap of the AUC between strata, with DeLong's interval for independent rows (see `compareIndependentAucs`). */
export function aucGap(cells: readonly IndependentAuc[], level: number): Gap {
  const values = cells.map(({ auc }) => auc);
  return gapOf(values, "higher", level, (largest, smallest) => {
    const first = cells[largest];
    const second = cells[smallest];
    return first && second
      ? compareIndependentAucs(first, second, level).interval
      : noInterval(level, "NO_ROWS");
  });
}

/**
 * Gap of any metric between strata.
 *
 * @param values - one per stratum; null where it cannot be estimated.
 * @param intervalOf - the interval of `values[largest] - values[smallest]`.
 */
export function gapOf(
  values: readonly (number | null)[],
  better: Better,
  level: number,
  intervalOf: (largest: number, smallest: number) => Interval,
): Gap {
  const known = values.flatMap((value, stratum) => (value === null ? [] : [{ value, stratum }]));
  const leftOut = values.length - known.length;
  const [first] = known;
  if (first === undefined || known.length < 2) {
    const nothing = { gap: null, bestStratum: null, worstStratum: null };
    return { ...nothing, interval: noInterval(level, "NO_ROWS"), leftOut };
  }
  const largest = known.reduce((best, each) => (each.value > best.value ? each : best), first);
  const smallest = known.reduce((best, each) => (each.value < best.value ? each : best), first);
  return {
    gap: largest.value - smallest.value,
    bestStratum: better === "higher" ? largest.stratum : smallest.stratum,
    worstStratum: better === "higher" ? smallest.stratum : largest.stratum,
    interval: intervalOf(largest.stratum, smallest.stratum),
    leftOut,
  };
}

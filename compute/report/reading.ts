import type { ReportValue } from "./audit-report.ts";

/** How an interval of an AUC lies to chance, 0.5, and to a margin of equivalence around it. */
export const readings = {
  above: "interval above 0.5",
  below: "interval below 0.5",
  equivalent: "equivalent to 0.5 within the margin",
  open: "interval covers 0.5",
  none: "no estimate",
} as const satisfies Record<string, string>;
export type Reading = keyof typeof readings;

/**
 * Reads an interval: `equivalent` when all of it lies within `margin` of 0.5 (with an interval of level 1 - 2a this is two
 * one-sided tests at level a, Schuirmann 1987, doi:10.1007/BF01068419), else by which side of 0.5 it lies on. An interval
 * that covers 0.5 and leaves the margin says neither.
 */
export function readInterval({ value, ciLow, ciHigh }: ReportValue, margin: number): Reading {
  if (value === null || ciLow === null || ciHigh === null) return "none";
  if (ciLow >= 0.5 - margin && ciHigh <= 0.5 + margin) return "equivalent";
  if (ciLow > 0.5) return "above";
  return ciHigh < 0.5 ? "below" : "open";
}

/** Whether two intervals share a point; undefined where one is not there. */
export function intervalsOverlap(one: ReportValue, other: ReportValue): boolean | undefined {
  if (one.ciLow === null || one.ciHigh === null || other.ciLow === null || other.ciHigh === null)
    return undefined;
  return one.ciLow <= other.ciHigh && other.ciLow <= one.ciHigh;
}

/** The value whose estimate is smallest and the one whose is largest, among those that have one. */
export function extremes<T extends { readonly value: ReportValue }>(
  rows: readonly T[],
): { readonly least: T; readonly most: T } | undefined {
  const known = rows.filter(({ value }) => value.value !== null);
  const [first] = known;
  if (first === undefined) return undefined;
  const of = ({ value }: T) => value.value ?? 0;
  return {
    least: known.reduce((best, row) => (of(row) < of(best) ? row : best), first),
    most: known.reduce((best, row) => (of(row) > of(best) ? row : best), first),
  };
}

import type { NotEstimableReason } from "../errors.ts";
import { type ClusteredProportion, clusteredProportion } from "../intervals/clustered-proportion.ts";
import type { Interval } from "../intervals/interval.ts";
import { newcombeInterval } from "../intervals/newcombe.ts";
import { wilsonInterval } from "../intervals/wilson.ts";
import { encodeCells, type StratifiedRows } from "./stratified-rows.ts";

/** The rates that each row is a hit or a miss of: which label they count, and which call of it is a hit. */
export const groupRateKinds = {
  fpr: { label: 0, called: true },
  tnr: { label: 0, called: false },
  tpr: { label: 1, called: true },
  fnr: { label: 1, called: false },
} as const satisfies Record<string, { readonly label: 0 | 1; readonly called: boolean }>;
export type GroupRateKind = keyof typeof groupRateKinds;

/** A rate with Wilson's interval by its effective size; null together, with the reason, where nothing is to be counted. */
export interface GroupRate extends Omit<Interval, "reason" | "level"> {
  readonly value: number | null;
  readonly counted: ClusteredProportion;
  readonly reason: NotEstimableReason | null;
}

/** A group's rate, and how far it lies from that of all other groups together. */
export interface GroupGap {
  readonly stratum: number;
  readonly rate: GroupRate;
  readonly rest: GroupRate;
  /** Rate less that of the rest, with Newcombe's interval by effective sizes; null where one of them is. */
  readonly gap: number | null;
  readonly interval: Interval;
}

/**
 * A rate at one threshold in each group and in all of them, and its gap from the rest: the groups but this. "Positive" means
 * score >= threshold, compared as `operatingPoints` does. Rows of one patient count as a cluster. O(n * groups).
 *
 * @param patients - length n: the patient of each row
 * @param groups - strata that take part; rows of others are neither in a group nor in a rest
 * @throws {ComputeError} INVALID_PARAM for a level out of range; INVALID_INPUT for columns that do not fit
 */
export function groupRates(
  input: StratifiedRows,
  patients: ArrayLike<number>,
  {
    threshold,
    rate,
    groups,
    level,
  }: {
    readonly threshold: number;
    readonly rate: GroupRateKind;
    readonly groups: readonly number[];
    readonly level: number;
  },
): { readonly all: GroupRate; readonly gaps: readonly GroupGap[] } {
  const { scores } = input.order;
  const cut = scores instanceof Float32Array ? Math.fround(threshold) : threshold;
  const { codes, stratumCount } = encodeCells(input);
  const { label, called } = groupRateKinds[rate];
  const clusters = new Map(groups.map((stratum) => [stratum, new Map<number, Counts>()]));
  // `!`: codes, scores and patients have one length.
  for (let row = 0; row < codes.length; row += 1) {
    const code = codes[row]!;
    if (code >= 2 * stratumCount || (code & 1) !== label) continue;
    const held = clusters.get(code >> 1);
    if (held === undefined) continue;
    const patient = patients[row]!;
    const counts = held.get(patient) ?? { successes: 0, total: 0 };
    counts.total += 1;
    if (scores[row]! >= cut === called) counts.successes += 1;
    held.set(patient, counts);
  }
  const rateOf = (strata: readonly number[]) => {
    const counted = clusteredProportion(merged(strata.flatMap((one) => clusters.get(one) ?? [])));
    return toRate(counted, label === 1 ? "NO_POSITIVES" : "NO_NEGATIVES", level);
  };
  return {
    all: rateOf(groups),
    gaps: groups.map((stratum) => {
      const own = rateOf([stratum]);
      const rest = rateOf(groups.filter((one) => one !== stratum));
      const gap = own.value === null || rest.value === null ? null : own.value - rest.value;
      const interval = newcombeInterval(own.counted.effective, rest.counted.effective, level);
      return { stratum, rate: own, rest, gap, interval };
    }),
  };
}

interface Counts {
  successes: number;
  total: number;
}

/** Patients of several groups: one whose images lie in two is one cluster of both. */
function merged(groups: readonly ReadonlyMap<number, Counts>[]): Iterable<Counts> {
  const [first, ...others] = groups;
  if (others.length === 0) return first?.values() ?? [];
  const all = new Map<number, Counts>();
  for (const [patient, { successes, total }] of groups.flatMap((group) => [...group])) {
    const known = all.get(patient) ?? { successes: 0, total: 0 };
    all.set(patient, { successes: known.successes + successes, total: known.total + total });
  }
  return all.values();
}

function toRate(counted: ClusteredProportion, empty: NotEstimableReason, level: number): GroupRate {
  const { successes, total, effective } = counted;
  const { low, high } = wilsonInterval(effective.successes, effective.total, level);
  if (total === 0) return { value: null, low, high, counted, reason: empty };
  return { value: successes / total, low, high, counted, reason: null };
}

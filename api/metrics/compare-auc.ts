import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type AucDifference,
  type AucCell as AucEstimate,
  type BootstrapPlan,
  bootstrapChunk,
  compareIndependentAucs,
  comparePairedAucs,
  normalTwoSidedP,
  percentileIntervals,
  planBootstrap,
  stratifiedAuc,
} from "../../compute/index.ts";
import { type AnalysisRows, type ClassRows, stratifiedRows } from "./analysis-rows.ts";

/** How two AUCs were compared. */
export const comparisonMethods = ["DELONG_PAIRED", "DELONG_UNPAIRED", "BOOTSTRAP_PAIRED"] as const;
export type ComparisonMethod = (typeof comparisonMethods)[number];

/** One side of a comparison: the rows of one class, and the number of each stratum that is compared; -1 for none. */
export interface ComparedSide {
  readonly rows: AnalysisRows;
  readonly column: ClassRows;
  readonly strata: readonly number[];
}

/** The comparison of one stratum with one. */
export interface ComparedPair extends Omit<AucDifference, "interval"> {
  readonly aucFirst: number | null;
  readonly aucSecond: number | null;
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
  readonly nPositiveFirst: number;
  readonly nNegativeFirst: number;
  readonly nPositiveSecond: number;
  readonly nNegativeSecond: number;
}

/** Resamples for a comparison. */
export interface ComparisonBootstrap {
  readonly replicates: number;
  readonly seed: number;
}

/**
 * DeLong's paired test in every stratum. Both sides must be of the same rows and strata, with the same truth.
 */
export function comparePaired(first: ComparedSide, second: ComparedSide, level: number): ComparedPair[] {
  const { codes, sizes } = first.rows.strata;
  const cells = comparePairedAucs(
    {
      first: first.column.order,
      second: second.column.order,
      labels: first.column.labels,
      strata: codes,
      stratumCount: sizes.length,
    },
    level,
  );
  return first.strata.map((stratum) => {
    const cell = cells[stratum];
    if (cell === undefined) return noPair();
    const { interval, positives, negatives } = cell;
    const counts = {
      nPositiveFirst: positives,
      nNegativeFirst: negatives,
      nPositiveSecond: positives,
      nNegativeSecond: negatives,
    };
    return { ...cell, ...counts, ciLow: interval.low, ciHigh: interval.high };
  });
}

/** DeLong's test of AUCs from different rows, stratum by stratum. */
export function compareUnpaired(first: ComparedSide, second: ComparedSide, level: number): ComparedPair[] {
  const [ofFirst, ofSecond] = [first, second].map(({ rows, column }) =>
    stratifiedAuc(stratifiedRows(rows, column)),
  );
  return first.strata.map((stratum, i) => {
    const [a, b] = [ofFirst?.[stratum], ofSecond?.[second.strata[i] ?? -1]];
    if (a === undefined || b === undefined) return noPair(a, b);
    const { interval, ...difference } = compareIndependentAucs(a, b, level);
    return { ...sides(a, b), ...difference, ciLow: interval.low, ciHigh: interval.high };
  });
}

/**
 * The difference over resampled patients, stratum by stratum: sides may differ in scores, truth or stratum and share
 * patients as they like. The interval is of percentiles; the test sets the difference off against the standard error of
 * the resamples. Both sides must be of the same images. In slices of a few ms.
 *
 * @throws the signal's reason once it is aborted
 */
export async function compareByBootstrap(
  first: ComparedSide,
  second: ComparedSide,
  level: number,
  { replicates, seed }: ComparisonBootstrap,
  signal: AbortSignal | undefined,
): Promise<ComparedPair[]> {
  const { strata, clusters } = first.rows;
  const stratumCount = strata.sizes.length;
  const columns = first.column === second.column ? [first.column] : [first.column, second.column];
  const plan = planBootstrap({
    columns,
    strata: strata.codes,
    stratumCount,
    patients: clusters.ordinals,
    patientCount: clusters.count,
  });
  const offset = columns.length === 1 ? 0 : stratumCount;
  const pairs = first.strata.map((stratum, i) => {
    const other = second.strata[i] ?? -1;
    return stratum < 0 || other < 0 ? undefined : { a: stratum, b: offset + other };
  });
  const known = pairs.flatMap((pair) => pair ?? []);
  const differences = await resampleDifferences(plan, known, replicates, seed, signal);
  const intervals = percentileIntervals(planOfDifferences(plan, known), differences, level);
  const [ofFirst, ofSecond] = [first, second].map(({ rows, column }) =>
    stratifiedAuc(stratifiedRows(rows, column)),
  );
  return pairs.map((pair, i) => {
    const [a, b] = [ofFirst?.[first.strata[i] ?? -1], ofSecond?.[second.strata[i] ?? -1]];
    const interval = pair && intervals[known.indexOf(pair)];
    if (a === undefined || b === undefined || interval === undefined || a.auc === null || b.auc === null)
      return noPair(a, b);
    const { se, low, high, reason } = interval;
    const difference = a.auc - b.auc;
    const statistic = se === null || se === 0 ? null : difference / se;
    const p = statistic === null ? null : normalTwoSidedP(statistic);
    return { ...sides(a, b), difference, se, statistic, df: null, p, ciLow: low, ciHigh: high, reason };
  });
}

interface CellPair {
  readonly a: number;
  readonly b: number;
}

async function resampleDifferences(
  plan: BootstrapPlan,
  pairs: readonly CellPair[],
  replicates: number,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const cellCount = plan.positivePatients.length;
  const differences = new Float64Array(replicates * pairs.length);
  for (let replicate = 0; replicate < replicates; ) {
    signal?.throwIfAborted();
    const until = performance.now() + 8;
    do {
      const aucs = bootstrapChunk(plan, seed, replicate, replicate + 1);
      for (const [place, { a, b }] of pairs.entries()) {
        // A resample without one of the AUCs is NaN, and is left out as such.
        differences[replicate * pairs.length + place] = (aucs[a] ?? Number.NaN) - (aucs[b] ?? Number.NaN);
      }
      replicate += 1;
    } while (replicate < replicates && performance.now() < until && cellCount > 0);
    await nextTurn();
  }
  return differences;
}

/** What percentileIntervals asks of a plan, for pairs of its cells: the scarcer side decides. */
function planOfDifferences(plan: BootstrapPlan, pairs: readonly CellPair[]): BootstrapPlan {
  const scarcer = (counts: Uint32Array) =>
    Uint32Array.from(pairs, ({ a, b }) => Math.min(counts[a] ?? 0, counts[b] ?? 0));
  const rowsOf = (cell: number) => (plan.starts[cell + 1] ?? 0) - (plan.starts[cell] ?? 0);
  const starts = new Uint32Array(pairs.length + 1);
  for (const [place, { a, b }] of pairs.entries()) {
    starts[place + 1] = (starts[place] ?? 0) + Math.min(rowsOf(a), rowsOf(b));
  }
  return {
    ...plan,
    columnCount: 1,
    stratumCount: pairs.length,
    starts,
    positivePatients: scarcer(plan.positivePatients),
    negativePatients: scarcer(plan.negativePatients),
  };
}

function sides(a: AucEstimate | undefined, b: AucEstimate | undefined) {
  return {
    aucFirst: a?.auc ?? null,
    aucSecond: b?.auc ?? null,
    nPositiveFirst: a?.positives ?? 0,
    nNegativeFirst: a?.negatives ?? 0,
    nPositiveSecond: b?.positives ?? 0,
    nNegativeSecond: b?.negatives ?? 0,
  };
}

function noPair(a?: AucEstimate, b?: AucEstimate): ComparedPair {
  const nothing = {
    difference: null,
    se: null,
    statistic: null,
    df: null,
    p: null,
    ciLow: null,
    ciHigh: null,
  };
  return { ...sides(a, b), ...nothing, reason: a?.reason ?? b?.reason ?? "NO_ROWS" };
}

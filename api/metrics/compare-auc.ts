import {
  type AucDifference,
  type AucCell as AucEstimate,
  type BootstrapPlan,
  type CellClusters,
  compareIndependentAucs,
  comparePairedAucs,
  normalTwoSidedP,
  percentileIntervals,
  planBootstrap,
  resampleAucs,
} from "../../compute/index.ts";
import type { AnalysisRows, ClassRows } from "./analysis-rows.ts";
import { estimateCells } from "./cell-counts.ts";

/** How two AUCs were compared. */
export const comparisonMethods = ["DELONG_PAIRED", "DELONG_UNPAIRED", "BOOTSTRAP_PAIRED"] as const;
export type ComparisonMethod = (typeof comparisonMethods)[number];

/** One side of a comparison: the rows of one class, and the number of each stratum that is compared; -1 for none. */
export interface ComparedSide<Rows extends Pick<AnalysisRows, "strata" | "clusters"> = AnalysisRows> {
  readonly rows: Rows;
  readonly column: ClassRows;
  readonly strata: readonly number[];
}

type BootstrappedSide = ComparedSide<Pick<AnalysisRows, "strata" | "clusters">>;

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
export async function comparePaired(
  first: ComparedSide,
  second: ComparedSide,
  level: number,
): Promise<ComparedPair[]> {
  const { codes, sizes } = first.rows.strata;
  const cells = await comparePairedAucs(
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
export async function compareUnpaired(
  first: ComparedSide,
  second: ComparedSide,
  level: number,
): Promise<ComparedPair[]> {
  const [ofFirst, ofSecond] = await estimatesOf(first, second);
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
 * the resamples. Both sides must be of the same images.
 *
 * @throws the signal's reason once it is aborted
 */
export async function compareByBootstrap(
  first: BootstrappedSide,
  second: BootstrappedSide,
  level: number,
  { replicates, seed }: ComparisonBootstrap,
  signal: AbortSignal | undefined,
): Promise<ComparedPair[]> {
  const { strata, clusters } = first.rows;
  const stratumCount = strata.sizes.length;
  const columns = first.column === second.column ? [first.column] : [first.column, second.column];
  const plan = await planBootstrap({
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
  const aucs = await resampleAucs(plan, { seed, replicates }, signal === undefined ? {} : { signal });
  const differences = differencesOf(aucs, plan.positivePatients.length, known);
  const intervals = await percentileIntervals(clustersOfPairs(plan, known), differences, level);
  const [ofFirst, ofSecond] = await estimatesOf(first, second);
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

/** AUC a minus AUC b of every pair, replicate by replicate; a resample without one of them is NaN, and left out as such. */
function differencesOf(aucs: Float64Array, cellCount: number, pairs: readonly CellPair[]): Float64Array {
  const replicates = cellCount === 0 ? 0 : aucs.length / cellCount;
  const differences = new Float64Array(replicates * pairs.length);
  for (let replicate = 0; replicate < replicates; replicate += 1) {
    const of = (cell: number) => aucs[replicate * cellCount + cell] ?? Number.NaN;
    for (const [place, { a, b }] of pairs.entries()) {
      differences[replicate * pairs.length + place] = of(a) - of(b);
    }
  }
  return differences;
}

/** What percentileIntervals asks of cells, for pairs of them: the scarcer side decides. */
function clustersOfPairs(plan: BootstrapPlan, pairs: readonly CellPair[]): CellClusters {
  const scarcer = (counts: Uint32Array) =>
    Uint32Array.from(pairs, ({ a, b }) => Math.min(counts[a] ?? 0, counts[b] ?? 0));
  const rowsOf = (cell: number) => (plan.starts[cell + 1] ?? 0) - (plan.starts[cell] ?? 0);
  const starts = new Uint32Array(pairs.length + 1);
  for (const [place, { a, b }] of pairs.entries()) {
    starts[place + 1] = (starts[place] ?? 0) + Math.min(rowsOf(a), rowsOf(b));
  }
  return {
    starts,
    positivePatients: scarcer(plan.positivePatients),
    negativePatients: scarcer(plan.negativePatients),
  };
}

function estimatesOf(...sides: readonly BootstrappedSide[]): Promise<AucEstimate[][]> {
  return Promise.all(sides.map(({ rows, column }) => estimateCells(rows, column)));
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

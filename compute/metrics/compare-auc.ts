import { normalTwoSidedP, studentQuantile, studentTwoSidedP } from "../distributions.ts";
import { ComputeError, type NotEstimableReason } from "../errors.ts";
import { criticalZ, type Interval, noInterval } from "../intervals/interval.ts";
import type { ScoreOrder } from "./score-order.ts";
import { type AucCell, aucReason } from "./stratified-auc.ts";
import { type CellCodes, encodeCells } from "./stratified-rows.ts";

/** Two score columns of the same rows against the same truth. */
export interface PairedInput {
  readonly first: ScoreOrder;
  readonly second: ScoreOrder;
  /** Length n: 1 positive, 0 negative, 255 unknown. */
  readonly labels: Uint8Array;
  readonly strata?: Uint16Array | Uint32Array | undefined;
  readonly stratumCount?: number | undefined;
}

/** The difference of two AUCs, with its test. */
export interface AucDifference {
  /** First minus second; null when `reason` is about missing rows. */
  readonly difference: number | null;
  readonly se: number | null;
  /** difference / se: standard normal when paired, Student's t with `df` when not. */
  readonly statistic: number | null;
  /** Degrees of freedom; null for the normal. */
  readonly df: number | null;
  /** Two-sided, of the hypothesis that the AUCs are equal. */
  readonly p: number | null;
  readonly interval: Interval;
  /** DEGENERATE: there is a difference, but no variance to test it by. */
  readonly reason: NotEstimableReason | null;
}

/** A paired comparison in one stratum, over the rows that have both scores and a label. */
export interface PairedCell extends AucDifference {
  readonly stratum: number;
  readonly positives: number;
  readonly negatives: number;
  readonly aucFirst: number | null;
  readonly aucSecond: number | null;
  readonly varianceFirst: number | null;
  readonly varianceSecond: number | null;
  /** DeLong covariance of the two AUCs. */
  readonly covariance: number | null;
}

/**
 * DeLong's test of two correlated AUCs in every stratum, with the interval of their difference (DeLong et al. 1988,
 * doi:10.2307/2531595). O(n + strata) over two cached orders.
 *
 * Rows lacking either score are left out of both AUCs.
 *
 * @param level - nominal coverage in (0, 1).
 * @throws {ComputeError} INVALID_INPUT when lengths differ; INVALID_PARAM when `level` is out of range.
 */
export function comparePairedAucs(input: PairedInput, level: number): PairedCell[] {
  const { first, second, labels, strata, stratumCount } = input;
  criticalZ(level);
  if (first.scores.length !== second.scores.length) {
    const lengths = `${first.scores.length} and ${second.scores.length}`;
    throw new ComputeError(
      "INVALID_INPUT",
      `Expected two score columns of the same rows, got ${lengths}; align them first`,
    );
  }
  const cells = encodeCells({ order: first, labels, strata, stratumCount });
  leaveOut(cells, second.missing);
  const a = placementsByRow(first, cells);
  const b = placementsByRow(second, cells);
  const moments = comoments(cells, a, b);
  return Array.from({ length: cells.stratumCount }, (_, stratum) =>
    pairedCell(stratum, cells, moments, level),
  );
}

function leaveOut(cells: CellCodes, missing: Uint32Array): void {
  // `!`: missing rows are rows of codes.
  const outside = 2 * cells.stratumCount;
  for (const row of missing) {
    cells.sizes[cells.codes[row]!]! -= 1;
    cells.sizes[outside]! += 1;
    cells.codes[row] = outside;
  }
}

/** Twice the rows of the opposite class (same stratum) below each row, plus those tied with it; at the row's place. */
function placementsByRow(order: ScoreOrder, { codes, sizes }: CellCodes): Int32Array {
  // `!`: as in stratified-auc.ts; codes stay below sizes.length, `^ 1` included.
  const { rows, tiedWithNext } = order;
  const placements = new Int32Array(codes.length);
  const doubledCounts = new Int32Array(sizes.length);
  for (let k = 0; k < rows.length; k += 1) {
    const first = k;
    while (tiedWithNext[k] === 1) k += 1;
    for (let tied = first; tied <= k; tied += 1) doubledCounts[codes[rows[tied]!]!]! += 1;
    for (let tied = first; tied <= k; tied += 1) {
      const row = rows[tied]!;
      placements[row] = doubledCounts[codes[row]! ^ 1]!;
    }
    for (let tied = first; tied <= k; tied += 1) doubledCounts[codes[rows[tied]!]!]! += 1;
  }
  return placements;
}

/** Per code: sums of the placements, and sums of squares and products of their deviations from the mean. */
interface Comoments {
  readonly sumA: Float64Array;
  readonly sumB: Float64Array;
  readonly squaresA: Float64Array;
  readonly squaresB: Float64Array;
  readonly products: Float64Array;
  /** Squared deviations of first minus second: summed by themselves, since the two columns are nearly equal. */
  readonly squaresOfDifference: Float64Array;
}

function comoments({ codes, sizes }: CellCodes, a: Int32Array, b: Int32Array): Comoments {
  // `!`: a and b are as long as codes; codes are below sizes.length.
  const count = sizes.length;
  const sumA = new Float64Array(count);
  const sumB = new Float64Array(count);
  for (let row = 0; row < codes.length; row += 1) {
    const code = codes[row]!;
    sumA[code]! += a[row]!;
    sumB[code]! += b[row]!;
  }
  const meanA = sumA.map((sum, code) => sum / Math.max(1, sizes[code]!));
  const meanB = sumB.map((sum, code) => sum / Math.max(1, sizes[code]!));
  const squaresA = new Float64Array(count);
  const squaresB = new Float64Array(count);
  const products = new Float64Array(count);
  const squaresOfDifference = new Float64Array(count);
  for (let row = 0; row < codes.length; row += 1) {
    const code = codes[row]!;
    const deviationA = a[row]! - meanA[code]!;
    const deviationB = b[row]! - meanB[code]!;
    squaresA[code]! += deviationA * deviationA;
    squaresB[code]! += deviationB * deviationB;
    products[code]! += deviationA * deviationB;
    squaresOfDifference[code]! += (deviationA - deviationB) ** 2;
  }
  return { sumA, sumB, squaresA, squaresB, products, squaresOfDifference };
}

function pairedCell(stratum: number, cells: CellCodes, moments: Comoments, level: number): PairedCell {
  // `!`: every array has two codes per stratum.
  const negative = 2 * stratum;
  const positive = negative + 1;
  const negatives = cells.sizes[negative]!;
  const positives = cells.sizes[positive]!;
  const reason = aucReason(positives, negatives);
  if (reason !== null) {
    const nothing = {
      aucFirst: null,
      aucSecond: null,
      varianceFirst: null,
      varianceSecond: null,
      covariance: null,
    };
    return { stratum, positives, negatives, ...nothing, ...noDifference(level, reason) };
  }
  const scaled = (sums: Float64Array) =>
    sums[positive]! / (4 * negatives * negatives) / (positives - 1) / positives +
    sums[negative]! / (4 * positives * positives) / (negatives - 1) / negatives;
  // Divided as in stratifiedAuc, so that both give the same bits.
  const aucFirst = moments.sumA[positive]! / (2 * positives * negatives);
  const aucSecond = moments.sumB[positive]! / (2 * positives * negatives);
  const varianceFirst = scaled(moments.squaresA);
  const varianceSecond = scaled(moments.squaresB);
  const covariance = scaled(moments.products);
  const se = Math.sqrt(scaled(moments.squaresOfDifference));
  return {
    stratum,
    positives,
    negatives,
    aucFirst,
    aucSecond,
    varianceFirst,
    varianceSecond,
    covariance,
    ...testDifference(aucFirst - aucSecond, se, null, level),
  };
}

/** What an unpaired comparison needs to know of an AUC. */
export type IndependentAuc = Pick<AucCell, "auc" | "variance" | "reason" | "positives" | "negatives">;

/**
 * DeLong's test of two AUCs from different rows (two strata, two datasets), with the interval of their difference.
 *
 * The variances add; the statistic is held against Student's t with Welch's degrees of freedom over the two numbers of
 * rows, as in pROC's `roc.test` for unpaired curves. Strata that share patients are not independent: use the bootstrap.
 *
 * @param level - nominal coverage in (0, 1).
 * @throws {ComputeError} INVALID_PARAM when `level` is out of range.
 */
export function compareIndependentAucs(
  first: IndependentAuc,
  second: IndependentAuc,
  level: number,
): AucDifference {
  criticalZ(level);
  if (first.auc === null || first.variance === null) return noDifference(level, first.reason ?? "NO_ROWS");
  if (second.auc === null || second.variance === null) return noDifference(level, second.reason ?? "NO_ROWS");
  const difference = first.auc - second.auc;
  const variance = first.variance + second.variance;
  const rowsFirst = first.positives + first.negatives;
  const rowsSecond = second.positives + second.negatives;
  const df =
    variance ** 2 / (first.variance ** 2 / (rowsFirst - 1) + second.variance ** 2 / (rowsSecond - 1));
  return testDifference(difference, Math.sqrt(variance), df, level);
}

function testDifference(difference: number, se: number, df: number | null, level: number): AucDifference {
  if (se === 0) return { ...noDifference(level, "DEGENERATE"), difference, se };
  const statistic = difference / se;
  const reach = (df === null ? criticalZ(level) : studentQuantile((1 + level) / 2, df)) * se;
  return {
    difference,
    se,
    statistic,
    df,
    p: df === null ? normalTwoSidedP(statistic) : studentTwoSidedP(statistic, df),
    interval: {
      low: Math.max(-1, difference - reach),
      high: Math.min(1, difference + reach),
      level,
      reason: null,
    },
    reason: null,
  };
}

function noDifference(level: number, reason: NotEstimableReason): AucDifference {
  const nothing = { difference: null, se: null, statistic: null, df: null, p: null };
  return { ...nothing, interval: noInterval(level, reason), reason };
}

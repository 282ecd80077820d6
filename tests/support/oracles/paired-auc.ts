import {
  type CellCodes,
  encodeCells,
  type StratifiedRows,
} from "../../../compute/metrics/stratified-rows.ts";
import type { OracleOrder } from "./score-order.ts";

/** Two score columns of the same rows, each in an order made in TypeScript. */
export interface OraclePair extends Omit<StratifiedRows, "order"> {
  readonly first: OracleOrder;
  readonly second: OracleOrder;
}

/** Both AUCs of one stratum with DeLong's variances; no estimates with fewer than two rows of a class. */
export interface OraclePairedCell {
  readonly positives: number;
  readonly negatives: number;
  readonly estimates: {
    readonly aucFirst: number;
    readonly aucSecond: number;
    readonly varianceFirst: number;
    readonly varianceSecond: number;
    readonly covariance: number;
    readonly varianceOfDifference: number;
  } | null;
}

/** Paired AUCs in plain TypeScript: placements row by row, sums of squared deviations in floating point. */
export function pairedOracle(input: OraclePair): OraclePairedCell[] {
  const { first, second, labels, strata, stratumCount } = input;
  const cells = encodeCells({ order: first, labels, strata, stratumCount });
  leaveOut(cells, second.missing);
  const a = placementsByRow(first, cells);
  const b = placementsByRow(second, cells);
  const moments = comoments(cells, a, b);
  return Array.from({ length: cells.stratumCount }, (_, stratum) => pairedCell(stratum, cells, moments));
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
function placementsByRow(order: OracleOrder, { codes, sizes }: CellCodes): Int32Array {
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

function pairedCell(stratum: number, cells: CellCodes, moments: Comoments): OraclePairedCell {
  // `!`: every array has two codes per stratum.
  const negative = 2 * stratum;
  const positive = negative + 1;
  const negatives = cells.sizes[negative]!;
  const positives = cells.sizes[positive]!;
  if (positives < 2 || negatives < 2) return { positives, negatives, estimates: null };
  const scaled = (sums: Float64Array) =>
    sums[positive]! / (4 * negatives * negatives) / (positives - 1) / positives +
    sums[negative]! / (4 * positives * positives) / (negatives - 1) / negatives;
  return {
    positives,
    negatives,
    estimates: {
      aucFirst: moments.sumA[positive]! / (2 * positives * negatives),
      aucSecond: moments.sumB[positive]! / (2 * positives * negatives),
      varianceFirst: scaled(moments.squaresA),
      varianceSecond: scaled(moments.squaresB),
      covariance: scaled(moments.products),
      varianceOfDifference: scaled(moments.squaresOfDifference),
    },
  };
}

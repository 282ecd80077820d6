import { ComputeError, type NotEstimableReason } from "../errors.ts";
import { wilsonInterval } from "../intervals/wilson.ts";
import { readOrder, type Scores } from "./score-order.ts";
import { encodeCells, type StratifiedRows } from "./stratified-rows.ts";

/** How scores are put into bins. */
export const binnings = ["equal_width", "quantile"] as const;
export type Binning = (typeof binnings)[number];

/** One bin of a calibration curve. Empty bins are not listed. */
export interface CalibrationBin {
  /** Smallest and largest score in the bin. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly positives: number;
  readonly meanPredicted: number;
  /** positives / count, with its Wilson interval. */
  readonly observed: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** How far one stratum's scores are from being probabilities. */
export interface Calibration {
  readonly stratum: number;
  readonly count: number;
  readonly bins: readonly CalibrationBin[];
  /** Mean squared difference of score and truth, in [0, 1] (Brier 1950); null without rows. */
  readonly brier: number | null;
  /** Expected calibration error: mean over rows of |observed - mean predicted| of the row's bin, in [0, 1]. */
  readonly ece: number | null;
  readonly reason: NotEstimableReason | null;
}

/**
 * Calibration curve, Brier score and expected calibration error of every stratum; O(n + strata * bins).
 *
 * Bins: `equal_width` cuts [0, 1] evenly (a score on a cut belongs to the bin above it, 1 to the last); `quantile` gives each stratum bins of
 * nearly equal count, never parting equal scores. ECE depends on the bins (Naeini et al. 2015,
 * doi:10.1609/aaai.v29i1.9602): compare only like with like.
 *
 * @param level - nominal coverage of the Wilson intervals, in (0, 1).
 * @throws {ComputeError} INVALID_INPUT for scores outside [0, 1] or columns that do not fit; INVALID_PARAM for a number
 * of bins outside 1..1000.
 */
export function calibrationByStratum(
  input: StratifiedRows,
  options: { readonly bins?: number; readonly binning?: Binning; readonly level?: number } = {},
): Calibration[] {
  const { bins: binCount = 10, binning = "equal_width", level = 0.95 } = options;
  if (!Number.isInteger(binCount) || binCount < 1 || binCount > 1000) {
    throw new ComputeError("INVALID_PARAM", `Expected 1 to 1000 bins, got ${binCount}; 10 are usual`);
  }
  const { scores } = input.order;
  const { rows, tiedWithNext } = readOrder(input.order);
  requireProbabilities(scores, rows);
  const { codes, sizes, stratumCount } = encodeCells(input);
  const tallies = new BinTallies(stratumCount, binCount);
  const squares = new Float64Array(stratumCount);
  const seen = new Uint32Array(stratumCount);
  const currentBin = new Int32Array(stratumCount);
  const currentGroup = new Int32Array(stratumCount).fill(-1);
  let group = 0;
  // `!`: k < rows.length; rows < scores.length; sizes has two codes per stratum.
  for (let k = 0; k < rows.length; k += 1) {
    const row = rows[k]!;
    const code = codes[row]!;
    const stratum = code >> 1;
    if (stratum < stratumCount) {
      const score = scores[row]!;
      const label = code & 1;
      if (currentGroup[stratum] !== group) {
        // A tie group goes as one into the bin of its first row.
        const share = seen[stratum]! / (sizes[2 * stratum]! + sizes[2 * stratum + 1]!);
        currentBin[stratum] = Math.min(
          binCount - 1,
          Math.floor((binning === "quantile" ? share : score) * binCount),
        );
        currentGroup[stratum] = group;
      }
      tallies.add(stratum, currentBin[stratum]!, score, label);
      squares[stratum]! += (score - label) ** 2;
      seen[stratum]! += 1;
    }
    group += 1 - tiedWithNext[k]!;
  }
  return Array.from(seen, (count, stratum) => {
    const bins = tallies.bins(stratum, level);
    const error = bins.reduce((sum, bin) => sum + bin.count * Math.abs(bin.observed - bin.meanPredicted), 0);
    return {
      stratum,
      count,
      bins,
      brier: count === 0 ? null : squares[stratum]! / count,
      ece: count === 0 ? null : error / count,
      reason: count === 0 ? "NO_ROWS" : null,
    };
  });
}

/** @throws {ComputeError} INVALID_INPUT when a present score is outside [0, 1]. */
export function requireProbabilities(scores: Scores, ascendingRows: Uint32Array): void {
  // `!`: the order's rows are rows of its scores; the ends are read only when there are rows.
  if (ascendingRows.length === 0) return;
  if (scores[ascendingRows[0]!]! >= 0 && scores[ascendingRows.at(-1)!]! <= 1) return;
  throw new ComputeError(
    "INVALID_INPUT",
    "Expected scores from 0 to 1, got others; calibration needs probabilities",
  );
}

/** Running sums of stratum x bin. */
class BinTallies {
  readonly #binCount: number;
  readonly #counts: Uint32Array;
  readonly #positives: Uint32Array;
  readonly #sums: Float64Array;
  readonly #from: Float64Array;
  readonly #to: Float64Array;

  constructor(stratumCount: number, binCount: number) {
    const cells = stratumCount * binCount;
    this.#binCount = binCount;
    this.#counts = new Uint32Array(cells);
    this.#positives = new Uint32Array(cells);
    this.#sums = new Float64Array(cells);
    this.#from = new Float64Array(cells);
    this.#to = new Float64Array(cells);
  }

  /** Scores must come in ascending order. */
  add(stratum: number, bin: number, score: number, label: number): void {
    // `!`: bin < binCount and stratum < stratumCount by the callers' min and test.
    const cell = stratum * this.#binCount + bin;
    if (this.#counts[cell] === 0) this.#from[cell] = score;
    this.#to[cell] = score;
    this.#counts[cell]! += 1;
    this.#positives[cell]! += label;
    this.#sums[cell]! += score;
  }

  bins(stratum: number, level: number): CalibrationBin[] {
    const first = stratum * this.#binCount;
    const filled = Array.from({ length: this.#binCount }, (_, bin) => first + bin).filter(
      (cell) => this.#counts[cell]! > 0,
    );
    return filled.map((cell) => {
      const count = this.#counts[cell]!;
      const positives = this.#positives[cell]!;
      const { low, high } = wilsonInterval(positives, count, level);
      return {
        from: this.#from[cell]!,
        to: this.#to[cell]!,
        count,
        positives,
        meanPredicted: this.#sums[cell]! / count,
        observed: positives / count,
        low,
        high,
      };
    });
  }
}

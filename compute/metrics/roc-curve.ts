import { rankRocSteps } from "../../native/index.ts";
import { ComputeError, type NotEstimableReason } from "../errors.ts";
import { refusingInput } from "../native-refusal.ts";
import type { StratifiedRows } from "./stratified-rows.ts";

/** An empirical ROC curve: "positive" means score >= threshold. */
export interface RocCurve {
  /** False positive rate of each point, ascending from 0 to 1. */
  readonly fpr: Float64Array;
  /** True positive rate of each point, ascending from 0 to 1. */
  readonly tpr: Float64Array;
  /** Threshold of each point, descending; the first is +Infinity (nothing is called positive). */
  readonly thresholds: Float64Array;
  readonly positives: number;
  readonly negatives: number;
  /** Area under the drawn (thinned) points minus the AUC; at most 1 / (2 * segments) in size, 0 when not thinned. */
  readonly areaError: number;
}

/** All points of one stratum as counts, ties collapsed into one step. */
export interface RocSteps {
  /** Rows called positive at each threshold, of the negatives and of the positives; both ascend from 0. */
  readonly falsePositives: Uint32Array;
  readonly truePositives: Uint32Array;
  /** Descending; the first is +Infinity. */
  readonly thresholds: Float64Array;
  readonly positives: number;
  readonly negatives: number;
}

/**
 * Every threshold that changes a decision, with the decisions it makes, for one stratum: one pass of the addon, off the
 * main thread; O(n).
 *
 * @throws {ComputeError} INVALID_INPUT when lengths differ or there is no such stratum.
 * @throws {KernelError} as `stratifiedAuc`
 */
export async function rocSteps(
  { order, labels, strata, stratumCount }: StratifiedRows,
  stratum = 0,
): Promise<RocSteps> {
  const steps = await refusingInput(rankRocSteps({ scores: order, labels, strata, stratumCount }, stratum));
  // At the lowest threshold every row is called positive.
  const positives = steps.truePositives.at(-1) ?? 0;
  const negatives = steps.falsePositives.at(-1) ?? 0;
  return { ...steps, positives, negatives };
}

/**
 * The ROC curve of one stratum, thinned to at most `maxPoints` points.
 *
 * Points inside a straight run are dropped first; they change nothing. If there are still too many, the curve is cut
 * into equal pieces of fpr + tpr and each keeps its last point: a piece with dx + dy <= 2/pieces hides at most
 * dx dy / 2 of area, so all of them together hide at most 1 / (2 * pieces). The ends always stay, and every point kept
 * is a true point with its threshold.
 *
 * @param maxPoints - at least 3.
 * @returns the curve, or why there is none.
 * @throws {ComputeError} INVALID_INPUT for columns that do not fit; INVALID_PARAM for fewer than 3 points.
 */
export async function rocCurve(
  input: StratifiedRows,
  options: { readonly stratum?: number; readonly maxPoints?: number } = {},
): Promise<RocCurve | { readonly reason: NotEstimableReason }> {
  const maxPoints = options.maxPoints ?? 1000;
  if (!(maxPoints >= 3)) {
    throw new ComputeError(
      "INVALID_PARAM",
      `Expected at least 3 points, got ${maxPoints}; 200 draw a smooth curve`,
    );
  }
  const steps = await rocSteps(input, options.stratum);
  const { falsePositives, truePositives, thresholds, positives, negatives } = steps;
  if (positives + negatives === 0) return { reason: "NO_ROWS" };
  if (positives === 0) return { reason: "NO_POSITIVES" };
  if (negatives === 0) return { reason: "NO_NEGATIVES" };
  const kept = thin(steps, corners(steps), maxPoints);
  // `!`: every kept index is a point of steps.
  return {
    fpr: Float64Array.from(kept, (point) => falsePositives[point]! / negatives),
    tpr: Float64Array.from(kept, (point) => truePositives[point]! / positives),
    thresholds: Float64Array.from(kept, (point) => thresholds[point]!),
    positives,
    negatives,
    areaError:
      doubledArea(steps, kept) / (2 * positives * negatives) -
      doubledArea(steps) / (2 * positives * negatives),
  };
}

/** The points where the curve turns, ends included. */
function corners({ falsePositives, truePositives }: RocSteps): number[] {
  // `!`: point runs between the first and the last.
  const last = falsePositives.length - 1;
  const kept = [0];
  for (let point = 1; point < last; point += 1) {
    const before = kept.at(-1)!;
    const dxIn = falsePositives[point]! - falsePositives[before]!;
    const dyIn = truePositives[point]! - truePositives[before]!;
    const dxOut = falsePositives[point + 1]! - falsePositives[point]!;
    const dyOut = truePositives[point + 1]! - truePositives[point]!;
    if (dxIn * dyOut !== dxOut * dyIn) kept.push(point);
  }
  if (last > 0) kept.push(last);
  return kept;
}

function thin(steps: RocSteps, points: readonly number[], maxPoints: number): readonly number[] {
  if (points.length <= maxPoints) return points;
  // `!`: points are indices of steps, and there are more than three.
  const pieces = maxPoints - 2;
  const pieceOf = (point: number) => {
    const along =
      steps.falsePositives[point]! / steps.negatives + steps.truePositives[point]! / steps.positives;
    return Math.min(pieces - 1, Math.floor((along / 2) * pieces));
  };
  const inner = points.slice(1, -1);
  const kept = inner.filter(
    (point, k) => k === inner.length - 1 || pieceOf(inner[k + 1]!) !== pieceOf(point),
  );
  return [points[0]!, ...kept, points.at(-1)!];
}

/** Twice the area under the given points (all of them by default), in pairs of one positive and one negative. */
function doubledArea(steps: RocSteps, points?: readonly number[]): number {
  // `!`: points are indices of steps.
  const { falsePositives, truePositives } = steps;
  const count = points === undefined ? falsePositives.length : points.length;
  let area = 0;
  for (let k = 1; k < count; k += 1) {
    const to = points === undefined ? k : points[k]!;
    const from = points === undefined ? k - 1 : points[k - 1]!;
    area += (falsePositives[to]! - falsePositives[from]!) * (truePositives[to]! + truePositives[from]!);
  }
  return area;
}

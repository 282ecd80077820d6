import type { NotEstimableReason } from "../errors.ts";
import { criticalZ } from "../intervals/interval.ts";
import { requireProbabilities } from "./calibration.ts";
import { readOrder } from "./score-order.ts";
import { aucReason } from "./stratified-auc.ts";
import { encodeCells, type StratifiedRows } from "./stratified-rows.ts";

/** A coefficient with its Wald interval. */
export interface Coefficient {
  readonly value: number;
  readonly se: number;
  readonly low: number;
  readonly high: number;
}

/** Logistic recalibration of one stratum, or why there is none. */
export interface Recalibration {
  readonly stratum: number;
  /** Calibration in the large: the intercept with the slope held at 1; 0 is ideal, above 0 the scores are too low. */
  readonly intercept: Coefficient | null;
  /** Slope of the truth's log odds on the score's; 1 is ideal, below 1 the scores are too extreme. */
  readonly slope: Coefficient | null;
  readonly reason: NotEstimableReason | null;
}

/** Scores this close to 0 or 1 are moved here, since their logit is infinite. */
const SCORE_FLOOR = 1e-7;
const MAX_STEPS = 50;

/**
 * Calibration intercept and slope of every stratum by logistic regression of the truth on the logit of the score (Cox
 * 1958, doi:10.1093/biomet/45.3-4.562; Van Calster et al. 2019, doi:10.1186/s12916-019-1466-7). Newton's method,
 * O(n) per step and stratum.
 *
 * @throws {ComputeError} INVALID_INPUT for scores outside [0, 1] or columns that do not fit.
 */
export function recalibrationByStratum(input: StratifiedRows, level = 0.95): Recalibration[] {
  const z = criticalZ(level);
  const { scores } = input.order;
  const { rows } = readOrder(input.order);
  requireProbabilities(scores, rows);
  const { codes, sizes, stratumCount } = encodeCells(input);
  // `!`: codes and scores have one length; sizes two codes per stratum.
  const logits = Float64Array.from(scores, (score) => {
    const inner = Math.min(1 - SCORE_FLOOR, Math.max(SCORE_FLOOR, score));
    return Math.log(inner / (1 - inner));
  });
  return Array.from({ length: stratumCount }, (_, stratum) => {
    const reason = aucReason(sizes[2 * stratum + 1]!, sizes[2 * stratum]!);
    if (reason !== null) return { stratum, intercept: null, slope: null, reason };
    const members: { readonly logit: number; readonly label: number }[] = [];
    for (let row = 0; row < codes.length; row += 1) {
      if (codes[row]! >> 1 === stratum) members.push({ logit: logits[row]!, label: codes[row]! & 1 });
    }
    const large = fitLogistic(members, false);
    const line = fitLogistic(members, true);
    if (large === undefined || line === undefined) {
      return { stratum, intercept: null, slope: null, reason: "NO_CONVERGENCE" };
    }
    const coefficient = (value: number, se: number) => ({
      value,
      se,
      low: value - z * se,
      high: value + z * se,
    });
    return {
      stratum,
      intercept: coefficient(large.intercept, large.se),
      slope: coefficient(line.slope, line.se),
      reason: null,
    };
  });
}

/**
 * Newton's steps from (0, 1); `se` is that of the slope or, when the slope is held, of the intercept. Undefined when the
 * classes are separated or the scores constant.
 */
function fitLogistic(
  members: readonly { readonly logit: number; readonly label: number }[],
  freeSlope: boolean,
): { intercept: number; slope: number; se: number } | undefined {
  let intercept = 0;
  let slope = 1;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    let g0 = 0;
    let g1 = 0;
    let h00 = 0;
    let h01 = 0;
    let h11 = 0;
    for (const { logit, label } of members) {
      const fitted = 1 / (1 + Math.exp(-(intercept + slope * logit)));
      const weight = fitted * (1 - fitted);
      g0 += label - fitted;
      g1 += (label - fitted) * logit;
      h00 += weight;
      h01 += weight * logit;
      h11 += weight * logit * logit;
    }
    const determinant = freeSlope ? h00 * h11 - h01 * h01 : h00;
    if (!(determinant > 1e-10 * (freeSlope ? h00 * h11 : 1))) return undefined;
    const d0 = freeSlope ? (h11 * g0 - h01 * g1) / determinant : g0 / h00;
    const d1 = freeSlope ? (h00 * g1 - h01 * g0) / determinant : 0;
    // A long step is cut: far out the likelihood is flat and Newton overshoots.
    const cut = Math.min(1, 5 / Math.max(Math.abs(d0), Math.abs(d1), 1e-300));
    intercept += cut * d0;
    slope += cut * d1;
    if (Math.abs(d0) + Math.abs(d1) < 1e-10 * (1 + Math.abs(intercept) + Math.abs(slope))) {
      return { intercept, slope, se: Math.sqrt(freeSlope ? h00 / determinant : 1 / h00) };
    }
  }
  return undefined;
}

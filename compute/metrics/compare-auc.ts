import { rankPairedAuc } from "../../native/index.ts";
import { normalTwoSidedP, studentQuantile, studentTwoSidedP } from "../distributions.ts";
import type { NotEstimableReason } from "../errors.ts";
import { criticalZ, type Interval, noInterval } from "../intervals/interval.ts";
import { refusingInput } from "../native-refusal.ts";
import type { ScoreOrder } from "./score-order.ts";
import { type AucCell, aucReason } from "./stratified-auc.ts";

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
 * doi:10.2307/2531595). One pass of the addon over two cached orders, off the main thread; O(n + strata).
 *
 * Rows lacking either score are left out of both AUCs. The variance of the difference is summed by itself, in whole
 * numbers: two nearly equal columns do not cancel.
 *
 * @param level - nominal coverage in (0, 1).
 * @throws {ComputeError} INVALID_INPUT when lengths differ; INVALID_PARAM when `level` is out of range.
 * @throws {KernelError} as `stratifiedAuc`
 */
export async function comparePairedAucs(input: PairedInput, level: number): Promise<PairedCell[]> {
  const { first, second, labels, strata, stratumCount } = input;
  criticalZ(level); // refuses a level out of range
  const cells = await refusingInput(rankPairedAuc({ scores: first, labels, strata, stratumCount }, second));
  return cells.map(({ positives, negatives, varianceOfDifference, ...estimates }, stratum) => {
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
    const difference = estimates.aucFirst - estimates.aucSecond;
    const test = testDifference(difference, Math.sqrt(varianceOfDifference), null, level);
    return { stratum, positives, negatives, ...estimates, ...test };
  });
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

import {
  type ChosenThreshold,
  chooseThreshold,
  type OperatingPoint,
  type OperatingRate,
  operatingPoints,
  type Rate,
  rateGap,
  type StratifiedRows,
  type ThresholdRule,
} from "../../compute/index.ts";
import {
  assertMayQuery,
  hasRowRights,
  roundTo,
  SMALLEST_CELL,
  THRESHOLD_DECIMALS,
  VALUE_DECIMALS,
} from "../access/disclosure.ts";
import type { Principal } from "../access/principal.ts";
import { type AnalysisFrames, stratifiedRows } from "./analysis-rows.ts";
import { type CellCounts, countCells } from "./cell-counts.ts";
import type { GapAnalysis, OperatingThreshold, RateCell, RateGap } from "./gaps.type.ts";
import type { StratumLevel } from "./metric.table.ts";
import { badInput, classIndexesOf, type Question } from "./question.ts";
import { cellKey, type ShownCells, shownCells } from "./shown-cells.ts";
import { conflictRemark } from "./stratified-auc.ts";

/** How a threshold is found, and on which rows. */
export interface ThresholdPolicy {
  readonly rule: ThresholdRule;
  /** Null: on all rows of the question. */
  readonly on: { readonly split: string; readonly part: string } | null;
}

/** Gaps between strata as asked for. */
export interface GapsRequest extends Question {
  readonly classes: readonly string[] | null;
  readonly rates: readonly OperatingRate[];
  readonly threshold: ThresholdPolicy;
  /** Nominal coverage, in (0, 1). */
  readonly level: number;
}

/** Answers gaps of decisions between strata. */
export class GapsService {
  readonly #frames: AnalysisFrames;

  constructor(frames: AnalysisFrames) {
    this.#frames = frames;
  }

  /**
   * The rates at a threshold in every stratum, and how far the strata lie apart.
   *
   * @throws {ServiceError} NOT_FOUND, BAD_USER_INPUT, FORBIDDEN
   */
  async answer(request: GapsRequest, principal: Principal): Promise<GapAnalysis> {
    const { by, where, bins, level, threshold } = request;
    const { evaluation } = await this.#frames.columns.plan(request.evaluation);
    const role = principal.role(evaluation.datasetId);
    assertMayQuery(role, {
      by,
      filtersRows: where.length > 0 || threshold.on !== null,
      customBands: bins.length > 0,
      customThreshold: threshold.rule.kind === "value",
      level,
    });
    if (!(level > 0 && level < 1))
      throw badInput(`Expected a level between 0 and 1, got ${level}; 0.95 is 95 %`);
    const wanted = classIndexesOf(evaluation.classes, request.classes);
    const rows = await this.#frames.rows(request);
    const columns = await this.#frames.classRows(rows, request, wanted);
    const judged = await this.#choosers(request);
    const shown = hasRowRights(role) ? undefined : await shownCells(this.#frames, request);
    const answer = { thresholds: [] as OperatingThreshold[], cells: [] as RateCell[], gaps: [] as RateGap[] };
    for (const [i, column] of columns.entries()) {
      const className = evaluation.classes[wanted[i] ?? -1] ?? "";
      const chosen = await judged(wanted[i] ?? -1);
      answer.thresholds.push(shownThreshold(className, chosen, threshold, shown !== undefined));
      const { counts } = await countCells(this.#frames, rows, wanted[i] ?? -1, column);
      const { cells, gaps } = judge(counts, stratifiedRows(rows, column), chosen, request, shown);
      answer.cells.push(...cells);
      answer.gaps.push(...gaps);
    }
    const conflicts = columns.reduce((sum, { labelConflicts }) => sum + labelConflicts, 0);
    const remarks = [
      ...rows.remarks,
      ...conflictRemark(request.unit, conflicts),
      ...sameRowsRemark(threshold),
    ];
    const disclosed = shown === undefined ? remarks : sameRowsRemark(threshold);
    return {
      ...answer,
      suppressed: answer.cells.filter(({ status }) => status === "SUPPRESSED").length,
      remarks: disclosed,
    };
  }

  /** Finds the threshold of a class on the rows that the policy names. */
  async #choosers(request: GapsRequest): Promise<(classIndex: number) => Promise<ChosenThreshold>> {
    const { on, rule } = request.threshold;
    const where =
      on === null ? request.where : [...request.where, { attribute: `split:${on.split}`, in: [on.part] }];
    const question = { ...request, by: [], where };
    const rows = await this.#frames.rows(question);
    return async (classIndex) => {
      const [column] = await this.#frames.classRows(rows, question, [classIndex]);
      if (column === undefined) throw badInput("Expected a class of the task, got another");
      return chooseThreshold(stratifiedRows(rows, column), rule);
    };
  }
}

function judge(
  counts: readonly CellCounts[],
  input: StratifiedRows,
  { threshold, reason }: ChosenThreshold,
  { rates, level }: GapsRequest,
  shown: ShownCells | undefined,
): { cells: RateCell[]; gaps: RateGap[] } {
  // Without a threshold there are no decisions: every rate is empty, and says why.
  const points = operatingPoints(input, threshold ?? Infinity, level);
  const cells = rates.flatMap((rate) =>
    counts.map((cell, stratum) =>
      toCell(cell, rate, points[stratum], threshold === null ? reason : null, shown),
    ),
  );
  const gaps = rates.map((rate) => {
    // Hidden strata take no part: a gap would tell their rate.
    const visible = points.filter((_, stratum) => {
      const cell = cells.find((found) => found.rate === rate && found.stratum === counts[stratum]?.stratum);
      return cell?.status === "OK";
    });
    return toGap(rate, visible, counts, level, shown !== undefined);
  });
  return { cells, gaps };
}

function toCell(
  counts: CellCounts,
  rate: OperatingRate,
  point: OperatingPoint | undefined,
  failure: string | null,
  shown: ShownCells | undefined,
): RateCell {
  const { class: className, stratum, nPositive, nNegative, nPatients, nLeftOut } = counts;
  const place = { class: className, stratum, rate };
  const measured = point?.rates[rate];
  const coarseCounts = shown?.get(cellKey(counts));
  if (shown !== undefined && (coarseCounts === undefined || !isCommon(measured))) {
    return { ...place, ...noRate, ...noCounts, status: "SUPPRESSED", reason: "SMALL_CELL" };
  }
  const people =
    coarseCounts === undefined
      ? {
          successes: measured?.successes ?? 0,
          total: measured?.total ?? 0,
          ...{ nPositive, nNegative, nPatients, nLeftOut },
        }
      : {
          successes: null,
          total: null,
          nPositive: coarseCounts.nPositive,
          nNegative: coarseCounts.nNegative,
          nPatients: coarseCounts.nPatients,
          nLeftOut: null,
        };
  const reason = failure ?? measured?.reason ?? null;
  if (measured === undefined || reason !== null) {
    return { ...place, ...people, ...noRate, status: "NOT_ESTIMABLE", reason };
  }
  const coarse = (value: number | null) =>
    value === null || shown === undefined ? value : roundTo(value, VALUE_DECIMALS);
  const { value, low, high } = measured;
  return {
    ...place,
    ...people,
    value: coarse(value),
    ciLow: coarse(low),
    ciHigh: coarse(high),
    status: "OK",
    reason: null,
  };
}

const noRate = { value: null, ciLow: null, ciHigh: null };
const noCounts = {
  successes: null,
  total: null,
  nPositive: null,
  nNegative: null,
  nPatients: null,
  nLeftOut: null,
};

/** A rate of nearly all or nearly none says something of single patients. */
function isCommon(rate: Rate | undefined): boolean {
  return (
    rate === undefined || (rate.successes >= SMALLEST_CELL && rate.total - rate.successes >= SMALLEST_CELL)
  );
}

function toGap(
  rate: OperatingRate,
  points: readonly OperatingPoint[],
  counts: readonly CellCounts[],
  level: number,
  coarsely: boolean,
): RateGap {
  const { gap, interval, bestStratum, worstStratum } = rateGap(points, rate, level);
  const levelsAt = (index: number | null): readonly StratumLevel[] | null =>
    index === null ? null : (counts[points[index]?.stratum ?? -1]?.stratum ?? null);
  const coarse = (value: number | null) =>
    value === null || !coarsely ? value : roundTo(value, VALUE_DECIMALS);
  return {
    class: counts[0]?.class ?? "",
    rate,
    gap: coarse(gap),
    ciLow: coarse(interval.low),
    ciHigh: coarse(interval.high),
    best: levelsAt(bestStratum),
    worst: levelsAt(worstStratum),
    leftOut: counts.length - points.length,
    reason: gap === null ? "TOO_FEW_STRATA" : null,
  };
}

function shownThreshold(
  className: string,
  chosen: ChosenThreshold,
  { rule, on }: ThresholdPolicy,
  coarsely: boolean,
): OperatingThreshold {
  const coarse = (value: number | null, decimals: number) =>
    value === null || !coarsely ? value : roundTo(value, decimals);
  return {
    class: className,
    rule: rule.kind,
    at: "at" in rule ? rule.at : null,
    split: on?.split ?? null,
    part: on?.part ?? null,
    threshold: coarse(chosen.threshold, THRESHOLD_DECIMALS),
    tpr: coarse(chosen.tpr, VALUE_DECIMALS),
    fpr: coarse(chosen.fpr, VALUE_DECIMALS),
    equallyGood: coarsely ? null : chosen.equallyGood,
    reason: chosen.reason,
  };
}

function sameRowsRemark({ rule, on }: ThresholdPolicy): string[] {
  if (rule.kind === "value" || on !== null) return [];
  return ["The threshold was chosen on the rows that it is judged by: the rates are optimistic."];
}

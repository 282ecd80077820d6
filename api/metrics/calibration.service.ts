import {
  type Binning,
  type Coefficient,
  type Calibration as Curve,
  calibrationByStratum,
  type Recalibration,
  recalibrationByStratum,
} from "../../compute/index.ts";
import { assertMayQuery, hasRowRights, roundTo, VALUE_DECIMALS } from "../access/disclosure.ts";
import type { Principal } from "../access/principal.ts";
import { type AnalysisFrames, stratifiedRows } from "./analysis-rows.ts";
import type { CalibrationAnalysis, CalibrationCell } from "./calibration.type.ts";
import { type CellCounts, countCells } from "./cell-counts.ts";
import { badInput, classIndexesOf, type Question } from "./question.ts";
import { cellKey, type ShownCells, shownCells } from "./shown-cells.ts";
import { conflictRemark } from "./stratified-auc.ts";

/** Calibration as asked for. */
export interface CalibrationRequest extends Question {
  readonly classes: readonly string[] | null;
  readonly binCount: number;
  readonly binning: Binning;
  /** Nominal coverage, in (0, 1). */
  readonly level: number;
}

/** Answers how far scores are from being probabilities. */
export class CalibrationService {
  readonly #frames: AnalysisFrames;

  constructor(frames: AnalysisFrames) {
    this.#frames = frames;
  }

  /**
   * Calibration of every class in every stratum, as far as the caller may see it.
   *
   * @throws {ServiceError} NOT_FOUND, BAD_USER_INPUT (also when the scores are no probabilities), FORBIDDEN
   */
  async answer(request: CalibrationRequest, principal: Principal): Promise<CalibrationAnalysis> {
    const { by, where, bins, level, binCount, binning } = request;
    const { evaluation } = await this.#frames.columns.plan(request.evaluation);
    const role = principal.role(evaluation.datasetId);
    assertMayQuery(role, { by, filtersRows: where.length > 0, customBands: bins.length > 0, level });
    if (evaluation.scoreKind !== "probability") {
      throw badInput(
        `Expected an evaluation whose scores are probabilities, got ${evaluation.scoreKind}; calibration needs them`,
      );
    }
    const wanted = classIndexesOf(evaluation.classes, request.classes);
    const rows = await this.#frames.rows(request);
    const columns = await this.#frames.classRows(rows, request, wanted);
    const shown = hasRowRights(role) ? undefined : await shownCells(this.#frames, request);
    const cells: CalibrationCell[] = [];
    for (const [i, column] of columns.entries()) {
      const input = stratifiedRows(rows, column);
      const curves = calibrationByStratum(input, { bins: binCount, binning, level });
      const fits = recalibrationByStratum(input, level);
      const { counts } = await countCells(this.#frames, rows, wanted[i] ?? -1, column);
      cells.push(...counts.map((cell, stratum) => toCell(cell, curves[stratum], fits[stratum], shown)));
    }
    const conflicts = columns.reduce((sum, { labelConflicts }) => sum + labelConflicts, 0);
    return {
      cells,
      suppressed: cells.filter(({ status }) => status === "SUPPRESSED").length,
      remarks: shown === undefined ? [...rows.remarks, ...conflictRemark(request.unit, conflicts)] : [],
    };
  }
}

function toCell(
  counts: CellCounts,
  curve: Curve | undefined,
  fit: Recalibration | undefined,
  shown: ShownCells | undefined,
): CalibrationCell {
  const { class: className, stratum, nPositive, nNegative, nPatients, nLeftOut } = counts;
  const place = { class: className, stratum };
  const coarseCounts = shown?.get(cellKey(counts));
  if (shown !== undefined && coarseCounts === undefined) {
    return { ...place, ...nothing, ...noCounts, status: "SUPPRESSED", reason: "SMALL_CELL" };
  }
  const exact = shown === undefined;
  const coarse = (value: number | null) => (value === null || exact ? value : roundTo(value, VALUE_DECIMALS));
  const people =
    coarseCounts === undefined
      ? { nPositive, nNegative, nPatients, nLeftOut }
      : {
          nPositive: coarseCounts.nPositive,
          nNegative: coarseCounts.nNegative,
          nPatients: coarseCounts.nPatients,
          nLeftOut: null,
        };
  if (curve === undefined || curve.reason !== null) {
    return { ...place, ...people, ...nothing, status: "NOT_ESTIMABLE", reason: curve?.reason ?? "NO_ROWS" };
  }
  const coefficient = (found: Coefficient | null | undefined) =>
    found == null
      ? null
      : { value: coarse(found.value), ciLow: coarse(found.low), ciHigh: coarse(found.high) };
  return {
    ...place,
    ...people,
    brier: coarse(curve.brier),
    ece: coarse(curve.ece),
    intercept: coefficient(fit?.intercept),
    slope: coefficient(fit?.slope),
    recalibrationReason: fit?.reason ?? null,
    // Bins hold few rows each, and their ends are scores of patients.
    bins: exact ? curve.bins.map(({ low, high, ...bin }) => ({ ...bin, ciLow: low, ciHigh: high })) : null,
    status: "OK",
    reason: null,
  };
}

const nothing = {
  brier: null,
  ece: null,
  intercept: null,
  slope: null,
  recalibrationReason: null,
  bins: null,
};
const noCounts = { nPositive: null, nNegative: null, nPatients: null, nLeftOut: null };

import { rocCurve } from "../../compute/index.ts";
import { assertMayQuery, discloseRoc, hasRowRights, roundTo, VALUE_DECIMALS } from "../access/disclosure.ts";
import type { Principal } from "../access/principal.ts";
import { type AnalysisFrames, stratifiedRows } from "./analysis-rows.ts";
import { countCells } from "./cell-counts.ts";
import type { StratumLevel } from "./metric.table.ts";
import { badInput, classIndexesOf, type Question } from "./question.ts";
import type { RocCurve } from "./roc-curve.type.ts";
import { cellKey, shownCells } from "./shown-cells.ts";

/** A ROC curve as asked for; `by` holds the attributes of the stratum. */
export interface RocCurveRequest extends Question {
  readonly className: string;
  readonly stratum: readonly StratumLevel[];
  readonly maxPoints: number;
}

/** Points of one curve: more are no longer seen. */
const MAX_POINTS = 10_000;

/** Answers ROC curves. */
export class RocCurveService {
  readonly #frames: AnalysisFrames;

  constructor(frames: AnalysisFrames) {
    this.#frames = frames;
  }

  /**
   * The ROC curve of one class in one stratum, as far as the caller may see it.
   *
   * @throws {ServiceError} NOT_FOUND, BAD_USER_INPUT, FORBIDDEN
   */
  async answer(request: RocCurveRequest, principal: Principal): Promise<RocCurve> {
    const { className, stratum, maxPoints, by, where, bins } = request;
    const plan = await this.#frames.columns.plan(request.evaluation);
    const role = principal.role(plan.evaluation.datasetId);
    assertMayQuery(role, { by, filtersRows: where.length > 0, customBands: bins.length > 0 });
    if (!Number.isInteger(maxPoints) || maxPoints < 3 || maxPoints > MAX_POINTS) {
      throw badInput(`Expected 3 to ${MAX_POINTS} points, got ${maxPoints}; 200 draw a smooth curve`);
    }
    await this.#frames.conditions.requireLevels(plan, request, stratum);
    const rows = await this.#frames.rows(request);
    const place = rows.strata.levels.findIndex((levels) => sameLevels(levels, stratum));
    const [classIndex = -1] = classIndexesOf(plan.evaluation.classes, [className]);
    const [column] = await this.#frames.classRows(rows, request, [classIndex]);
    const counted = column && (await countCells(this.#frames, rows, classIndex, column));
    const counts = counted?.counts[place];
    const asked = { class: className, stratum, remarks: hasRowRights(role) ? rows.remarks : [] };
    if (column === undefined || counts === undefined)
      return { ...asked, ...noCurve("NOT_ESTIMABLE", "NO_ROWS") };
    const people = hasRowRights(role)
      ? counts
      : (await shownCells(this.#frames, request)).get(cellKey(counts));
    if (people === undefined) return { ...asked, ...noCurve("SUPPRESSED", "SMALL_CELL") };
    const curve = await rocCurve(stratifiedRows(rows, column), { stratum: place, maxPoints });
    if ("reason" in curve) return { ...asked, ...noCurve("NOT_ESTIMABLE", curve.reason) };
    const points = discloseRoc(
      {
        fpr: Array.from(curve.fpr),
        tpr: Array.from(curve.tpr),
        // JSON has no infinity: where nothing is called positive, the threshold is null.
        threshold: Array.from(curve.thresholds, (threshold) =>
          Number.isFinite(threshold) ? threshold : null,
        ),
      },
      counts,
      role,
    );
    if (points === undefined) return { ...asked, ...noCurve("SUPPRESSED", "SMALL_CELL") };
    const { auc = null } = counted?.estimates[place] ?? {};
    return {
      ...asked,
      ...points,
      auc: auc === null || hasRowRights(role) ? auc : roundTo(auc, VALUE_DECIMALS),
      areaError: hasRowRights(role) ? curve.areaError : null,
      nPositive: people.nPositive,
      nNegative: people.nNegative,
      nPatients: people.nPatients,
      status: "OK",
      reason: null,
    };
  }
}

/** Whether two strata are the same, whatever the order of their attributes. */
export function sameLevels(a: readonly StratumLevel[], b: readonly StratumLevel[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ attribute, level }) =>
      b.some((other) => other.attribute === attribute && other.level === level),
    )
  );
}

function noCurve(
  status: "SUPPRESSED" | "NOT_ESTIMABLE",
  reason: string,
): Omit<RocCurve, "class" | "stratum" | "remarks"> {
  const counts = { nPositive: null, nNegative: null, nPatients: null };
  return { fpr: [], tpr: [], threshold: [], auc: null, areaError: null, ...counts, status, reason };
}

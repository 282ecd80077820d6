import { assertMayQuery, discloseCells, hasRowRights, VALUE_DECIMALS } from "../access/disclosure.ts";
import type { Principal } from "../access/principal.ts";
import type { EvaluationService } from "../predictions/evaluation.service.ts";
import type { EvaluationPlan } from "../predictions/evaluation-columns.ts";
import { AnalysisFrames } from "./analysis-rows.ts";
import { bandsFor } from "./bands.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { type AttributePredicate, classIndexesOf, type Question } from "./question.ts";
import { countMargins } from "./shown-cells.ts";
import {
  auditTrail,
  computeStratifiedAuc,
  type ExactAucCell,
  type StratifiedAucRequest,
} from "./stratified-auc.ts";
import type { AucCell, AucOrigin, StratifiedAuc } from "./stratified-auc.type.ts";

/** Answers stratified AUCs. */
export class StratifiedAucService {
  readonly frames: AnalysisFrames;

  constructor(evaluations: EvaluationService) {
    this.frames = new AnalysisFrames(evaluations.columns);
  }

  /**
   * AUCs by class and stratum, as far as the caller may see them.
   *
   * @throws {ServiceError} NOT_FOUND, BAD_USER_INPUT, FORBIDDEN; the signal's reason once it is aborted
   */
  async answer(
    request: StratifiedAucRequest,
    principal: Principal,
    signal?: AbortSignal,
  ): Promise<StratifiedAuc> {
    const plan = await this.frames.columns.plan(request.evaluation);
    const role = principal.role(plan.evaluation.datasetId);
    assertMayQuery(role, {
      by: request.by,
      filtersRows: request.where.length > 0,
      customBands: request.bins.length > 0,
      level: request.level,
    });
    const origin = originOf(plan, request);
    if (hasRowRights(role)) {
      const { cells, remarks } = await computeStratifiedAuc(this.frames, request, signal);
      return { cells: cells.map(exactCell), suppressed: 0, origin, remarks };
    }
    const wanted = classIndexesOf(plan.evaluation.classes, request.classes);
    // Disclosure decides over all classes and all margins, whatever was asked.
    const [whole, margins] = await Promise.all([
      computeStratifiedAuc(this.frames, { ...request, classes: null }, signal),
      countMargins(this.frames, request, signal),
    ]);
    const { cells } = discloseCells(whole.cells, role, {
      margins,
      exclusiveClasses: plan.evaluation.taskKind !== "multilabel",
      decimals: { auc: VALUE_DECIMALS, se: VALUE_DECIMALS, ciLow: VALUE_DECIMALS, ciHigh: VALUE_DECIMALS },
    });
    const names = wanted.map((index) => plan.evaluation.classes[index]);
    const shown = cells
      .filter((cell) => names.includes(cell.class))
      .map(({ class: className, stratum, cell }) =>
        cell === undefined ? suppressedCell(className, stratum) : { ...exactCell(cell), nLeftOut: null },
      );
    const suppressed = shown.filter(({ status }) => status === "SUPPRESSED").length;
    return { cells: shown, suppressed, origin, remarks: [] };
  }
}

/** A cell that is shown as it is. */
export function exactCell({ nPositivePatients: _, nNegativePatients: __, ...cell }: ExactAucCell): AucCell {
  return { ...cell, status: cell.reason === null ? "OK" : "NOT_ESTIMABLE" };
}

function suppressedCell(className: string, stratum: AucCell["stratum"]): AucCell {
  const values = { auc: null, se: null, ciLow: null, ciHigh: null };
  const counts = { nPositive: null, nNegative: null, nPatients: null, nLeftOut: null };
  const status = { status: "SUPPRESSED", reason: "SMALL_CELL", intervalReason: null } as const;
  return { class: className, stratum, ...values, ...counts, ...status };
}

/** What decides an answer about AUCs. */
export function originOf(plan: EvaluationPlan, request: StratifiedAucRequest): AucOrigin {
  const { ci, level, unit } = request;
  return {
    ...auditTrail(ci),
    ci,
    level,
    unit,
    evaluationFingerprint: plan.evaluation.fingerprint,
    fingerprint: fingerprintOf({
      ...identityOf(plan, request),
      by: request.by,
      classes: classIndexesOf(plan.evaluation.classes, request.classes).map(
        (index) => plan.evaluation.classes[index],
      ),
    }),
  };
}

/**
 * What decides a single cell beside its class and stratum, in canonical form: the same rows asked for in other words
 * have the same identity.
 */
export function identityOf(
  plan: EvaluationPlan,
  request: StratifiedAucRequest,
): Readonly<Record<string, unknown>> {
  const { ci, level, unit, where } = request;
  return {
    ...auditTrail(ci),
    ci,
    ...(ci === "NONE" ? {} : { level }),
    ...(ci === "BOOTSTRAP" ? { replicates: request.replicates, seed: request.seed } : {}),
    unit,
    evaluation: plan.evaluation.fingerprint,
    where: canonicalWhere(where),
    bins: bandsUsed(plan, request),
    mappings: mappingsUsed(plan, request),
  };
}

/** Conditions in one order, levels sorted, absent tests left out. */
export function canonicalWhere(where: readonly AttributePredicate[]): readonly AttributePredicate[] {
  return where
    .map(({ attribute, in: levels, gte, lt }) => ({
      attribute,
      ...(levels == null ? {} : { in: [...new Set(levels)].sort() }),
      ...(gte == null ? {} : { gte }),
      ...(lt == null ? {} : { lt }),
    }))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** The edges of every number attribute that divides rows, or whose bands are a condition. */
function bandsUsed(
  plan: EvaluationPlan,
  { by, where, bins }: Question,
): Readonly<Record<string, readonly number[]>> {
  const names = [
    ...by,
    ...where.filter(({ in: levels }) => levels != null).map(({ attribute }) => attribute),
  ];
  const numbers = names.filter((name) => plan.attributes.get(name)?.kind === "number");
  return Object.fromEntries(numbers.map((name) => [name, bandsFor(name, bins).edges]));
}

/** The versions of the mappings through which attributes were read. */
function mappingsUsed(plan: EvaluationPlan, { by, where }: Question): Readonly<Record<string, string>> {
  const names = [plan.evaluation.taskAttribute, ...by, ...where.map(({ attribute }) => attribute)];
  return Object.fromEntries(
    names.flatMap((name) => {
      const mapping = plan.attributes.get(name)?.mapping;
      return mapping == null ? [] : [[name, `${mapping.slug}@${mapping.version}`] as const];
    }),
  );
}

import { adjustPValues, type PAdjustment } from "../../compute/index.ts";
import { assertMayQuery, hasRowRights, roundTo, VALUE_DECIMALS } from "../access/disclosure.ts";
import type { Principal } from "../access/principal.ts";
import { type AnalysisFrames, type AnalysisRows, type ClassRows } from "./analysis-rows.ts";
import {
  type ComparedPair,
  type ComparedSide,
  type ComparisonBootstrap,
  type ComparisonMethod,
  compareByBootstrap,
  comparePaired,
  compareUnpaired,
} from "./compare-auc.ts";
import type { AucComparison, AucComparisonCell } from "./compare-auc.type.ts";
import type { StratumLevel } from "./metric.table.ts";
import { badInput, classIndexesOf, type Question } from "./question.ts";
import { sameLevels } from "./roc-curve.service.ts";
import { cellKey, shownCells } from "./shown-cells.ts";
import { requireReplicates } from "./stratified-auc.ts";

/** One side as asked for. */
export interface SideRequest {
  readonly evaluation: number;
  /** Null: every class that both sides have. */
  readonly className: string | null;
  readonly stratum: readonly StratumLevel[];
}

/** Whether rows are matched one to one. */
export const pairings = ["AUTO", "PAIRED", "UNPAIRED"] as const;
export type Pairing = (typeof pairings)[number];

/** A comparison as asked for. */
export interface CompareAucRequest extends Omit<Question, "evaluation">, ComparisonBootstrap {
  readonly first: SideRequest;
  readonly second: SideRequest;
  readonly pairing: Pairing;
  readonly test: "DELONG" | "BOOTSTRAP";
  readonly level: number;
  readonly adjustment: PAdjustment | "none";
}

interface Side {
  readonly request: SideRequest;
  readonly question: Question;
  readonly rows: AnalysisRows;
}

/** Answers comparisons of AUCs. */
export class CompareAucService {
  readonly #frames: AnalysisFrames;

  constructor(frames: AnalysisFrames) {
    this.#frames = frames;
  }

  /**
   * The difference of two AUCs in every stratum, with its interval and test, as far as the caller may see it.
   *
   * @throws {ServiceError} NOT_FOUND, BAD_USER_INPUT, FORBIDDEN; the signal's reason once it is aborted
   */
  async answer(
    request: CompareAucRequest,
    principal: Principal,
    signal?: AbortSignal,
  ): Promise<AucComparison> {
    const { by, where, bins, level } = request;
    if (!(level > 0 && level < 1))
      throw badInput(`Expected a level between 0 and 1, got ${level}; 0.95 is 95 %`);
    const [first, second] = await Promise.all([
      this.#side(request, request.first, principal),
      this.#side(request, request.second, principal),
    ]);
    requireComparable(first.request, second.request);
    const exact = [first, second].every(({ rows }) =>
      hasRowRights(principal.role(rows.plan.evaluation.datasetId)),
    );
    const paired = isPaired(request, first, second);
    const cells: (AucComparisonCell & { readonly p: number | null })[] = [];
    const strata = strataOf(first, by);
    for (const [a, b] of classPairs(first, second)) {
      const [of, against] = await Promise.all([this.#column(first, a), this.#column(second, b)]);
      const sideA = { rows: first.rows, column: of, strata: strata.map((levels) => placeOf(first, levels)) };
      const sideB = {
        rows: second.rows,
        column: against,
        strata: strata.map((levels) => placeOf(second, levels)),
      };
      const method = methodOf(request, paired, sideA, sideB);
      const pairs = await this.#compare(method, sideA, sideB, request, signal);
      cells.push(...pairs.map((pair, i) => toCell(pair, a, b, strata[i] ?? [], method)));
    }
    const shown = exact ? cells : await this.#disclose(cells, first, second);
    const adjusted =
      request.adjustment === "none"
        ? shown.map(({ p }) => p)
        : adjustPValues(
            shown.map(({ p }) => p),
            request.adjustment,
          );
    return {
      cells: shown.map((cell, i) => ({
        ...cell,
        pAdjusted: exact ? (adjusted[i] ?? null) : rounded(adjusted[i] ?? null),
      })),
      suppressed: shown.filter(({ status }) => status === "SUPPRESSED").length,
      remarks: exact ? remarksOf(first, second, cells, where.length + bins.length) : [],
    };
  }

  async #side(request: CompareAucRequest, side: SideRequest, principal: Principal): Promise<Side> {
    const { where, bins, unit, level } = request;
    const by = [...request.by, ...side.stratum.map(({ attribute }) => attribute)];
    const question = { evaluation: side.evaluation, by, where, bins, unit };
    const plan = await this.#frames.columns.plan(side.evaluation);
    const role = principal.role(plan.evaluation.datasetId);
    assertMayQuery(role, { by, filtersRows: where.length > 0, customBands: bins.length > 0, level });
    await this.#frames.conditions.requireLevels(plan, request, side.stratum);
    return { request: side, question, rows: await this.#frames.rows(question) };
  }

  async #column({ rows, question }: Side, className: string): Promise<ClassRows> {
    const indexes = classIndexesOf(rows.plan.evaluation.classes, [className]);
    const [column] = await this.#frames.classRows(rows, question, indexes);
    if (column === undefined) throw badInput("Expected a class of the task, got another");
    return column;
  }

  #compare(
    method: ComparisonMethod,
    first: ComparedSide,
    second: ComparedSide,
    request: CompareAucRequest,
    signal: AbortSignal | undefined,
  ): Promise<ComparedPair[]> {
    if (method === "DELONG_PAIRED") return comparePaired(first, second, request.level);
    if (method === "DELONG_UNPAIRED") return compareUnpaired(first, second, request.level);
    requireReplicates(request, first.rows.count * 2, first.rows.strata.sizes.length * 2);
    return compareByBootstrap(first, second, request.level, request, signal);
  }

  /** A difference is shown where both AUCs are, coarsely, without counts and statistic. */
  async #disclose<Cell extends AucComparisonCell>(
    cells: readonly Cell[],
    first: Side,
    second: Side,
  ): Promise<Cell[]> {
    const [ofFirst, ofSecond] = await Promise.all([
      shownCells(this.#frames, first.question),
      shownCells(this.#frames, second.question),
    ]);
    return cells.map((cell) => {
      const a = cellKey({ class: cell.class, stratum: [...cell.stratum, ...first.request.stratum] });
      const b = cellKey({ class: cell.secondClass, stratum: [...cell.stratum, ...second.request.stratum] });
      const counts = {
        nPositiveFirst: null,
        nNegativeFirst: null,
        nPositiveSecond: null,
        nNegativeSecond: null,
      };
      if (!ofFirst.has(a) || !ofSecond.has(b)) {
        return { ...cell, ...noNumbers, ...counts, status: "SUPPRESSED", reason: "SMALL_CELL" };
      }
      return {
        ...cell,
        ...counts,
        aucFirst: rounded(cell.aucFirst),
        aucSecond: rounded(cell.aucSecond),
        difference: rounded(cell.difference),
        se: rounded(cell.se),
        ciLow: rounded(cell.ciLow),
        ciHigh: rounded(cell.ciHigh),
        p: rounded(cell.p),
        statistic: null,
        df: null,
      };
    });
  }
}

const noNumbers = {
  aucFirst: null,
  aucSecond: null,
  difference: null,
  se: null,
  ciLow: null,
  ciHigh: null,
  statistic: null,
  df: null,
  p: null,
};

function rounded(value: number | null): number | null {
  return value === null ? null : roundTo(value, VALUE_DECIMALS);
}

function requireComparable(first: SideRequest, second: SideRequest): void {
  const names = (side: SideRequest) => JSON.stringify(side.stratum.map(({ attribute }) => attribute).sort());
  if (names(first) !== names(second)) {
    throw badInput(
      "Expected strata of the same attributes on both sides, got others; name the same attributes",
    );
  }
  const same = first.evaluation === second.evaluation && first.className === second.className;
  if (same && sameLevels(first.stratum, second.stratum)) {
    throw badInput("Expected two sides that differ, got the same twice; change evaluation, class or stratum");
  }
}

/** Same images, same stratum: each row of one side is a row of the other. */
function isPaired({ pairing }: CompareAucRequest, first: Side, second: Side): boolean {
  const sameImages =
    first.rows.plan.evaluation.datasetVersionId === second.rows.plan.evaluation.datasetVersionId;
  const possible = sameImages && sameLevels(first.request.stratum, second.request.stratum);
  if (pairing === "PAIRED" && !possible) {
    throw badInput("Expected two sides of the same images to pair, got others; ask for UNPAIRED");
  }
  return pairing === "UNPAIRED" ? false : possible;
}

function methodOf(
  { test, pairing }: CompareAucRequest,
  paired: boolean,
  first: ComparedSide,
  second: ComparedSide,
): ComparisonMethod {
  if (test === "BOOTSTRAP") {
    const sameImages = first.rows.key === second.rows.key;
    if (pairing !== "UNPAIRED" && sameImages) return "BOOTSTRAP_PAIRED";
    throw badInput(
      "Expected two sides of the same dataset version for BOOTSTRAP, got others; ask for DELONG",
    );
  }
  if (!paired) return "DELONG_UNPAIRED";
  // DeLong's covariance is of two scores against one truth; two truths need the bootstrap.
  return sameTruth(first.column.labels, second.column.labels) ? "DELONG_PAIRED" : "BOOTSTRAP_PAIRED";
}

function sameTruth(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || Buffer.compare(a, b) === 0;
}

function classPairs(first: Side, second: Side): (readonly [string, string])[] {
  const [ofFirst, ofSecond] = [first, second].map(({ rows }) => rows.plan.evaluation.classes);
  const { className: a } = first.request;
  const { className: b } = second.request;
  if (a !== null || b !== null) return [[a ?? b ?? "", b ?? a ?? ""]];
  const common = (ofFirst ?? []).filter((name) => ofSecond?.includes(name));
  if (common.length === 0)
    throw badInput("Expected evaluations with a class in common, got none; name one for each side");
  return common.map((name) => [name, name] as const);
}

/** The strata of `by` that the first side has, without the attributes that set the sides apart. */
function strataOf({ rows, request }: Side, by: readonly string[]): (readonly StratumLevel[])[] {
  if (by.length === 0) return [[]];
  const apart = new Set(request.stratum.map(({ attribute }) => attribute));
  const strata = rows.strata.levels.map((levels) => levels.filter(({ attribute }) => !apart.has(attribute)));
  return [...new Map(strata.map((levels) => [JSON.stringify(levels), levels])).values()];
}

function placeOf({ rows, request }: Side, levels: readonly StratumLevel[]): number {
  const wanted = [...levels, ...request.stratum];
  return rows.strata.levels.findIndex((found) => sameLevels(found, wanted));
}

function toCell(
  pair: ComparedPair,
  className: string,
  secondClass: string,
  stratum: readonly StratumLevel[],
  method: ComparisonMethod,
): AucComparisonCell & { readonly p: number | null } {
  const { reason, difference } = pair;
  return {
    ...pair,
    class: className,
    secondClass,
    stratum,
    method,
    pAdjusted: null,
    status: difference === null ? "NOT_ESTIMABLE" : "OK",
    reason,
  };
}

function remarksOf(
  first: Side,
  second: Side,
  cells: readonly AucComparisonCell[],
  conditions: number,
): string[] {
  const remarks = [...first.rows.remarks];
  const [a, b] = [first.rows.plan.evaluation, second.rows.plan.evaluation];
  const unpaired = cells.some(({ method }) => method === "DELONG_UNPAIRED");
  if (unpaired && a.datasetVersionId === b.datasetVersionId) {
    remarks.push(
      "Both sides are of one dataset version and may share patients; the test takes them as independent.",
    );
  }
  if (a.datasetVersionId !== b.datasetVersionId && conditions > 0) {
    remarks.push("Conditions and bands were applied to each dataset by itself.");
  }
  return remarks;
}

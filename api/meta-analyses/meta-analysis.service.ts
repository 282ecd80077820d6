import {
  type MetaAnalysis as Analysis,
  forestSvg,
  type MetaModel,
  type MetaScale,
  type MetaTest,
  metaAnalysis,
  type StudyInput,
} from "../../compute/index.ts";
import type { Principal } from "../access/principal.ts";
import type { Db } from "../db/executor.ts";
import { ServiceError } from "../errors.ts";
import type { MetricSelection } from "../metrics/metric.queries.ts";
import type { MetricService } from "../metrics/metric.service.ts";
import type { MetricView } from "../metrics/metric-disclosure.ts";
import { badInput } from "../metrics/question.ts";
import type { ServiceDeps } from "../services.ts";
import { findRecordNames } from "./meta-analysis.queries.ts";
import { studyOf, tellApart, USUAL_LEVEL } from "./record-study.ts";

/** A meta-analysis as asked for: of stored records, or of numbers given. */
export interface MetaAnalysisRequest {
  readonly metrics: MetricSelection | null;
  readonly estimates: readonly StudyInput[] | null;
  readonly scale: MetaScale;
  readonly model: MetaModel;
  readonly test: MetaTest;
  readonly moderators: readonly string[];
  readonly level: number;
}

/** A study that takes no part, and why. */
export interface LeftOut {
  readonly label: string;
  /** A code. */
  readonly reason: string;
  readonly record: MetricView | null;
}

/** A pooled estimate with the records behind it. */
export interface PooledAnalysis {
  readonly analysis: Analysis;
  /** Records by place of the study; empty for numbers given. */
  readonly records: readonly MetricView[];
  readonly leftOut: readonly LeftOut[];
}

/** Most studies of one analysis, and most moderators. */
const MAX_STUDIES = 1_000;
const MAX_MODERATORS = 20;

/** Pools results. */
export class MetaAnalysisService {
  readonly #db: Db;
  readonly #metrics: MetricService;

  constructor({ database }: Pick<ServiceDeps, "database">, metrics: MetricService) {
    this.#db = database.db;
    this.#metrics = metrics;
  }

  /**
   * Pools stored records, as far as the caller may see them, or the numbers given. Studies that cannot be pooled are
   * named with the reason.
   *
   * @throws {ServiceError} BAD_USER_INPUT, FORBIDDEN (as metrics), NOT_ESTIMABLE; {ComputeError} INVALID_INPUT, INVALID_PARAM
   */
  async pool(request: MetaAnalysisRequest, principal: Principal): Promise<PooledAnalysis> {
    const { metrics, estimates, scale, model, test, moderators, level } = request;
    if ((metrics === null) === (estimates === null)) {
      throw badInput("Expected either metrics or estimates to pool, got both or none; give one of them");
    }
    if (moderators.length > MAX_MODERATORS) {
      throw badInput(`Expected at most ${MAX_MODERATORS} moderators, got ${moderators.length}; name fewer`);
    }
    const { studies, records, hidden } =
      metrics === null
        ? { studies: estimates ?? [], records: [], hidden: [] }
        : await this.#select(metrics, scale, principal);
    if (studies.length > MAX_STUDIES) {
      throw badInput(`Expected at most ${MAX_STUDIES} studies, got more; narrow the filter`);
    }
    const result = metaAnalysis({
      estimates: studies,
      scale,
      model,
      test,
      moderators,
      level,
      intervalLevel: USUAL_LEVEL,
    });
    const leftOut = [
      ...result.leftOut.map(({ index, label, reason }) => ({
        label,
        reason,
        record: records[index] ?? null,
      })),
      ...hidden,
    ];
    if (result.status === "OK") return { analysis: result, records, leftOut };
    const reasons = [...new Set(leftOut.map(({ reason }) => reason))].join(", ");
    throw new ServiceError(
      "NOT_ESTIMABLE",
      `Expected studies that can be pooled, got ${result.k} of them (${result.reason}) and ${leftOut.length} left out${reasons === "" ? "" : ` (${reasons})`}; choose others or another model`,
    );
  }

  async #select(
    selection: MetricSelection,
    scale: MetaScale,
    principal: Principal,
  ): Promise<{ studies: StudyInput[]; records: MetricView[]; hidden: LeftOut[] }> {
    const found = await this.#metrics.select(selection, MAX_STUDIES, principal);
    const names = new Map(
      (
        await findRecordNames(
          this.#db,
          found.map(({ id }) => id),
        )
      ).map((row) => [row.id, row]),
    );
    const studies = found.map((record) => ({
      record,
      study: studyOf(record, names.get(record.id), scale),
    }));
    const shown = studies.filter(({ record }) => !record.isHidden);
    return {
      studies: tellApart(
        shown.map(({ study }) => study),
        shown.map(({ record }) => record),
        names,
      ),
      records: shown.map(({ record }) => record),
      hidden: studies
        .filter(({ record }) => record.isHidden)
        .map(({ record, study }) => ({ label: study.label, reason: "SUPPRESSED", record })),
    };
  }
}

/** The forest plot of an analysis as an SVG document, safe to inline. */
export function drawForest({ analysis }: PooledAnalysis, title: string | null, dark: boolean): string {
  return forestSvg(analysis, { ...(title === null ? {} : { title }), theme: dark ? "dark" : "light" });
}

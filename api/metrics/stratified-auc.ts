import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type AucCell as AucEstimate,
  type BootstrapInterval,
  bootstrapAuc,
  delongInterval,
  delongLogitInterval,
  type NotEstimableReason,
  requirePlugin,
} from "../../compute/index.ts";
import { ServiceError } from "../errors.ts";
import type { AnalysisFrames, AnalysisRows, ClassRows } from "./analysis-rows.ts";
import { type CellCounts, countCells, estimateCells } from "./cell-counts.ts";
import { badInput, classIndexesOf, type Question } from "./question.ts";

/** How the interval of an AUC is made. */
export const ciMethods = ["DELONG", "DELONG_LOGIT", "BOOTSTRAP", "NONE"] as const;
export type CiMethod = (typeof ciMethods)[number];

/** The plugin behind each method. */
export const intervalPlugins = {
  DELONG: "delong",
  DELONG_LOGIT: "delong_logit",
  BOOTSTRAP: "patient_bootstrap",
  NONE: undefined,
} as const satisfies Record<CiMethod, string | undefined>;

/** A stratified AUC as asked for. */
export interface StratifiedAucRequest extends Question {
  /** Null: every class of the task. */
  readonly classes: readonly string[] | null;
  readonly ci: CiMethod;
  /** Nominal coverage, in (0, 1). */
  readonly level: number;
  /** For BOOTSTRAP. */
  readonly replicates: number;
  readonly seed: number;
}

/** One exact cell: it may be shown only after disclosure. */
export interface ExactAucCell extends CellCounts {
  readonly auc: number | null;
  readonly se: number | null;
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
  /** Why there is no AUC. */
  readonly reason: NotEstimableReason | null;
  /** Why there is no interval although there is an AUC. */
  readonly intervalReason: NotEstimableReason | null;
}

/** The exact answer, with the rows it is about. */
export interface ExactStratifiedAuc {
  readonly rows: AnalysisRows;
  /** By class, then by stratum. */
  readonly cells: readonly ExactAucCell[];
  readonly remarks: readonly string[];
}

/** Most cells of one answer. */
const MAX_CELLS = 20_000;
/** Most replicates, and most rows weighed by all replicates together: about 3 seconds of one thread. */
const MAX_REPLICATES = 10_000;
const MAX_BOOTSTRAP_ROWS = 5e9;
const MAX_BOOTSTRAP_CELLS = 1e7;
/** Rows whose patients are counted before others get a turn: about 10 ms. */
const TURN_ROWS = 500_000;

/**
 * The AUC of every class in every stratum. O(classes * rows); BOOTSTRAP that times the replicates. The addon does the
 * work off the main thread, the classes of a group side by side.
 *
 * @throws {ServiceError} NOT_FOUND, BAD_USER_INPUT, QUERY_TOO_COSTLY; the signal's reason once it is aborted
 */
export async function computeStratifiedAuc(
  frames: AnalysisFrames,
  request: StratifiedAucRequest,
  signal?: AbortSignal,
): Promise<ExactStratifiedAuc> {
  checkRequest(request);
  const rows = await frames.rows(request);
  const { classes } = rows.plan.evaluation;
  const wanted = classIndexesOf(classes, request.classes);
  requireAffordable(request, rows, wanted.length);
  const cells: ExactAucCell[] = [];
  let conflicts = 0;
  let worked = 0;
  for (const group of frames.columns.classGroups(rows.plan, wanted)) {
    const columns = await frames.classRows(rows, request, group);
    const resampled = request.ci === "BOOTSTRAP" ? await resample(rows, columns, request, signal) : undefined;
    const estimates = await Promise.all(columns.map((column) => estimateCells(rows, column)));
    for (const [i, column] of columns.entries()) {
      const stratumCount = rows.strata.sizes.length;
      const bootstrap = resampled?.slice(i * stratumCount, (i + 1) * stratumCount);
      const counted = await countCells(frames, rows, group[i] ?? -1, column, estimates[i]);
      cells.push(...toCells(counted, request, bootstrap));
      conflicts += column.labelConflicts;
      worked += rows.count;
      if (worked < TURN_ROWS) continue;
      worked = 0;
      await nextTurn();
      signal?.throwIfAborted();
    }
  }
  return { rows, cells, remarks: [...rows.remarks, ...conflictRemark(request.unit, conflicts)] };
}

/** Says how many units have no single truth; none is no remark. */
export function conflictRemark(unit: Question["unit"], conflicts: number): string[] {
  if (conflicts === 0) return [];
  return [
    `Left out because its images disagree on the truth, counted over all classes: ${conflicts} times a ${unit}.`,
  ];
}

function toCells(
  { counts, estimates }: Awaited<ReturnType<typeof countCells>>,
  request: StratifiedAucRequest,
  bootstrap: readonly BootstrapInterval[] | undefined,
): ExactAucCell[] {
  return counts.flatMap((cell, stratum) => {
    const estimate = estimates[stratum];
    if (estimate === undefined) return [];
    const interval = intervalOf(estimate, request, bootstrap?.[stratum]);
    return [{ ...cell, auc: estimate.auc, ...interval, reason: estimate.reason }];
  });
}

function intervalOf(
  estimate: AucEstimate,
  { ci, level }: StratifiedAucRequest,
  bootstrap: BootstrapInterval | undefined,
): Pick<ExactAucCell, "se" | "ciLow" | "ciHigh" | "intervalReason"> {
  if (ci === "NONE" || estimate.auc === null) {
    return { se: null, ciLow: null, ciHigh: null, intervalReason: null };
  }
  const makers = { DELONG: delongInterval, DELONG_LOGIT: delongLogitInterval, BOOTSTRAP: undefined };
  const { low, high, reason } = bootstrap ?? (makers[ci] ?? delongInterval)(estimate, level);
  const se = bootstrap === undefined ? Math.sqrt(estimate.variance ?? 0) : bootstrap.se;
  return { se, ciLow: low, ciHigh: high, intervalReason: reason };
}

function resample(
  { strata, clusters }: AnalysisRows,
  columns: readonly ClassRows[],
  { seed, replicates, level }: StratifiedAucRequest,
  signal: AbortSignal | undefined,
): Promise<BootstrapInterval[]> {
  return bootstrapAuc(
    {
      columns,
      strata: strata.codes,
      stratumCount: strata.sizes.length,
      patients: clusters.ordinals,
      patientCount: clusters.count,
    },
    { seed, replicates, level },
    signal === undefined ? {} : { signal },
  );
}

function checkRequest({ level }: StratifiedAucRequest): void {
  if (!(level > 0 && level < 1))
    throw badInput(`Expected a level between 0 and 1, got ${level}; 0.95 is 95 %`);
}

function requireAffordable(request: StratifiedAucRequest, rows: AnalysisRows, classes: number): void {
  const cells = classes * rows.strata.sizes.length;
  if (cells > MAX_CELLS) {
    throw tooCostly(`Expected at most ${MAX_CELLS} cells, got ${cells}; ask for fewer classes or attributes`);
  }
  if (request.ci === "BOOTSTRAP") requireReplicates(request, rows.count * classes, cells);
}

/**
 * Refuses a bootstrap that would keep the server busy for long.
 *
 * @param rows - rows weighed by each replicate, over all columns
 * @throws {ServiceError} BAD_USER_INPUT, QUERY_TOO_COSTLY
 */
export function requireReplicates(
  { replicates, seed }: { readonly replicates: number; readonly seed: number },
  rows: number,
  cells: number,
): void {
  if (!Number.isInteger(replicates) || replicates < 100 || replicates > MAX_REPLICATES) {
    throw badInput(`Expected 100 to ${MAX_REPLICATES} replicates, got ${replicates}; 2000 is usual`);
  }
  if (!Number.isSafeInteger(seed)) throw badInput(`Expected a whole number as seed, got ${seed}`);
  if (cells * replicates > MAX_BOOTSTRAP_CELLS || rows * replicates > MAX_BOOTSTRAP_ROWS) {
    throw tooCostly(
      "Expected a bootstrap of less work, got too many rows or cells; ask for fewer replicates or classes, or for DELONG",
    );
  }
}

function tooCostly(message: string): ServiceError {
  return new ServiceError("QUERY_TOO_COSTLY", message);
}

/** Name and version of the plugins behind an answer. */
export function auditTrail(ci: CiMethod): {
  readonly metric: string;
  readonly metricVersion: number;
  readonly interval: string | null;
  readonly intervalVersion: number | null;
} {
  const { id, version } = requirePlugin("METRIC", "auroc");
  const name = intervalPlugins[ci];
  const interval = name === undefined ? undefined : requirePlugin("INTERVAL", name);
  return {
    metric: id,
    metricVersion: version,
    interval: interval?.id ?? null,
    intervalVersion: interval?.version ?? null,
  };
}

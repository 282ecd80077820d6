import { type AucCell as AucEstimate, stratifiedAuc } from "../../compute/index.ts";
import { ServiceError } from "../errors.ts";
import { type AnalysisFrames, type AnalysisRows, type ClassRows, stratifiedRows } from "./analysis-rows.ts";
import type { StratumLevel } from "./metric.table.ts";

/** Who stands behind a cell: one class in one stratum. */
export interface CellCounts {
  readonly class: string;
  readonly stratum: readonly StratumLevel[];
  readonly nPositive: number;
  readonly nNegative: number;
  /** Distinct patients behind the rows used; null when the source names none. */
  readonly nPatients: number | null;
  readonly nPositivePatients: number | null;
  readonly nNegativePatients: number | null;
  /** Rows of the stratum with an unknown truth or score. */
  readonly nLeftOut: number;
}

/** The AUC of one class in every stratum. O(rows), off the main thread. */
export function estimateCells(rows: Pick<AnalysisRows, "strata">, column: ClassRows): Promise<AucEstimate[]> {
  return stratifiedAuc(stratifiedRows(rows, column));
}

/**
 * The counts of one class in every stratum, and its AUCs, which count the rows on their way.
 *
 * @param known - what estimateCells gave, where the caller has it already
 * @throws {ServiceError} INTERNAL when the strata do not add up to the whole
 */
export async function countCells(
  frames: AnalysisFrames,
  rows: AnalysisRows,
  classIndex: number,
  column: ClassRows,
  known?: readonly AucEstimate[],
): Promise<{ readonly counts: readonly CellCounts[]; readonly estimates: readonly AucEstimate[] }> {
  const { levels, sizes } = rows.strata;
  const estimates = known ?? (await estimateCells(rows, column));
  const people = await frames.patientCounts(rows, classIndex, column);
  const counts = estimates.map(({ positives, negatives, missingScores, unknownLabels }, stratum) => {
    const nLeftOut = missingScores + unknownLabels;
    if (positives + negatives + nLeftOut !== sizes[stratum]) {
      throw new ServiceError("INTERNAL", "Expected the strata to add up to the whole, got other sums");
    }
    return {
      class: rows.plan.evaluation.classes[classIndex] ?? "",
      stratum: levels[stratum] ?? [],
      nPositive: positives,
      nNegative: negatives,
      nPatients: people?.[stratum]?.patients ?? null,
      nPositivePatients: people?.[stratum]?.positivePatients ?? null,
      nNegativePatients: people?.[stratum]?.negativePatients ?? null,
      nLeftOut,
    };
  });
  return { counts, estimates };
}

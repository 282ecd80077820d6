import { type AucCell as AucEstimate, countPatients, stratifiedAuc } from "../../compute/index.ts";
import { ServiceError } from "../errors.ts";
import type { AnalysisRows, ClassRows } from "./analysis-rows.ts";
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

/** What compute takes of the rows of one class. */
export function stratifiedRows({ strata }: AnalysisRows, { order, labels }: ClassRows) {
  return { order, labels, strata: strata.codes, stratumCount: strata.sizes.length };
}

/**
 * The counts of one class in every stratum, and its AUCs, which count the rows on their way.
 *
 * @throws {ServiceError} INTERNAL when the strata do not add up to the whole
 */
export function countCells(
  rows: AnalysisRows,
  className: string,
  column: ClassRows,
): { readonly counts: readonly CellCounts[]; readonly estimates: readonly AucEstimate[] } {
  const { levels, sizes } = rows.strata;
  const input = stratifiedRows(rows, column);
  const estimates = stratifiedAuc(input);
  const people = rows.patients === undefined ? undefined : countPatients(input, rows.patients);
  const counts = estimates.map(({ positives, negatives, missingScores, unknownLabels }, stratum) => {
    const nLeftOut = missingScores + unknownLabels;
    if (positives + negatives + nLeftOut !== sizes[stratum]) {
      throw new ServiceError("INTERNAL", "Expected the strata to add up to the whole, got other sums");
    }
    return {
      class: className,
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

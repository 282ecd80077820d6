import { ComputeError } from "../errors.ts";
import type { ScoreOrder } from "./score-order.ts";

/** The label of a row whose truth is not known; such rows are counted and left out. */
export const UNKNOWN_LABEL = 255;

/** The question every AUC-like statistic answers: one score column against one yes/no truth, by stratum. */
export interface StratifiedRows {
  /** The sorted score column; cache it, the sort is the dear part. */
  readonly order: ScoreOrder;
  /** Length n: 1 positive, 0 negative, 255 unknown. */
  readonly labels: Uint8Array;
  /**
   * Length n: the stratum of each row, 0..stratumCount-1. A code of `stratumCount` or more puts the row outside every
   * stratum (that is how a filter is applied without sorting again). Absent: all rows are stratum 0.
   */
  readonly strata?: Uint16Array | Uint32Array | undefined;
  /** How many strata there are; 1 when absent. */
  readonly stratumCount?: number | undefined;
}

/**
 * One small integer per row: 2 * stratum + label, or 2 * stratumCount for a row that takes no part. So a pass needs
 * one random read per row and no branch, and `code ^ 1` is the opposite class of the same stratum.
 */
export interface CellCodes {
  readonly codes: Uint16Array | Int32Array;
  /** Rows per code; 2 * stratumCount + 2 entries. */
  readonly sizes: Int32Array;
  readonly stratumCount: number;
  /** Per stratum: rows with a known label but no score. */
  readonly missingScores: Uint32Array;
  /** Per stratum: rows with an unknown label. */
  readonly unknownLabels: Uint32Array;
}

/**
 * Encodes labels and strata for the passes; O(n), reads in row order.
 *
 * @throws {ComputeError} INVALID_INPUT when lengths differ or a label is not 0, 1 or 255.
 */
export function encodeCells(
  input: Omit<StratifiedRows, "order"> & { readonly order: Pick<ScoreOrder, "scores" | "missing"> },
): CellCodes {
  const { order, labels, strata } = input;
  const stratumCount = input.stratumCount ?? 1;
  const total = order.scores.length;
  requireLength("labels", labels.length, total);
  if (strata !== undefined) requireLength("strata", strata.length, total);
  if (!Number.isInteger(stratumCount) || stratumCount < 1 || stratumCount > 0x3fffffff) {
    throw new ComputeError(
      "INVALID_INPUT",
      `Expected at least one stratum, got ${stratumCount}; pass 1 for the whole set`,
    );
  }
  const outside = 2 * stratumCount;
  // Half the bytes make the random reads of a large set hit the cache more often.
  const codes = outside + 1 <= 0xffff ? new Uint16Array(total) : new Int32Array(total);
  const sizes = new Int32Array(outside + 2);
  const unknownLabels = new Uint32Array(stratumCount);
  const missingScores = new Uint32Array(stratumCount);
  const wholeSet = strata === undefined ? new Uint16Array(total) : strata;
  // Indices are bounded by `total`, which every column was just held to.
  for (let row = 0; row < total; row += 1) {
    const stratum = wholeSet[row]!;
    const label = labels[row]!;
    const code = label > 1 || stratum >= stratumCount ? outside : stratum + stratum + label;
    codes[row] = code;
    sizes[code]! += 1;
    if (label > 1) {
      if (label !== UNKNOWN_LABEL) refuseLabel(label);
      if (stratum < stratumCount) unknownLabels[stratum]! += 1;
    }
  }
  for (const row of order.missing) {
    const code = codes[row]!;
    sizes[code]! -= 1;
    if (code === outside) continue;
    missingScores[code >> 1]! += 1;
    codes[row] = outside;
  }
  return { codes, sizes, stratumCount, missingScores, unknownLabels };
}

function refuseLabel(label: number): never {
  throw new ComputeError(
    "INVALID_INPUT",
    `Expected labels 0, 1 or 255 (unknown), got ${label}; map them first`,
  );
}

/** @throws {ComputeError} INVALID_INPUT when a column is not as long as the scores. */
export function requireLength(name: string, got: number, expected: number): void {
  if (got === expected) return;
  throw new ComputeError(
    "INVALID_INPUT",
    `Expected ${expected} ${name}, one per score, got ${got}; align them first`,
  );
}

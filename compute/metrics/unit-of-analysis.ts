import { ComputeError } from "../errors.ts";
import type { Scores } from "./score-order.ts";
import { requireLength, UNKNOWN_LABEL } from "./stratified-rows.ts";

/** What a unit's truth is when its images disagree. */
export const labelConflictPolicies = ["leave_out", "any_positive"] as const;
export type LabelConflictPolicy = (typeof labelConflictPolicies)[number];

/** Image-level columns and the unit (study or patient) that each image belongs to. */
export interface UnitInput {
  /** Length n; NaN is missing. */
  readonly scores: Scores;
  /** Length n: 1 positive, 0 negative, 255 unknown. */
  readonly labels: Uint8Array;
  /** Length n: the unit of each image, 0..unitCount-1. */
  readonly units: Uint16Array | Uint32Array;
  readonly unitCount: number;
  /** Length n: stratum codes; a code of `stratumCount` or more puts the image outside, so out of the unit's mean. */
  readonly strata?: Uint16Array | Uint32Array | undefined;
  readonly stratumCount?: number | undefined;
  /** Length n: the patient of each image, carried over to the units. */
  readonly patients?: Uint16Array | Uint32Array | undefined;
  /** Default `leave_out`. */
  readonly onLabelConflict?: LabelConflictPolicy | undefined;
}

/** One row per unit, aligned on the unit ordinal, ready for the same statistics as images. */
export interface UnitRows {
  /** Mean score of the unit's images that have one; NaN when none has. */
  readonly scores: Float64Array;
  /** The truth its images agree on; 255 when none is known or (by `leave_out`) they disagree. */
  readonly labels: Uint8Array;
  /**
   * The stratum its images share; `stratumCount` when they differ ("mixed": pass `stratumCount + 1` strata on to see
   * them as one more stratum, or `stratumCount` to leave them out); `stratumCount + 1` when no image is inside.
   */
  readonly strata: Uint32Array;
  /** The patient of each unit; 0 for a unit without an image inside. */
  readonly patients: Uint32Array;
  /** Images inside a stratum with a score, per unit. */
  readonly images: Uint32Array;
  /** Units whose images disagree on the truth. */
  readonly labelConflicts: number;
  /** Units whose images lie in different strata. */
  readonly mixedStrata: number;
}

/**
 * Turns images into studies or patients by mean score, as the study does; O(n + units).
 *
 * Truth: a protected attribute is one per patient, so images of a unit agree. A finding may be present in one image
 * and absent in the next; then the unit has no single truth, and calling it positive would be a definition of ours, so
 * by default it is left out. `any_positive` makes that definition explicit. Conflicts are counted either way.
 *
 * An image without a score still tells the truth and the stratum of its unit.
 *
 * @throws {ComputeError} INVALID_INPUT when lengths differ or a unit ordinal is out of range.
 */
export function aggregateByUnit(input: UnitInput): UnitRows {
  const { scores, labels, units, unitCount, strata, patients } = input;
  const stratumCount = input.stratumCount ?? 1;
  const anyPositive = input.onLabelConflict === "any_positive";
  const total = scores.length;
  requireLength("labels", labels.length, total);
  requireLength("units", units.length, total);
  if (strata !== undefined) requireLength("strata", strata.length, total);
  if (patients !== undefined) requireLength("patients", patients.length, total);

  const sums = new Float64Array(unitCount);
  const images = new Uint32Array(unitCount);
  const seen = new Uint8Array(unitCount); // bit 0: a negative image, bit 1: a positive one
  const mixed = stratumCount;
  const outside = stratumCount + 1;
  const unitStrata = new Uint32Array(unitCount).fill(outside);
  const unitPatients = new Uint32Array(unitCount);
  // `!`: every column has `total` rows and every unit is checked against unitCount.
  for (let row = 0; row < total; row += 1) {
    const unit = units[row]!;
    if (unit >= unitCount) {
      throw new ComputeError(
        "INVALID_INPUT",
        `Expected units below ${unitCount}, got ${unit}; renumber them first`,
      );
    }
    const stratum = strata === undefined ? 0 : strata[row]!;
    if (stratum >= stratumCount) continue;
    const known = unitStrata[unit]!;
    if (known === outside) {
      unitStrata[unit] = stratum;
      if (patients !== undefined) unitPatients[unit] = patients[row]!;
    } else if (known !== stratum) unitStrata[unit] = mixed;
    const label = labels[row]!;
    if (label <= 1) seen[unit]! |= 1 << label;
    const score = scores[row]!;
    if (Number.isNaN(score)) continue;
    sums[unit]! += score;
    images[unit]! += 1;
  }

  let labelConflicts = 0;
  const unitLabels = seen.map((bits) => {
    if (bits === 3) labelConflicts += 1;
    if (bits === 1) return 0;
    return bits === 2 || (bits === 3 && anyPositive) ? 1 : UNKNOWN_LABEL;
  });
  return {
    scores: sums.map((sum, unit) => (images[unit] === 0 ? Number.NaN : sum / images[unit]!)),
    labels: unitLabels,
    strata: unitStrata,
    patients: unitPatients,
    images,
    labelConflicts,
    mixedStrata: unitStrata.reduce((count, stratum) => count + (stratum === mixed ? 1 : 0), 0),
  };
}

import { describe, expect, test } from "vitest";
import { aggregateByUnit } from "../../../compute/metrics/unit-of-analysis.ts";

/** Five units: agreeing, conflicting, mixed strata, without scores, outside. */
const images = {
  scores: Float32Array.of(0.25, 0.75, 0.5, 1, 0.5, 0.25, Number.NaN, 0.9, Number.NaN),
  labels: Uint8Array.of(1, 1, 0, 1, 0, 255, 1, 1, 1),
  units: Uint32Array.of(0, 0, 1, 1, 2, 2, 3, 4, 0),
  unitCount: 5,
  strata: Uint16Array.of(0, 0, 1, 1, 0, 1, 1, 9, 0),
  stratumCount: 2,
  patients: Uint32Array.of(7, 7, 3, 3, 2, 2, 1, 8, 7),
};

describe("aggregateByUnit", () => {
  const rows = aggregateByUnit(images);

  test("takes the mean of the scores there are", () => {
    expect(Array.from(rows.scores)).toEqual([0.5, 0.75, 0.375, Number.NaN, Number.NaN]);
    expect(Array.from(rows.images)).toEqual([2, 2, 2, 0, 0]);
  });

  test("leaves a unit out whose images disagree on the truth, and counts it", () => {
    expect(Array.from(rows.labels)).toEqual([1, 255, 0, 1, 255]);
    expect(rows.labelConflicts).toBe(1);
  });

  test("calls a conflicting unit positive only when asked to, and counts it all the same", () => {
    const asked = aggregateByUnit({ ...images, onLabelConflict: "any_positive" });
    expect(Array.from(asked.labels)).toEqual([1, 1, 0, 1, 255]);
    expect(asked.labelConflicts).toBe(1);
  });

  test("gives a unit the stratum its images share, a code of its own when they differ, another when none is inside", () => {
    expect(Array.from(rows.strata)).toEqual([0, 1, 2, 1, 3]);
    expect(rows.mixedStrata).toBe(1);
  });

  test("carries the patient over", () => {
    expect(Array.from(rows.patients)).toEqual([7, 3, 2, 1, 0]);
  });

  test("refuses a unit out of range and columns of another length", () => {
    const wrong = { code: "INVALID_INPUT" };
    expect(() => aggregateByUnit({ ...images, unitCount: 4 })).toThrow(expect.objectContaining(wrong));
    expect(() => aggregateByUnit({ ...images, patients: Uint32Array.of(1) })).toThrow(
      expect.objectContaining(wrong),
    );
  });
});

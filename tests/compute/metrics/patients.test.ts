import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countPatients, groupRows } from "../../../compute/metrics/patients.ts";
import { sortScores } from "../../../compute/metrics/score-order.ts";

describe("groupRows", () => {
  test("lists every group's rows in ascending order, empty groups included", () => {
    const { starts, rows } = groupRows(Uint32Array.of(2, 0, 2, 3, 0), 5);
    expect(Array.from(starts)).toEqual([0, 2, 2, 4, 5, 5]);
    expect(Array.from(rows)).toEqual([1, 4, 0, 2, 3]);
  });
});

describe("countPatients", () => {
  test("equals the sizes of the sets of patients, in all and by class", async () => {
    const row = fc.record({
      score: fc.constantFrom(0.5, Number.NaN),
      label: fc.constantFrom(0, 1, 255),
      stratum: fc.nat({ max: 2 }),
      patient: fc.nat({ max: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 60 }), async (rows) => {
        const input = {
          order: await sortScores(Float32Array.from(rows, ({ score }) => score)),
          labels: Uint8Array.from(rows, ({ label }) => label),
          strata: Uint16Array.from(rows, ({ stratum }) => stratum),
          stratumCount: 2,
        };
        const groups = groupRows(
          Uint32Array.from(rows, ({ patient }) => patient),
          7,
        );
        const distinct = (stratum: number, labels: readonly number[]) =>
          new Set(
            rows
              .filter((r) => r.stratum === stratum && labels.includes(r.label) && !Number.isNaN(r.score))
              .map((r) => r.patient),
          ).size;
        expect(countPatients(input, groups)).toEqual(
          [0, 1].map((stratum) => ({
            patients: distinct(stratum, [0, 1]),
            positivePatients: distinct(stratum, [1]),
            negativePatients: distinct(stratum, [0]),
          })),
        );
      }),
    );
  });
});

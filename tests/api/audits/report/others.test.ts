import { describe, expect, test } from "vitest";
import type { Reading } from "../../../../api/audits/report/measured-readings.ts";
import { othersOf } from "../../../../api/audits/report/others.ts";
import type { Material } from "../../../../api/audits/report/parts.ts";
import { PublishedNumbers } from "../../../../api/audits/report/published.ts";
import type { MetricRow } from "../../../../api/metrics/metric.queries.ts";
import { requireProtocol } from "../../../../compute/index.ts";

/** A record of which the report reads these. */
function record(value: number | null, half = 0.03, reason: string | null = null): MetricRow {
  const of = { id: 7, className: "Black", stratum: [], value, reason, n: 100, nPatients: 40 };
  // Safe: the report reads no other fields of a record.
  return {
    ...of,
    ciLow: value === null ? null : value - half,
    ciHigh: value === null ? null : value + half,
  } as unknown as MetricRow;
}

function readingOf(protocol: string, changes: Partial<Reading>): Reading {
  return {
    protocol,
    ...{ condition: "all", variant: "something", parameters: {}, effect: "changes", evaluation: "e2" },
    ...{ against: "e1", isBeyond: false, trainDataset: 0, testDataset: 0, units: ["image"], by: null },
    ...{ unit: "image", values: [record(0.6)], differences: [record(-0.3)] },
    ...changes,
  } as Reading; // safe: every field that a reading has to have
}

function materialOf(readings: readonly Reading[], summaries: Material["summaries"] = new Map()): Material {
  // Safe: what a table of others is made from; the rest is for other parts.
  return {
    protocols: [requireProtocol("occlusion"), requireProtocol("resampled_test")],
    ...{ readings, datasets: ["north"], classes: ["Black"], margin: 0.05, summaries },
    published: new PublishedNumbers([], "race"),
  } as unknown as Material;
}

describe("othersOf", () => {
  test("tells of images without their salient region how much was painted, and of the control what was done", () => {
    const told = new Map([
      ["e2", { occluded: { share: 0.1234, untouched: 3 } }],
      ["e3", { occluded: { share: 0.1234, untouched: 0 } }],
    ]);
    const [table] = othersOf(
      materialOf(
        [
          readingOf("occlusion", { variant: "salient region blotted out" }),
          readingOf("occlusion", {
            ...{ evaluation: "e3", variant: "control", control: "blotting out the same shape elsewhere" },
            differences: [record(-0.001, 0.01)],
          }),
        ],
        told,
      ),
    );
    expect(table?.rows.map(({ label, reading, about }) => [label, reading, about])).toEqual([
      [
        "north, salient region blotted out",
        "The AUC is lower after blotting out the salient region: the interval of the difference lies below 0.",
        "12.3% of the pixels on average; 3 images whose map marks nothing stayed whole",
      ],
      [
        "north, control",
        "The AUC after blotting out the same shape elsewhere is equivalent to that of the whole images within the margin.",
        "12.3% of the pixels on average",
      ],
    ]);
  });

  test("tells how a test set was drawn again, and why there is no number", () => {
    const cell = (rows: number) => ({ levels: ["Black", "old"], rows, weight: rows === 0 ? null : 1 / rows });
    const resampling = {
      ...{ attributes: ["race", "age"], cells: [cell(30), cell(10)], seed: 4, replicates: 300, size: 120 },
      ...{ effectiveSize: 25.4, leftOut: 2, undefinedReplicates: 9 },
    };
    const [table] = othersOf(
      materialOf([
        readingOf("resampled_test", { resampling }),
        readingOf("resampled_test", {
          values: [record(null, 0, "EMPTY_CELL")],
          differences: [record(null, 0, "EMPTY_CELL")],
          resampling: { ...resampling, cells: [cell(30), cell(0)], effectiveSize: null },
        }),
      ]),
    );
    const [first, second] = table?.rows ?? [];
    expect(first?.about).toBe(
      "2 combinations of levels, each of the same weight; 40 rows as precise as 25 of one weight; 2 rows left out, whose levels are not all known; 300 draws of 120 rows, seed 4; 9 of them without a row in some combination",
    );
    expect(first?.reading).toBe("The AUC is lower on the evened-out test set than on the set as it is.");
    expect(second?.about).toMatch(
      /^2 combinations of levels, each of the same weight, 1 of them without rows;/,
    );
    expect(second?.reading).toBe("There is no number to answer with.");
  });
});

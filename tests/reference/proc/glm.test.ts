import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { recalibrationByStratum } from "../../../compute/metrics/recalibration.ts";
import { sortScores } from "../../../compute/metrics/score-order.ts";
import { type CohortSpec, drawCohort } from "./proc-cohort.ts";

// Safe: the fixture is written by runners/glm.R in this shape, and every field is compared below.
const fixture = JSON.parse(readFileSync(new URL("../fixtures/glm.json", import.meta.url), "utf8")) as {
  readonly cases: Readonly<
    Record<
      string,
      {
        readonly spec: CohortSpec;
        readonly intercept: number;
        readonly interceptSe: number;
        readonly slope: number;
        readonly slopeSe: number;
      }
    >
  >;
};

describe.each(Object.entries(fixture.cases))("R's glm on %s scores", async (_name, expected) => {
  const { levels } = expected.spec;
  const drawn = drawCohort(expected.spec);
  const order = await sortScores(Float64Array.from(drawn.first, (score) => (score + 0.5) / (levels + 1)));
  const labels = drawn.labels.map((label, row) => ((drawn.first[row] ?? 0) > (levels * 2) / 3 ? 1 : label));
  const [cell] = recalibrationByStratum({ order, labels });

  test("gives the same calibration in the large, with the slope held at 1", () => {
    expect(cell?.intercept?.value).toBeCloseTo(expected.intercept, 9);
    expect(cell?.intercept?.se).toBeCloseTo(expected.interceptSe, 9);
  });

  test("gives the same slope", () => {
    expect(cell?.slope?.value).toBeCloseTo(expected.slope, 9);
    expect(cell?.slope?.se).toBeCloseTo(expected.slopeSe, 9);
  });
});

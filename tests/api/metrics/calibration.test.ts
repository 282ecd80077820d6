import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeId } from "../../../api/graphql/node-id.ts";
import { cohortDataset, makeCohort } from "../../support/cohort.ts";
import { buildDataset, buildEvaluation } from "../../support/evaluation-builder.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";
import { type GraphqlClient, graphqlClient } from "../../support/graphql-client.ts";

const QUERY = `query ($input: CalibrationInput!) {
  calibration(input: $input) {
    suppressed
    cells { class stratum { level } brier ece intercept { value ciLow ciHigh } slope { value } bins { from to count positives meanPredicted observed } nPositive nNegative status reason }
  }
}`;
let database: FreshDatabase;
let client: GraphqlClient;
let evaluation: string;
let logits: string;
const cohort = makeCohort(41, 500);

const ask = async (input: Record<string, unknown>, role: "steward" | "public" = "steward") =>
  (await client.ask(QUERY, { input: { evaluation, classes: ["A"], ...input } }, role)).calibration;

beforeAll(async () => {
  database = await freshDatabase();
  client = graphqlClient(database);
  const dataset = await buildDataset(database, cohortDataset(cohort));
  const task = {
    taskKind: "multilabel",
    taskAttribute: "finding",
    classes: ["A", "B"],
    scores: cohort.scores,
  } as const;
  const built = await buildEvaluation(database, dataset, task);
  const other = await buildEvaluation(database, dataset, { ...task, scoreKind: "logit" });
  [evaluation, logits] = [built, other].map(({ evaluationId }) => encodeId("Evaluation", evaluationId)) as [
    string,
    string,
  ];
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

describe("calibration", () => {
  test("gives Brier score and bins that counting gives", async () => {
    const { cells } = await ask({ by: ["view"], binCount: 5 });
    for (const cell of cells) {
      const rows = Array.from({ length: cohort.imageCount }, (_, row) => row).filter(
        (row) =>
          (cohort.view[row] === 0 ? "PA" : "AP") === cell.stratum[0].level &&
          cohort.labels[0]?.[row] !== -1 &&
          !Number.isNaN(cohort.scores[0]?.[row]),
      );
      const brier =
        rows.reduce(
          (sum, row) => sum + ((cohort.scores[0]?.[row] ?? 0) - (cohort.labels[0]?.[row] ?? 0)) ** 2,
          0,
        ) / rows.length;
      expect(cell.brier).toBeCloseTo(brier, 12);
      expect(cell.nPositive + cell.nNegative).toBe(rows.length);
      expect(cell.bins.reduce((sum: number, { count }: { count: number }) => sum + count, 0)).toBe(
        rows.length,
      );
      const ece = cell.bins.reduce(
        (sum: number, bin: { count: number; observed: number; meanPredicted: number }) =>
          sum + (bin.count / rows.length) * Math.abs(bin.observed - bin.meanPredicted),
        0,
      );
      expect(cell.ece).toBeCloseTo(ece, 12);
    }
  });

  test("refuses scores that are no probabilities", async () => {
    await expect(ask({ evaluation: logits })).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  });

  test("says why a stratum has none", async () => {
    const { cells } = await ask({ where: [{ attribute: "age", gte: 5, lt: 5 }] });
    expect(cells[0]).toMatchObject({ status: "NOT_ESTIMABLE", reason: "NO_ROWS", brier: null });
  });

  test("shows no bins and no small strata without row-level rights", async () => {
    const { cells, suppressed } = await ask({ by: ["sex"] }, "public");
    expect(suppressed).toBeGreaterThan(0);
    for (const cell of cells) {
      expect(cell.bins).toBe(null);
      if (cell.stratum[0].level === "unknown")
        expect(cell).toMatchObject({ status: "SUPPRESSED", brier: null, nPositive: null });
    }
  });
});

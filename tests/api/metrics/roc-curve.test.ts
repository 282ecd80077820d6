import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeId } from "../../../api/graphql/node-id.ts";
import { cohortDataset, makeCohort } from "../../support/cohort.ts";
import { buildDataset, buildEvaluation } from "../../support/evaluation-builder.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";
import { type GraphqlClient, graphqlClient } from "../../support/graphql-client.ts";

const QUERY = `query ($input: RocCurveInput!) {
  rocCurve(input: $input) { class stratum { attribute level } fpr tpr threshold auc areaError nPositive nNegative nPatients status reason }
}`;
let database: FreshDatabase;
let client: GraphqlClient;
let evaluation: string;
const cohort = makeCohort(5, 800);

const ask = async (input: Record<string, unknown>, role: "steward" | "public" = "steward") =>
  (await client.ask(QUERY, { input: { evaluation, class: "A", ...input } }, role)).rocCurve;

beforeAll(async () => {
  database = await freshDatabase();
  client = graphqlClient(database);
  const dataset = await buildDataset(database, cohortDataset(cohort));
  const built = await buildEvaluation(database, dataset, {
    taskKind: "multilabel",
    taskAttribute: "finding",
    classes: ["A", "B"],
    scores: cohort.scores,
  });
  evaluation = encodeId("Evaluation", built.evaluationId);
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

describe("rocCurve", () => {
  test("gives at every threshold the rates that counting gives", async () => {
    const { fpr, tpr, threshold, nPositive, nNegative } = await ask({
      stratum: [{ attribute: "view", level: "AP" }],
    });
    const rows = Array.from({ length: cohort.imageCount }, (_, row) => row).filter(
      (row) => cohort.view[row] === 1 && !Number.isNaN(cohort.scores[0]?.[row]),
    );
    const rate = (label: number, cut: number | null, of: number) =>
      cut === null
        ? 0
        : rows.filter(
            (row) => cohort.labels[0]?.[row] === label && (cohort.scores[0]?.[row] ?? 0) >= Math.fround(cut),
          ).length / of;
    expect([fpr[0], tpr[0], threshold[0], fpr.at(-1), tpr.at(-1)]).toEqual([0, 0, null, 1, 1]);
    for (const [i, cut] of threshold.entries()) {
      expect(fpr[i]).toBeCloseTo(rate(0, cut, nNegative), 12);
      expect(tpr[i]).toBeCloseTo(rate(1, cut, nPositive), 12);
    }
  });

  test("has the area that stratifiedAuc answers", async () => {
    const query = "query ($input: StratifiedAucInput!) { stratifiedAuc(input: $input) { cells { auc } } }";
    const { cells } = (await client.ask(query, { input: { evaluation, classes: ["A"] } })).stratifiedAuc;
    const { fpr, tpr, auc, areaError } = await ask({});
    const area = fpr.reduce(
      (sum: number, x: number, i: number) =>
        sum + (i === 0 ? 0 : ((x - fpr[i - 1]) * (tpr[i] + tpr[i - 1])) / 2),
      0,
    );
    expect(auc).toBe(cells[0].auc);
    expect(area - areaError).toBeCloseTo(auc, 12);
  });

  test("keeps to the points asked for", async () => {
    const { fpr, tpr, threshold } = await ask({ maxPoints: 5 });
    expect(fpr.length).toBeLessThanOrEqual(5);
    expect([tpr.length, threshold.length]).toEqual([fpr.length, fpr.length]);
    await expect(ask({ maxPoints: 2 })).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  });

  test("says why there is none, and refuses levels that are not there", async () => {
    expect(await ask({ where: [{ attribute: "age", gte: 5, lt: 5 }] })).toMatchObject({
      status: "NOT_ESTIMABLE",
      reason: "NO_ROWS",
      fpr: [],
    });
    await expect(ask({ stratum: [{ attribute: "sex", level: "X" }] })).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
    });
    await expect(ask({ class: "C" })).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  });

  test("is read on a grid, without thresholds and small strata, without row-level rights", async () => {
    const curve = await ask({}, "public");
    expect(curve).toMatchObject({ status: "OK", areaError: null });
    expect(curve.fpr).toHaveLength(21);
    expect(new Set(curve.threshold)).toEqual(new Set([null]));
    expect(curve.tpr.every((rate: number) => rate === Number(rate.toFixed(2)))).toBe(true);
    expect(curve.nPositive % 5).toBe(0);
    expect(await ask({ stratum: [{ attribute: "sex", level: "unknown" }] }, "public")).toMatchObject({
      status: "SUPPRESSED",
      auc: null,
      nPositive: null,
      fpr: [],
    });
  });
});

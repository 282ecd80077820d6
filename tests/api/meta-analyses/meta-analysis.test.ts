import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeId } from "../../../api/graphql/node-id.ts";
import { metaAnalysis } from "../../../compute/index.ts";
import { cohortDataset, makeCohort } from "../../support/cohort.ts";
import { buildDataset, buildEvaluation } from "../../support/evaluation-builder.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";
import { type GraphqlClient, graphqlClient } from "../../support/graphql-client.ts";

const QUERY = `query ($input: MetaAnalysisInput!) {
  metaAnalysis(input: $input) {
    k estimate ciLow ciHigh se predictionLow predictionHigh tau2 i2 h2 q qDf qP eggerP scale model test level
    studies { label value ciLow ciHigh weight yi vi }
    coefficients { name estimate p }
    moderatorTest { statistic df1 p }
    leaveOneOut { omitted estimate ciLow ciHigh reason }
    leftOut { label reason }
    remarks
    forestSvg(title: "Six transfers <&>")
  }
}`;
const RECORD =
  "mutation ($input: StratifiedAucInput!) { recordMetrics(input: $input) { records { id value ciLow ciHigh } } }";

let database: FreshDatabase;
let client: GraphqlClient;
const sites = [51, 52, 53, 54, 55];
const evaluations: string[] = [];

const pool = async (input: Record<string, unknown>, role: "steward" | "public" = "steward") =>
  (await client.ask(QUERY, { input }, role)).metaAnalysis;
const estimates = [
  { label: "one", value: 0.91, ciLow: 0.88, ciHigh: 0.935 },
  { label: "two", value: 0.86, ciLow: 0.82, ciHigh: 0.89 },
  { label: "three", value: 0.94, ciLow: 0.92, ciHigh: 0.955 },
];

beforeAll(async () => {
  database = await freshDatabase();
  client = graphqlClient(database);
  for (const seed of sites) {
    const cohort = makeCohort(seed, 200);
    const dataset = await buildDataset(database, { ...cohortDataset(cohort), slug: `site-${seed}` });
    const built = await buildEvaluation(database, dataset, {
      model: `model-${seed}`,
      taskKind: "multilabel",
      taskAttribute: "finding",
      classes: ["A", "B"],
      scores: cohort.scores,
    });
    const evaluation = encodeId("Evaluation", built.evaluationId);
    evaluations.push(evaluation);
    await client.ask(RECORD, { input: { evaluation, ci: "DELONG_LOGIT" } });
  }
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

describe("metaAnalysis", () => {
  test("pools numbers given, as compute does", async () => {
    const answer = await pool({ estimates });
    const expected = metaAnalysis({ estimates });
    if (expected.status !== "OK") throw new Error("Expected an estimate");
    const { estimate, ciLow, ciHigh, se, tau2, i2, h2, q, qP, predictionLow, eggerP } = expected;
    expect(answer).toMatchObject({
      k: 3,
      estimate,
      ciLow,
      ciHigh,
      se,
      tau2,
      i2,
      h2,
      q,
      qP,
      predictionLow,
      eggerP,
      scale: "LOGIT",
      model: "REML",
      test: "HARTUNG_KNAPP",
    });
    expect(answer.leaveOneOut.map(({ omitted }: { omitted: string }) => omitted)).toEqual([
      "one",
      "two",
      "three",
    ]);
    expect(answer.coefficients).toHaveLength(1);
  });

  test("pools stored records as the same numbers given by hand", async () => {
    const answer = await pool({ metrics: { metric: "auroc", class: "A", by: [], hasInterval: true } });
    const records = await client.ask(
      `{ metrics(filter: { metric: "auroc", class: "A" }, orderBy: { direction: ASC }) { nodes { value ciLow ciHigh dataset { slug } model { slug } } } }`,
    );
    const { nodes } = records.metrics;
    const byHand = await pool({
      estimates: nodes.map(({ value, ciLow, ciHigh }: Record<string, number>, i: number) => ({
        label: `${i}`,
        value,
        ciLow,
        ciHigh,
      })),
    });
    expect(answer.k).toBe(sites.length);
    expect(answer.estimate).toBeCloseTo(byHand.estimate, 12);
    expect(answer.studies[0].label).toContain("site-51");
    expect(nodes[0].model.slug).toBe("model-51");
  });

  test("reads an interval at its own level", async () => {
    for (const evaluation of evaluations) {
      await client.ask(RECORD, {
        input: { evaluation, classes: ["B"], ci: "DELONG_LOGIT", level: 0.8, unit: "PATIENT" },
      });
      await client.ask(RECORD, {
        input: { evaluation, classes: ["B"], ci: "DELONG_LOGIT", level: 0.95, unit: "PATIENT" },
      });
    }
    const { nodes } = (
      await client.ask(
        `{ metrics(filter: { class: "B", unit: PATIENT }, orderBy: { direction: ASC }) { nodes { id ciLevel } } }`,
      )
    ).metrics;
    const at = (level: number) =>
      nodes
        .filter(({ ciLevel }: { ciLevel: number }) => ciLevel === level)
        .map(({ id }: { id: string }) => id);
    const narrow = await pool({ metrics: { ids: at(0.8) } });
    const usual = await pool({ metrics: { ids: at(0.95) } });
    expect(narrow.k).toBe(sites.length);
    expect(narrow.estimate).toBeCloseTo(usual.estimate, 10);
    expect(narrow.se).toBeCloseTo(usual.se, 10);
  });

  test("names records without an interval, and why they are left out", async () => {
    const [evaluation] = evaluations;
    await client.ask(RECORD, { input: { evaluation, classes: ["A"], ci: "NONE" } });
    await client.ask(RECORD, {
      input: { evaluation, classes: ["A"], where: [{ attribute: "age", gte: 3, lt: 3 }] },
    });
    const { k, leftOut, remarks } = await pool({ metrics: { class: "A" } });
    expect(k).toBe(sites.length);
    expect(leftOut.map(({ reason }: { reason: string }) => reason)).toEqual(["NO_PRECISION", "NO_ESTIMATE"]);
    expect(remarks.length).toBeGreaterThan(0);
  });

  test("explains differences by moderators, of records and of numbers given", async () => {
    const withNumber = estimates
      .concat({ label: "four", value: 0.9, ciLow: 0.87, ciHigh: 0.925 })
      .map((study, i) => ({
        ...study,
        moderators: [{ name: "year", number: 2000 + i }],
      }));
    const answer = await pool({ estimates: withNumber, moderators: ["year"] });
    expect(answer.coefficients.map(({ name }: { name: string }) => name)).toEqual([
      expect.any(String),
      "year",
    ]);
    expect(answer.moderatorTest.df1).toBe(1);
    const ofRecords = await pool({
      metrics: { metric: "auroc", by: [], hasInterval: true, unit: "IMAGE" },
      moderators: ["class"],
    });
    expect(ofRecords.k).toBe(2 * sites.length);
    expect(ofRecords.coefficients).toHaveLength(2);
  });

  test("draws a forest plot that cannot smuggle markup", async () => {
    const { forestSvg } = await pool({
      estimates: [...estimates, { label: "<script>", value: 0.9, ciLow: 0.8, ciHigh: 0.95 }],
    });
    expect(forestSvg).toMatch(/^<svg|^<\?xml/);
    expect(forestSvg).not.toContain("<script>");
    expect(forestSvg).toContain("Six transfers &lt;&amp;&gt;");
  });

  test("answers NOT_ESTIMABLE where there is nothing to pool", async () => {
    await expect(pool({ estimates: estimates.slice(0, 1) })).rejects.toMatchObject({ code: "NOT_ESTIMABLE" });
    await expect(pool({ metrics: { dataset: "nowhere" } })).rejects.toMatchObject({ code: "NOT_ESTIMABLE" });
  });

  test.each([
    ["both records and numbers", { metrics: {}, estimates }],
    ["neither", {}],
    [
      "a moderator without a value",
      {
        estimates: estimates.map((study) => ({ ...study, moderators: [{ name: "year" }] })),
        moderators: ["year"],
      },
    ],
    ["21 moderators", { estimates, moderators: Array.from({ length: 21 }, (_, i) => `m${i}`) }],
  ])("refuses %s", async (_, input) => {
    await expect(pool(input)).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  });

  test("refuses a level outside 0 to 1", async () => {
    await expect(pool({ estimates, level: 1.2 })).rejects.toMatchObject({ code: "INVALID_PARAM" });
  });

  test("leaves hidden records out, by name, without row-level rights", async () => {
    for (const evaluation of evaluations) {
      await client.ask(RECORD, { input: { evaluation, by: ["sex"], classes: ["A"], ci: "DELONG_LOGIT" } });
    }
    const { leftOut, k } = await pool({ metrics: { class: "A", by: ["sex"] } }, "public");
    const query = `{ metrics(filter: { class: "A", by: ["sex"] }, first: 200) { nodes { status } } }`;
    const { nodes } = (await client.ask(query, {}, "public")).metrics;
    const hidden = nodes.filter(({ status }: { status: string }) => status === "SUPPRESSED");
    expect(hidden.length).toBeGreaterThan(sites.length);
    const suppressed = leftOut.filter(({ reason }: { reason: string }) => reason === "SUPPRESSED");
    expect(suppressed).toHaveLength(hidden.length);
    expect(k + leftOut.length).toBe(nodes.length);
  });
});

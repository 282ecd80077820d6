import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeId } from "../../../api/graphql/node-id.ts";
import { cohortDataset, makeCohort } from "../../support/cohort.ts";
import { type BuiltEvaluation, buildDataset, buildEvaluation } from "../../support/evaluation-builder.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";
import { type GraphqlClient, graphqlClient } from "../../support/graphql-client.ts";

const ONE = `query ($id: ID!) {
  evaluation(id: $id) {
    id classes task { kind attribute classes } scoreKind scoredCount missingScoreCount transformChain fingerprint recordedAt
    dataset { slug } datasetVersion { version } model { slug } modelVersion { version } run { id }
    attributes { name kind levels unit }
    metrics(first: 5) { totalCount nodes { class value } }
  }
}`;
const LIST = `query ($filter: EvaluationFilter, $first: Int, $after: String) {
  evaluations(filter: $filter, first: $first, after: $after) { totalCount nodes { id } pageInfo { hasNextPage endCursor } }
}`;

let database: FreshDatabase;
let client: GraphqlClient;
const built: BuiltEvaluation[] = [];
const ids: string[] = [];
const cohort = makeCohort(3, 60);

beforeAll(async () => {
  database = await freshDatabase();
  client = graphqlClient(database);
  const spec = cohortDataset(cohort);
  const partOf = Array.from(new Set(cohort.patients), (patient) => patient % 2);
  const dataset = await buildDataset(database, {
    ...spec,
    slug: "here",
    splits: { study: { parts: ["train", "test"], of: partOf } },
  });
  const other = await buildDataset(database, { ...spec, slug: "there" });
  for (const [place, model] of [
    [dataset, "a"],
    [dataset, "b"],
    [other, "c"],
  ] as const) {
    const task = {
      taskKind: "multilabel",
      taskAttribute: "finding",
      classes: model === "c" ? ["A"] : ["A", "B"],
    } as const;
    const made = await buildEvaluation(database, place, {
      ...task,
      model,
      scores: cohort.scores.slice(0, task.classes.length),
    });
    built.push(made);
    ids.push(encodeId("Evaluation", made.evaluationId));
  }
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const list = async (variables: Record<string, unknown>) => (await client.ask(LIST, variables)).evaluations;

describe("evaluation", () => {
  test("tells what was scored by what, and what its rows can be divided by", async () => {
    await client.ask("mutation ($input: StratifiedAucInput!) { recordMetrics(input: $input) { created } }", {
      input: { evaluation: ids[0] },
    });
    const { evaluation } = await client.ask(ONE, { id: ids[0] });
    const missing = cohort.scores.reduce((sum, column) => sum + column.filter(Number.isNaN).length, 0);
    expect(evaluation).toMatchObject({
      id: ids[0],
      classes: ["A", "B"],
      task: { kind: "MULTILABEL", attribute: "finding", classes: ["A", "B"] },
      scoreKind: "PROBABILITY",
      scoredCount: cohort.imageCount,
      missingScoreCount: missing,
      dataset: { slug: "here" },
      model: { slug: "a" },
      datasetVersion: { version: 1 },
      modelVersion: { version: 1 },
      metrics: { totalCount: 2 },
    });
    expect(evaluation.attributes).toContainEqual({
      name: "sex",
      kind: "CATEGORY",
      levels: ["F", "M"],
      unit: null,
    });
    expect(evaluation.attributes).toContainEqual({ name: "age", kind: "NUMBER", levels: [], unit: null });
    expect(evaluation.attributes).toContainEqual({
      name: "split:study",
      kind: "SPLIT",
      levels: ["train", "test"],
      unit: null,
    });
    expect(evaluation.attributes.map(({ name }: { name: string }) => name)).not.toContain("patient");
  });

  test("is null when it is not here", async () => {
    expect((await client.ask(ONE, { id: encodeId("Evaluation", 9_999) })).evaluation).toBe(null);
  });

  test("rounds its counts without row-level rights", async () => {
    const { evaluation } = await client.ask(
      "query ($id: ID!) { evaluation(id: $id) { scoredCount missingScoreCount } }",
      { id: ids[0] },
      "public",
    );
    expect(evaluation.scoredCount % 5).toBe(0);
    expect(evaluation.missingScoreCount % 5).toBe(0);
  });

  test("divides by the parts of a split", async () => {
    const query =
      "query ($input: StratifiedAucInput!) { stratifiedAuc(input: $input) { cells { stratum { level } nPositive nNegative nLeftOut } } }";
    const { cells } = (
      await client.ask(query, { input: { evaluation: ids[0], classes: ["A"], by: ["split:study"] } })
    ).stratifiedAuc;
    const inTest = cohort.patients.filter((patient) => patient % 2 === 1).length;
    expect(cells.map(({ stratum }: { stratum: { level: string }[] }) => stratum[0]?.level)).toEqual([
      "train",
      "test",
    ]);
    expect(cells[1].nPositive + cells[1].nNegative + cells[1].nLeftOut).toBe(inTest);
  });
});

describe("evaluations", () => {
  test("lists the newest first, page by page", async () => {
    const seen: string[] = [];
    for (let after: string | null = null; ; ) {
      const { nodes, pageInfo } = await list({ first: 1, after });
      seen.push(...nodes.map(({ id }: { id: string }) => id));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    expect(seen).toEqual([...ids].reverse());
  });

  test("filters by dataset, model, task and class", async () => {
    expect((await list({ filter: { dataset: "here" } })).totalCount).toBe(2);
    expect((await list({ filter: { model: "b" } })).nodes).toEqual([{ id: ids[1] }]);
    expect((await list({ filter: { className: "B" } })).totalCount).toBe(2);
    expect((await list({ filter: { taskAttribute: "race" } })).totalCount).toBe(0);
    expect((await list({ filter: { dataset: "there", model: "a" } })).totalCount).toBe(0);
  });
});

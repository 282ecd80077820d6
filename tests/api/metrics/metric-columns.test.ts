import { GraphQLObjectType, getNamedType, isLeafType } from "graphql";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { anonymousPrincipal } from "../../../api/access/principal.ts";
import { encodeId } from "../../../api/graphql/node-id.ts";
import { allMetricColumns, findMetric, listMetrics } from "../../../api/metrics/metric.queries.ts";
import { newestFirst } from "../../../api/metrics/metric.service.ts";
import { columnsFor } from "../../../api/metrics/metric-columns.ts";
import { discloseMetrics } from "../../../api/metrics/metric-disclosure.ts";
import { loadPublications } from "../../../api/publications/publication.loader.ts";
import { buildApiSchema } from "../../../api/schema.ts";
import { cohortDataset, makeCohort } from "../../support/cohort.ts";
import { buildDataset, buildEvaluation } from "../../support/evaluation-builder.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";
import { type GraphqlClient, graphqlClient } from "../../support/graphql-client.ts";

/** Every field of a record, each with a selection that shows what it holds. */
const fields = new Map(
  Object.values(recordType().getFields()).map(({ name, type }) => {
    const named = getNamedType(type);
    if (isLeafType(named)) return [name, name];
    return [name, `${name} { ${name === "stratum" ? "attribute level" : "id"} }`];
  }),
);

let database: FreshDatabase;
let client: GraphqlClient;

function recordType(): GraphQLObjectType {
  const type = buildApiSchema().getType("MetricRecord");
  if (!(type instanceof GraphQLObjectType)) throw new Error("Expected the type MetricRecord, got none");
  return type;
}

beforeAll(async () => {
  database = await freshDatabase();
  client = graphqlClient(database);
  await loadPublications(database);
  const cohort = makeCohort(11, 250);
  const dataset = await buildDataset(database, cohortDataset(cohort));
  const { evaluationId } = await buildEvaluation(database, dataset, {
    taskKind: "multilabel",
    taskAttribute: "finding",
    classes: ["A", "B"],
    scores: cohort.scores,
  });
  const evaluation = encodeId("Evaluation", evaluationId);
  const query = "mutation ($input: StratifiedAucInput!) { recordMetrics(input: $input) { created } }";
  await client.ask(query, { input: { evaluation, by: ["sex", "view"] } });
  await client.ask(query, { input: { evaluation, by: ["sex"], level: 0.77 } });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

describe("a page of records", () => {
  const page = async (selection: string, role: "steward" | "public", origin?: string) =>
    (
      await client.ask(
        `query ($filter: MetricFilter) { metrics(first: 40, filter: $filter) { nodes { ${selection} } } }`,
        { filter: origin === undefined ? null : { origin } },
        role,
      )
    ).metrics.nodes as readonly Readonly<Record<string, unknown>>[];

  test.each([
    ["steward", "COMPUTED"],
    ["steward", "PUBLISHED"],
    ["steward", undefined],
    ["public", "COMPUTED"],
    ["public", "PUBLISHED"],
    ["public", undefined],
  ] as const)("says of each field the same alone as among all others (%s, %s)", async (role, origin) => {
    const whole = await page([...fields.values()].join(" "), role, origin);
    expect(whole.length).toBeGreaterThan(10);
    for (const [name, selection] of fields) {
      const alone = await page(selection, role, origin);
      expect(alone, name).toEqual(whole.map((node) => ({ [name]: node[name] })));
    }
  });

  test("is the whole record's own: what metric(id) says", async () => {
    const selection = [...fields.values()].join(" ");
    for (const origin of ["COMPUTED", "PUBLISHED"]) {
      const [node] = await page(selection, "steward", origin);
      const { metric } = await client.ask(`query ($id: ID!) { metric(id: $id) { ${selection} } }`, {
        id: node?.["id"],
      });
      expect(node).toEqual(metric);
    }
  });

  test("reads of the table what it is asked for, and all of it only to decide what to hide", async () => {
    const queries = vi.spyOn(database.pool, "query");
    const textOf = async (work: () => Promise<unknown>) => {
      queries.mockClear();
      await work();
      const texts = queries.mock.calls.map(([config]) => String(Reflect.get(Object(config), "text")));
      return texts.find((text) => text.includes('from "metric_record"')) ?? "";
    };
    const open = await textOf(() => page("id value dataset { slug }", "steward"));
    expect(columnsIn(open)).toEqual(["id", "origin", "dataset_id", "value"]);
    expect(columnsIn(await textOf(() => page("id", "public", "PUBLISHED")))).toHaveLength(3);
    expect(columnsIn(await textOf(() => page("id", "public")))).toHaveLength(allMetricColumns.length);
    queries.mockRestore();
  });
});

function columnsIn(text: string): string[] {
  const list = text.slice(0, text.indexOf(" from "));
  return [...list.matchAll(/metric_record\."(\w+)"/g)].map(([, name = ""]) => name);
}

test("a list of whole records holds what drizzle reads", async () => {
  for (const row of await listMetrics(database.db, {}, newestFirst, 50, undefined, allMetricColumns)) {
    expect(row).toEqual(await findMetric(database.db, row.id));
  }
});

test("a field that is no column reads them all; an order reads its column", () => {
  const sort = { ...newestFirst, field: "n_patients" } as const;
  expect(columnsFor(new Set(["class", "status", "model"]), sort)).toEqual([
    "id",
    "origin",
    "datasetId",
    "modelId",
    "className",
    "value",
    "nPatients",
  ]);
  expect(columnsFor(new Set(["somethingNew"]), newestFirst)).toEqual(allMetricColumns);
});

test("a record that is not open is not decided upon from a part of it", async () => {
  const rows = await listMetrics(database.db, { origin: "computed" }, newestFirst, 1, undefined, [
    "id",
    "origin",
    "datasetId",
    "value",
  ]);
  expect(rows).toHaveLength(1);
  const frames = client.services.stratifiedAucs.frames;
  await expect(discloseMetrics(frames, rows, anonymousPrincipal("public"))).rejects.toMatchObject({
    code: "INTERNAL",
  });
  await expect(discloseMetrics(frames, rows, anonymousPrincipal("steward"))).resolves.toHaveLength(1);
});

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ApolloClient, HttpLink, InMemoryCache } from "@apollo/client";
import { generate } from "@graphql-codegen/cli";
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { Client, fetchExchange } from "@urql/core";
import { Kind, type OperationDefinitionNode } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeId } from "../../api/graphql/node-id.ts";
import { packageRoot } from "../../api/package-root.ts";
import { loadPublications } from "../../api/publications/publication.loader.ts";
import { startTestApi, type TestApi } from "../support/test-api.ts";
import codegen from "./codegen.ts";
import { contract } from "./contract.ts";

/** What both clients are asked to do; the types come from the schema by way of codegen. */
interface AnyClient {
  ask<Data, Variables extends Record<string, unknown>>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<Data>;
}

const example = join(packageRoot, "examples/phantom-chest");
let api: TestApi;
let evaluation: string;

beforeAll(async () => {
  api = await startTestApi();
  await loadPublications(api.database);
  const outcome = await api.api.services.imports.importPredictions({
    dataset: "phantom-chest",
    model: "phantom-reader",
    mapping: JSON.parse(await readFile(join(example, "mapping.json"), "utf8")),
    predictions: { path: join(example, "predictions.csv") },
  });
  if (outcome.status !== "stored") throw new Error("Expected the example to be stored");
  evaluation = encodeId("Evaluation", outcome.evaluationId);
});
afterAll(() => api[Symbol.asyncDispose]());

function urqlClient(url: string): AnyClient {
  const client = new Client({ url, exchanges: [fetchExchange], preferGetMethod: false });
  return {
    async ask(document, variables) {
      const isMutation = kindOf(document) === "mutation";
      const result = await (isMutation
        ? client.mutation(document, variables)
        : client.query(document, variables));
      if (result.error !== undefined || result.data === undefined) throw new Error(String(result.error));
      return result.data;
    },
  };
}

function apolloClient(url: string): AnyClient {
  const client = new ApolloClient({ link: new HttpLink({ uri: url }), cache: new InMemoryCache() });
  return {
    async ask<Data, Variables extends Record<string, unknown>>(
      document: TypedDocumentNode<Data, Variables>,
      variables: Variables,
    ) {
      // Safe: Apollo's conditional option types cannot be met by generic variables; the values are right.
      const options = { variables } as never;
      const result =
        kindOf(document) === "mutation"
          ? await client.mutate<Data, Variables>({ mutation: document, ...(options as object) } as never)
          : await client.query<Data, Variables>({ query: document, ...(options as object) } as never);
      if (result.error !== undefined || result.data === undefined) throw new Error(String(result.error));
      return result.data as Data; // safe: no error and no partial data by the default policy
    },
  };
}

function kindOf(document: TypedDocumentNode<unknown, never>): string {
  const operation = document.definitions.find(
    (one): one is OperationDefinitionNode => one.kind === Kind.OPERATION_DEFINITION,
  );
  return operation?.operation ?? "none";
}

describe.each([
  ["urql", urqlClient],
  ["Apollo Client", apolloClient],
])("%s runs the contract", (_name, makeClient) => {
  let client: AnyClient;
  beforeAll(() => {
    client = makeClient(`${api.url}/graphql`);
  });

  test("finds dataset, model, plugins, experiments and publications", async () => {
    const found = await client.ask(contract.catalogue, { dataset: "phantom-chest", model: "phantom-reader" });
    expect(found.dataset?.versions[0]).toMatchObject({ version: 1, imageCount: 1503, patientCount: 600 });
    expect(found.dataset?.versions[0]?.attributes.map(({ name }) => name)).toContain("race");
    expect(found.model?.versions[0]?.classes).toEqual(["Asian", "Black", "White"]);
    expect(found.datasets.pageInfo.hasNextPage).toBe(true);
    expect(found.plugins.map(({ id }) => id)).toContain("auroc");
    expect(found.publications.nodes.map(({ slug }) => slug)).toContain("gichoya-2022");
  });

  test("finds the evaluation, its run and itself in the list", async () => {
    const found = await client.ask(contract.evaluations, { id: evaluation });
    expect(found.evaluation).toMatchObject({
      id: evaluation,
      scoredCount: 1503,
      dataset: { slug: "phantom-chest" },
      run: { kind: "IMPORT", state: "SUCCEEDED" },
    });
    expect(found.evaluations.nodes).toEqual(
      [{ __typename: expect.anything(), id: evaluation }].map(({ id }) => expect.objectContaining({ id })),
    );
    const { run } = await client.ask(contract.run, { id: found.evaluation?.run.id ?? "" });
    expect(run).toMatchObject({ plugin: "import_predictions", pluginVersion: 1 });
  });

  test("asks for AUCs, a curve, a comparison, gaps and calibration", async () => {
    const { stratifiedAuc } = await client.ask(contract.stratifiedAuc, {
      input: { evaluation, by: ["sex"] },
    });
    expect(stratifiedAuc.cells).toHaveLength(6);
    for (const cell of stratifiedAuc.cells)
      expect(cell).toMatchObject({ status: "OK", auc: expect.any(Number) });
    const { rocCurve } = await client.ask(contract.rocCurve, {
      input: { evaluation, class: "Black", maxPoints: 50 },
    });
    expect(rocCurve.fpr).toHaveLength(rocCurve.tpr.length);
    expect([rocCurve.fpr[0], rocCurve.fpr.at(-1), rocCurve.tpr.at(-1)]).toEqual([0, 1, 1]);
    const { compareAuc } = await client.ask(contract.compareAuc, {
      input: {
        first: { evaluation, class: "Black", stratum: [{ attribute: "sex", level: "F" }] },
        second: { evaluation, class: "Black", stratum: [{ attribute: "sex", level: "M" }] },
      },
    });
    expect(compareAuc.cells).toMatchObject([{ class: "Black", method: "DELONG_UNPAIRED", status: "OK" }]);
    const { gaps } = await client.ask(contract.gaps, {
      input: { evaluation, by: ["sex"], threshold: { rule: "YOUDEN" } },
    });
    expect(gaps.thresholds).toHaveLength(3);
    const { calibration } = await client.ask(contract.calibration, { input: { evaluation, by: ["sex"] } });
    expect(calibration.cells).toHaveLength(6);
  });

  test("pools the published external validation", async () => {
    const { metaAnalysis } = await client.ask(contract.metaAnalysis, {
      input: { metrics: { publication: "gichoya-2022", experiment: "CXR external", class: "Black" } },
    });
    expect(metaAnalysis.k).toBe(6);
    // metafor 3.8, rma(yi, vi, method="REML", test="knha") on the logit scale; 5 digits.
    expect(metaAnalysis.estimate).toBeCloseTo(0.96971, 4);
    expect(metaAnalysis.leaveOneOut).toHaveLength(6);
    expect(metaAnalysis.forestSvg).toMatch(/^<svg/);
  });

  test("records a stratified result once, however often it asks", async () => {
    const variables = { input: { evaluation, by: ["site"], classes: ["White"] } };
    const first = await client.ask(contract.recordMetrics, variables);
    const again = await client.ask(contract.recordMetrics, variables);
    expect(again.recordMetrics.records.map(({ id }) => id)).toEqual(
      first.recordMetrics.records.map(({ id }) => id),
    );
  });

  test("walks all published numbers by cursor and sees each once", async () => {
    const seen = new Set<string>();
    let after: string | null | undefined;
    do {
      const variables = { filter: { publication: "gichoya-2022" }, first: 100, after: after ?? null };
      const { metrics } = await client.ask(contract.metrics, variables);
      for (const { id } of metrics.nodes) {
        expect(seen.has(id)).toBe(false);
        seen.add(id);
      }
      after = metrics.pageInfo.hasNextPage ? metrics.pageInfo.endCursor : undefined;
    } while (after !== undefined);
    // All numbers of the study itself; the later works are publications of their own.
    expect(seen.size).toBe(524);
  });
});

test("the generated types are those of the schema", async () => {
  const files: { filename: string; content: string }[] = await generate(
    { ...codegen, cwd: packageRoot },
    false,
  );
  expect(files.length).toBeGreaterThan(0);
  for (const { filename, content } of files) {
    const committed = await readFile(join(packageRoot, filename), "utf8");
    // The file on disk has a line more for a linter.
    expect(committed.replace("/* eslint-disable */\n", "").trim(), `${filename}: run npm run codegen`).toBe(
      content.replace("/* eslint-disable */\n", "").trim(),
    );
  }
});

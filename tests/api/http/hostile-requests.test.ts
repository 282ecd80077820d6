import { getIntrospectionQuery } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { errorTraits } from "../../../api/errors.ts";
import { hostileRequests } from "../../support/hostile-requests.ts";
import { startTestApi, type TestApi } from "../../support/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

describe("a hostile request", () => {
  test("is one of at least 100", () => {
    expect(hostileRequests.length).toBeGreaterThanOrEqual(100);
    expect(new Set(hostileRequests.map(({ name }) => name)).size).toBe(hostileRequests.length);
  });

  test.each(hostileRequests.map((request) => [request.name, request] as const))(
    "(%s) is refused with a code of the table, and the database hears nothing",
    async (_name, { path = "/graphql", init, codes }) => {
      const before = api.statements();
      const answer = await api.send(path, init);
      expect(api.statements() - before).toBe(0);
      const [error] = answer.errors ?? [];
      expect(codes).toContain(error?.extensions["code"]);
      expect(Object.keys(errorTraits)).toContain(error?.extensions["code"]);
      expect(error?.extensions).toMatchObject({
        retryable: false,
        requestId: answer.headers.get("x-request-id"),
      });
      expect(Object.values(answer.data ?? {}).every((value) => value === null)).toBe(true);
      expect(answer.text).not.toMatch(/select |insert |node_modules|\bat .*\.ts/);
    },
  );

  test("leaves the server as it was", async () => {
    const { data } = await api.ask("{ datasets { totalCount } }");
    expect(data).toEqual({ datasets: { totalCount: 0 } });
  });
});

describe("a well-meant request", () => {
  test.each([
    [
      "full introspection",
      getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, oneOf: true }),
    ],
    [
      "a page of everything plain",
      "{ datasets(first: 200) { totalCount nodes { id slug title description modality bodyPart licence access origin recordedAt } } }",
    ],
    [
      "a few aliases",
      `{ ${Array.from({ length: 20 }, (_, i) => `a${i}: dataset(slug: "x${i}") { slug }`).join(" ")} }`,
    ],
  ])("passes: %s", async (_name, query) => {
    const { errors } = await api.ask(query);
    expect(errors).toBeUndefined();
  });

  test("passes by GET with a preflight header", async () => {
    const query = encodeURIComponent("query A($n: Int) { datasets(first: $n) { totalCount } }");
    const { data } = await api.send(
      `/graphql?query=${query}&variables=${encodeURIComponent('{"n":3}')}&operationName=A`,
      {
        headers: { "apollo-require-preflight": "1" },
      },
    );
    expect(data).toEqual({ datasets: { totalCount: 0 } });
  });
});

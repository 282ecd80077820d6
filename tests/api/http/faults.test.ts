import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildDataset, buildEvaluation } from "../../support/evaluation-builder.ts";
import { hostileRequests } from "../../support/hostile-requests.ts";
import { startTestApi, type TestApi } from "../../support/test-api.ts";

const CANARY = "MRN-0042-JANE-DOE";
const SCORE = "0.31337";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  const dataset = await buildDataset(api.database, {
    slug: "canary",
    imageCount: 40,
    patients: Array.from({ length: 40 }, (_, image) => image),
    categories: {
      sex: { dictionary: ["F", "M"], codes: Array.from({ length: 40 }, (_, image) => image % 2) },
    },
  });
  await buildEvaluation(api.database, dataset, {
    taskKind: "binary",
    taskAttribute: "sex",
    classes: ["F", "M"],
    scores: [0, 1].map(() => Array.from({ length: 40 }, () => Number(SCORE))),
  });
});
afterAll(() => api[Symbol.asyncDispose]());

describe("a fault of our own", () => {
  test("reads Internal server error; the log has its class and place, and no message", async () => {
    await api.database.pool.query("alter table dataset rename column title to title_before");
    try {
      const before = api.logged.length;
      const { errors, text } = await api.ask("query ($s: String!) { dataset(slug: $s) { title } }", {
        s: CANARY,
      });
      expect(errors?.[0]).toMatchObject({
        message: "Internal server error",
        extensions: { code: "INTERNAL_SERVER_ERROR", retryable: false, requestId: expect.any(String) },
      });
      expect(text).not.toMatch(/select|title_before|42703/i);
      const lines = api.logged.slice(before);
      expect(lines.join()).not.toContain(CANARY);
      expect(lines.join()).not.toContain("select");
      const line: unknown = JSON.parse(lines.find((entry) => entry.includes('"level":50')) ?? "{}");
      expect(line).toMatchObject({ sqlState: "42703", requestId: errors?.[0]?.extensions["requestId"] });
    } finally {
      await api.database.pool.query("alter table dataset rename column title_before to title");
    }
  });

  test("is told apart from a database that may come back", async () => {
    await using other = await startTestApi();
    await other.database.pool.end();
    const { errors } = await other.ask("{ datasets { totalCount } }");
    expect(errors?.[0]?.extensions).toMatchObject({ code: "DB_UNAVAILABLE", retryable: true });
    const ready = await other.send("/readyz");
    expect(ready.status).toBe(503);
    expect(ready.errors?.[0]?.extensions["code"]).toBe("DB_UNAVAILABLE");
  });
});

describe("a patient's identifier", () => {
  test("is in no answer and no line of the log, whatever is asked", async () => {
    await api.database.pool.query(
      "alter table patient disable trigger all; alter table image disable trigger all; alter table study disable trigger all",
    );
    await api.database.pool.query("update patient set external_id = $1 || ordinal", [CANARY]);
    await api.database.pool.query("update image set external_id = $1 || ordinal, uri = $1", [CANARY]);
    const texts: string[] = [];
    for (const { path = "/graphql", init } of hostileRequests) texts.push((await api.send(path, init)).text);
    const asked = await Promise.all([
      api.ask(
        '{ dataset(slug: "canary") { versions { imageCount attributes { name levels { level recorded imageCount patientCount } } } evaluations { nodes { id run { params summary inputDigests events { payload } } attributes { name levels } } } } }',
      ),
      api.ask("{ __schema { types { name } } }"),
      api.ask(`{ dataset(slug: "${CANARY}x") { slug } }`),
      api.ask(`query ($s: Int!) { dataset(slug: $s) { slug } }`, { s: 1 }),
    ]);
    texts.push(...asked.map(({ text }) => text));
    expect(asked[0]?.errors).toBeUndefined();
    expect(texts.filter((text) => text.includes(CANARY))).toEqual([]);
    expect(api.logged.filter((line) => line.includes(CANARY))).toEqual([]);
    expect(api.logged.length).toBeGreaterThan(100);
  });
});

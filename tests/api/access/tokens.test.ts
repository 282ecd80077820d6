import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildDataset } from "../../support/evaluation-builder.ts";
import { startTestApi, type TestApi } from "../../support/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ STRATUM_ANONYMOUS_ROLE: "public" });
  await buildDataset(api.database, { slug: "one", imageCount: 23 });
  await buildDataset(api.database, { slug: "two", imageCount: 23 });
});
afterAll(() => api[Symbol.asyncDispose]());

const query = '{ one: dataset(slug: "one") { myRole } two: dataset(slug: "two") { myRole } }';
const refusal = async (token: string) => (await api.ask(query, {}, token)).errors?.[0]?.extensions["code"];

describe("a token", () => {
  test("is 256 random bits, of which only a digest is stored and nothing logged", async () => {
    const { token, id } = await api.api.services.tokens.create({ label: "a", globalRole: "analyst" });
    expect(token).toMatch(/^stm_[A-Za-z0-9_-]{43}$/);
    await api.ask(query, {}, token);
    const { rows } = await api.database.pool.query("select * from api_token where id = $1", [id]);
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(JSON.stringify(await api.api.services.tokens.list())).not.toMatch(/sha256/i);
    expect(api.logged.join()).not.toContain(token.slice(0, 20));
  });

  test("gives its role everywhere, and grants raise it on single datasets", async () => {
    const { token } = await api.api.services.tokens.create({ label: "b", grants: { two: "steward" } });
    expect((await api.ask(query)).data).toEqual({ one: { myRole: "PUBLIC" }, two: { myRole: "PUBLIC" } });
    expect((await api.ask(query, {}, token)).data).toEqual({
      one: { myRole: "PUBLIC" },
      two: { myRole: "STEWARD" },
    });
    const analyst = await api.api.services.tokens.create({
      label: "c",
      globalRole: "analyst",
      grants: { one: "public" },
    });
    expect((await api.ask(query, {}, analyst.token)).data).toEqual({
      one: { myRole: "ANALYST" },
      two: { myRole: "ANALYST" },
    });
  });

  test("decides whether counts are exact", async () => {
    const counts = '{ dataset(slug: "two") { versions { imageCount } } }';
    const { token } = await api.api.services.tokens.create({ label: "d", grants: { two: "analyst" } });
    expect((await api.ask(counts)).data).toEqual({ dataset: { versions: [{ imageCount: 25 }] } });
    expect((await api.ask(counts, {}, token)).data).toEqual({ dataset: { versions: [{ imageCount: 23 }] } });
  });

  test("ends when it is revoked or expires, for the next request", async () => {
    const { tokens } = api.api.services;
    const revoked = await tokens.create({ label: "e", globalRole: "steward" });
    expect(await refusal(revoked.token)).toBeUndefined();
    await tokens.revoke(revoked.id);
    expect(await refusal(revoked.token)).toBe("UNAUTHENTICATED");
    const expired = await tokens.create({ label: "f", expiresAt: new Date(Date.now() - 1_000) });
    expect(await refusal(expired.token)).toBe("UNAUTHENTICATED");
    await expect(tokens.revoke(999_999)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test.each(["stm_", "x", `stm_${"A".repeat(43)}`, `stm_${"A".repeat(43)}'`, "a b"])(
    "that is not known (%j) is refused, not taken for anonymous",
    async (token) => {
      expect(await refusal(token)).toBe("UNAUTHENTICATED");
    },
  );

  test("for a dataset that is not there is not made", async () => {
    const before = (await api.api.services.tokens.list()).length;
    await expect(
      api.api.services.tokens.create({ label: "g", grants: { none: "analyst" } }),
    ).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    expect(await api.api.services.tokens.list()).toHaveLength(before);
  });
});

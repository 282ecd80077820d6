import { describe, expect, test } from "vitest";
import { startTestApi } from "../../support/test-api.ts";

describe("the server", () => {
  test("answers an operation, without saying what it runs on", async () => {
    await using api = await startTestApi();
    const { data, errors, headers } = await api.ask("{ datasets { totalCount nodes { slug } } }");
    expect(errors).toBeUndefined();
    expect(data).toEqual({ datasets: { totalCount: 0, nodes: [] } });
    expect(headers.get("x-powered-by")).toBeNull();
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });
});

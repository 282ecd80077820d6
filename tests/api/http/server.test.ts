import { request as rawRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestApi, type TestApi } from "../../support/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

/** A request whose headers fetch would not let us set. */
function get(path: string, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  return new Promise((done, fail) => {
    rawRequest(`${api.url}${path}`, { headers }, (response) => {
      let body = "";
      response.on("data", (chunk) => {
        body += chunk;
      });
      response.on("end", () => done({ status: response.statusCode ?? 0, body }));
    })
      .on("error", fail)
      .end();
  });
}

describe("the server", () => {
  test("answers an operation, without saying what it runs on", async () => {
    const { data, errors, headers } = await api.ask("{ datasets { totalCount nodes { slug } } }");
    expect(errors).toBeUndefined();
    expect(data).toEqual({ datasets: { totalCount: 0, nodes: [] } });
    expect(headers.get("x-powered-by")).toBeNull();
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("access-control-allow-origin")).toBeNull();
  });

  test("answers in the media type of GraphQL over HTTP when asked", async () => {
    const { headers, data } = await api.send("/graphql", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/graphql-response+json" },
      body: JSON.stringify({ query: "{ __typename }" }),
    });
    expect(data).toEqual({ __typename: "Query" });
    expect(headers.get("content-type")).toContain("application/graphql-response+json");
  });

  test("is healthy, and ready with its database", async () => {
    expect((await api.send("/healthz")).status).toBe(200);
    expect((await api.send("/readyz")).text).toBe('{"status":"ready"}');
  });

  test("hands out its schema", async () => {
    const { text } = await api.send("/schema.graphql");
    expect(text).toContain("type Query {");
    expect(text).toContain("stratifiedAuc(");
  });

  test("answers only to names of this machine while it listens on loopback", async () => {
    const accept = { Accept: "application/json" };
    expect((await get("/healthz", { ...accept, Host: "evil.example:4000" })).status).toBe(403);
    expect((await get("/healthz", { ...accept, Host: "localhost:4000" })).status).toBe(200);
    expect((await get("/healthz", { ...accept, Host: "[::1]:4000" })).status).toBe(200);
  });

  test("takes a query of a variable page and refuses the same query with a large page", async () => {
    const query =
      "query ($n: Int!) { datasets(first: $n) { nodes { evaluations(first: 200) { nodes { id dataset { slug } } } } } }";
    expect((await api.ask(query, { n: 3 })).errors).toBeUndefined();
    expect((await api.ask(query, { n: 200 })).errors?.[0]?.extensions["code"]).toBe("QUERY_TOO_COSTLY");
  });
});

describe("a port in use", () => {
  test("is said so, and nothing stays open", async () => {
    await expect(startTestApi({ PORT: String(api.api.port) })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
    });
  });
});

describe("GraphiQL", () => {
  const page = { headers: { Accept: "text/html,application/xhtml+xml" } };

  test("comes whole from disk: nothing in it asks another address", async () => {
    const { text, status, headers } = await api.send("/graphql", page);
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(text).toContain("<title>Stratum</title>");
    expect(text).toContain("query Overview");
    expect(text.match(/<script[^>]*\ssrc=/g)).toBeNull();
    expect(text.match(/<link(?![^>]*href="data:)[^>]*>/g)).toBeNull();
    expect(text.match(/@import|importScripts\(|unpkg|jsdelivr|cdnjs|googleapis|gstatic/g)).toBeNull();
    expect(text.match(/url\(["']?https?:/g)).toBeNull();
  });

  test("may load nothing from elsewhere, even if it tried", async () => {
    const { headers } = await api.send("/graphql", page);
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).not.toMatch(/https?:|\*/);
  });

  test("comes compressed, and not again when the browser has it", async () => {
    const first = await api.send("/graphql", page);
    expect(first.headers.get("content-encoding")).toBe("gzip");
    const etag = first.headers.get("etag") ?? "";
    const again = await api.send("/graphql", { headers: { ...page.headers, "If-None-Match": etag } });
    expect(again.status).toBe(304);
  });
});

describe("a network address", () => {
  test("makes anonymous callers public and hides the names of the schema in messages", async () => {
    await using open = await startTestApi({ HOST: "0.0.0.0" });
    const url = open.url.replace("0.0.0.0", "127.0.0.1");
    const ask = async (query: string) => {
      const response = await fetch(`${url}/graphql`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ query }),
      });
      return response.text();
    };
    expect(await ask("{ dataset { slugg } }")).not.toMatch(/Did you mean/);
    expect(await ask('mutation { createUpload(input: { fileName: "x.csv" }) { id } }')).toContain(
      "UNAUTHENTICATED",
    );
    expect((await api.ask('{ dataset(slug: "x") { slugg } }')).text).toMatch(/Did you mean/);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { isLoopback, readConfig } from "../../api/config.ts";

function homeWith(config: string): string {
  const home = mkdtempSync(join(tmpdir(), "stratum-config-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  writeFileSync(join(home, "config.json"), config);
  return home;
}

describe("readConfig", () => {
  test("has a default for everything", () => {
    expect(readConfig({})).toMatchObject({
      databaseUrl: undefined,
      home: join(process.cwd(), ".stratum"),
      http: { host: "127.0.0.1", port: 4000 },
      logLevel: "info",
      access: { anonymousRole: "steward" },
      pool: { size: 10, statementTimeoutMs: 5000, lockTimeoutMs: 2000, idleTransactionTimeoutMs: 10_000 },
      limits: { uploadBytes: 4 * 1024 ** 3, bodyBytes: 100_000, queryDepth: 12, queryTokens: 1000 },
    });
  });

  test("takes the command line before the environment before config.json", () => {
    const home = homeWith('{"PORT": 1111, "HOST": "localhost", "STRATUM_LOG_LEVEL": "warn"}');
    const config = readConfig({ STRATUM_HOME: home, PORT: "2222", HOST: "" }, { PORT: 3333 });
    expect(config.http).toMatchObject({ host: "localhost", port: 3333 });
    expect(config.logLevel).toBe("warn");
    expect(config.home).toBe(home);
  });

  test("reads named folders of images, commas in paths included", () => {
    const config = readConfig({ STRATUM_IMAGE_ROOTS: "nih=/data/nih,cxr=/data/a, b/cxr" });
    expect(config.imageRoots).toEqual({ nih: "/data/nih", cxr: "/data/a, b/cxr" });
    expect(readConfig({}).imageRoots).toEqual({});
  });

  test.each(["nih", "nih=data/nih", "=/data", "NIH=/data", "a=/x,a=/y"])(
    "refuses the image roots %s",
    (text) => {
      expect(() => readConfig({ STRATUM_IMAGE_ROOTS: text })).toThrow(
        expect.objectContaining({
          code: "CONFIG_INVALID",
          message: expect.stringContaining("STRATUM_IMAGE_ROOTS"),
        }),
      );
    },
  );

  test("reports every problem at once, and no value", () => {
    const read = () =>
      readConfig({ DATABASE_URL: "mysql://root:secret@host/x", PORT: "70000", STRATUM_POOL_SIZE: "many" });
    expect(read).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message: expect.stringMatching(/3 at fault:.*DATABASE_URL.*PORT.*STRATUM_POOL_SIZE/s),
      }),
    );
    expect(read).toThrow(expect.objectContaining({ message: expect.not.stringContaining("secret") }));
  });

  test.each([
    ["not JSON", "{"],
    ["no object", "[1]"],
    ["an unknown name", '{"PROT": 1}'],
    ["the home itself", '{"STRATUM_HOME": "/elsewhere"}'],
  ])("refuses a config.json with %s", (_what, text) => {
    const home = homeWith(text);
    expect(() => readConfig({ STRATUM_HOME: home })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  });

  test.each([
    "postgresql://me:word@db.example:5432/stratum?sslmode=require",
    "postgres://localhost/stratum",
    "postgresql://me:word@/stratum?host=%2Frun%2Fpostgresql",
    "postgresql:///stratum?host=/run/postgresql",
  ])("takes %s", (url) => {
    expect(readConfig({ DATABASE_URL: url }).databaseUrl).toBe(url);
  });

  test("opens everything to anonymous callers only where nobody else can call", () => {
    const roleOn = (HOST: string, given = "") =>
      readConfig({ HOST, STRATUM_ANONYMOUS_ROLE: given }).access.anonymousRole;
    expect(["127.0.0.1", "127.1.2.3", "localhost", "::1"].map((host) => roleOn(host))).toEqual(
      Array(4).fill("steward"),
    );
    expect(["0.0.0.0", "::", "192.168.1.5", "127.example.org"].map((host) => roleOn(host))).toEqual(
      Array(4).fill("public"),
    );
    expect(roleOn("0.0.0.0", "analyst")).toBe("analyst");
    expect(roleOn("127.0.0.1", "public")).toBe("public");
  });

  test("is frozen all the way down", () => {
    const config = readConfig({});
    for (const part of [config, ...Object.values(config)]) {
      expect(Object.isFrozen(part)).toBe(true); // Text and numbers count as frozen.
    }
  });
});

test("isLoopback does not take a name for an address", () => {
  expect(isLoopback("127.0.0.1.evil.example")).toBe(false);
});

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ScratchFolder } from "../support/child-tasks.ts";
import { type FreshDatabase, freshDatabase } from "../support/fresh-database.ts";
import { classifierBytes } from "../support/onnx-models.ts";
import { type Ended, runStratum } from "./run-stratum.ts";

let database: FreshDatabase;
const scratch = new ScratchFolder();
const home = join(scratch.path, "home");

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(async () => {
  scratch[Symbol.dispose]();
  await database[Symbol.asyncDispose]();
});

function register(...args: readonly string[]): Promise<Ended> {
  const { databaseUrl } = database.config;
  const command = ["register", "model", "--model", "reader", "--task", "race", ...args];
  return runStratum(command, { home, ...(databaseUrl === undefined ? {} : { databaseUrl }) });
}

describe("stratum register model", () => {
  test("stores a model and says what it holds", async () => {
    const { path, sha256 } = scratch.file("reader.onnx", classifierBytes({ classes: 3 }));
    const flags = ["--onnx", path, "--classes", "Asian, Black, White", "--activation", "softmax"];
    const first = await register(...flags, "--mean", "0.5", "--deviation", "0.25", "--json");
    expect({ status: first.status, err: first.err }).toEqual({ status: 0, err: "" });
    expect(JSON.parse(first.out)).toMatchObject({
      model: "reader",
      version: 1,
      created: true,
      sha256,
      preprocessing: { rows: 16, cols: 16, planes: 1, mean: [0.5], deviation: [0.25], antialias: true },
      outputs: [{ name: "logits", activation: "softmax" }],
    });
    expect(existsSync(join(home, "models", sha256.slice(0, 2), `${sha256}.onnx`))).toBe(true);
    const record = join(scratch.path, "preprocessing.json");
    writeFileSync(record, JSON.stringify({ mean: [0.5], deviation: [0.25] }));
    const again = await register(...flags, "--preprocessing", record);
    expect(again).toMatchObject({ status: 0 });
    expect(again.out).toMatch(
      /^Already registered as version 1 of reader, [\d,]+ weights in [\d,]+ bytes\.\nSHA-256 /,
    );
  });

  test("refuses what is no model, by its code", async () => {
    const { path } = scratch.file("text.onnx", new TextEncoder().encode("no model"));
    const { status, out, err } = await register("--onnx", path, "--classes", "a,b");
    expect({ status, out }).toEqual({ status: 3, out: "" });
    expect(err).toMatch(/^error: Expected an ONNX model, got .* \(MODEL_INVALID\)\n$/);
  });

  test.each([
    ["a file that is not there", ["--onnx", "/nowhere.onnx", "--classes", "a,b"]],
    ["a size that is no number", ["--onnx", "package.json", "--classes", "a,b", "--size", "large"]],
    ["an unknown activation", ["--onnx", "package.json", "--classes", "a,b", "--activation", "relu"]],
    ["no classes", ["--onnx", "package.json"]],
  ])("refuses %s as wrong usage", async (_what, flags) => {
    expect((await register(...flags)).status).toBe(2);
  });
});

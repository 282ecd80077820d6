import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConfig } from "../../api/config.ts";
import { modelStoreOf } from "../../api/models/model-store.ts";
import { packageRoot } from "../../api/package-root.ts";
import { ScratchFolder } from "../support/child-tasks.ts";
import { startProxy } from "../support/database-proxy.ts";
import { type FreshDatabase, freshDatabase } from "../support/fresh-database.ts";
import { graphqlClient } from "../support/graphql-client.ts";
import { buildImages, buildModel } from "../support/jobs/evaluation-fixture.ts";
import { livingProcesses, until } from "../support/processes.ts";
import { type Ended, runStratum } from "./run-stratum.ts";

let database: FreshDatabase;
let folder: ScratchFolder;
let home: string;

beforeAll(async () => {
  database = await freshDatabase();
  folder = new ScratchFolder();
  home = join(folder.path, "home");
  const store = modelStoreOf(readConfig({ STRATUM_HOME: home }));
  await buildImages(database, folder, 24, "chest");
  await buildModel(database, store, folder, "race-net");
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const stratum = (...args: readonly string[]): Promise<Ended> =>
  runStratum(args, { home, databaseUrl: database.connectionString });

const target = ["evaluate", "--model", "race-net", "--dataset", "chest"];

/** A command that stays, in a process of its own, once it has printed its first line. */
async function start(args: readonly string[], databaseUrl = database.connectionString) {
  const child = spawn(process.execPath, [join(packageRoot, "bin/stratum.js"), ...args], {
    cwd: packageRoot,
    stdio: ["ignore", "pipe", "ignore"],
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      STRATUM_HOME: home,
      DATABASE_URL: databaseUrl,
      STRATUM_HEARTBEAT_MS: "200",
      STRATUM_LEASE_MS: "2000",
    },
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  return { child, ended, first: String(first.value) };
}

describe("without any worker", () => {
  test("stratum evaluate does the work itself, and finds it done the second time", async () => {
    const { status, out, err } = await stratum(...target, "--json");
    expect({ status, err }).toEqual({ status: 0, err: "" });
    const first = JSON.parse(out);
    expect(first).toMatchObject({
      created: true,
      run: {
        state: "SUCCEEDED",
        summary: { images: 24, scored: 24 },
        evaluation: { id: expect.any(String) },
      },
    });
    const again = await stratum(...target);
    expect(again.status).toBe(0);
    expect(again.out).toContain(`Evaluation ${first.run.evaluation.id} (made before): 24 of 24 images.`);
    expect(again.out).toMatch(/Black +0\.\d{4}/);
  });

  test("stratum saliency draws the maps that an evaluation left over its images", async () => {
    const saliency = ["--saliency", "Black", "--saliency-method", "grad-cam"];
    const evaluated = JSON.parse((await stratum(...target, "--split", "test", ...saliency, "--json")).out);
    const { id } = evaluated.run.evaluation;
    const sheet = join(folder.path, "sheet.png");
    const { status, out, err } = await stratum("saliency", "--evaluation", id, "--top", "2", "--out", sheet);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out).toBe(`Wrote ${sheet}: grad-cam of Black, 2 images.\n`);
    expect(await sharp(sheet).metadata()).toMatchObject({ format: "png", width: 3 * 320 + 2 * 12 + 2 * 20 });
    const top = JSON.parse(
      (await stratum("saliency", "--evaluation", id, "--top", "3", "--out", sheet, "--json")).out,
    );
    expect(top.images).toHaveLength(3);
    const scores = top.images.map(({ score }: { score: number }) => score);
    expect(scores).toEqual(scores.toSorted((a: number, b: number) => b - a));
    const [{ ordinal }] = top.images;
    const args = ["saliency", "--evaluation", id, "--out", sheet, "--json"];
    const one = JSON.parse((await stratum(...args, "--image", String(ordinal))).out);
    expect(one.images).toEqual([top.images[0]]);
    const { evaluation } = await graphqlClient(database).ask(
      "query ($id: ID!) { evaluation(id: $id) { companions { file shape sha256 folder } } }",
      { id },
    );
    expect(evaluation.companions).toMatchObject([
      { file: "ordinals.npy" },
      { file: "saliency.npy", shape: [8, 16, 16], sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    expect((await stratum(...args, "--image", "100")).status).toBe(2);
    expect((await stratum(...args, "--image", "1", "--top", "2")).status).toBe(2);
    const plain = JSON.parse((await stratum(...target, "--json")).out).run.evaluation.id;
    const none = await stratum("saliency", "--evaluation", plain, "--out", sheet);
    expect([none.status, none.err]).toEqual([4, expect.stringContaining("evaluate with --saliency")]);
  }, 240_000);

  test("stratum runs lists, watches, cancels and asks again", async () => {
    const detached = await stratum(...target, "--transform", "low_pass:radius=4", "--detach", "--json");
    const { run } = JSON.parse(detached.out);
    expect(run.state).toBe("QUEUED");
    const listed = await stratum("runs", "list", "--state", "queued", "--json");
    expect(JSON.parse(listed.out)).toMatchObject([
      { id: run.id, kind: "EVALUATION", dataset: { slug: "chest" } },
    ]);
    expect((await stratum("runs", "cancel", run.id)).out).toBe(`Run ${run.id} is cancelled.\n`);
    const watched = await stratum("runs", "watch", run.id, "--json");
    expect(watched.status).toBe(1);
    const events = watched.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.map(({ kind }) => kind)).toEqual(["queued", "cancelled"]);
    const rest = await stratum("runs", "watch", run.id, "--after", "1");
    expect({ err: rest.err, out: rest.out }).toMatchObject({
      err: "",
      out: expect.stringMatching(/^ +2 .* cancelled\n$/),
    });
    expect((await stratum("runs", "retry", run.id)).out).toBe(`Run ${run.id} is queued.\n`);
    expect((await stratum("runs", "list")).out).toMatch(/evaluation +chest +queued/);
    expect((await stratum(...target, "--transform", "low_pass:radius=4")).status).toBe(0);
  }, 240_000);

  test.each([
    [["evaluate", "--model", "nobody", "--dataset", "chest"], 4, "NOT_FOUND"],
    [[...target, "--split", "validate"], 2, "BAD_USER_INPUT"],
    [[...target, "--saliency", "Black", "--saliency-noise", "0.1"], 2, "INVALID_PARAM"],
    [[...target, "--saliency-method", "gradient"], 2, "--saliency"],
    [[...target, "--transform", "low_pass:radius=wide"], 2, "INVALID_PARAM"],
    [[...target, "--transform", "no_such"], 2, "NO_SUCH_PLUGIN"],
    [["runs", "watch", "UnVuOjk5OTk5"], 4, "NOT_FOUND"],
    [["work", "--concurrency", "0"], 2, "--concurrency"],
  ])("stratum %j exits with %i", async (args, status, word) => {
    const ended = await stratum(...args);
    expect(ended.status).toBe(status);
    expect(ended.err).toContain(word);
  });
});

test("stratum work takes what is queued, and SIGTERM ends it with 0", async () => {
  const worker = await start(["work"]);
  expect(worker.first).toMatch(/^Worker [0-9a-f-]{36} takes runs, 1 at once/);
  const ended = await stratum(...target, "--transform", "high_pass:radius=2", "--json");
  expect(JSON.parse(ended.out).run.state).toBe("SUCCEEDED");
  worker.child.kill("SIGTERM");
  expect(await worker.ended).toEqual({ code: 0, signal: null });
});

test("stratum work ends with 0 within ten seconds, also when the database is away", async () => {
  const proxy = await startProxy(database.connectionString);
  const worker = await start(["work"], proxy.url);
  await proxy[Symbol.asyncDispose]();
  const asked = performance.now();
  worker.child.kill("SIGTERM");
  expect(await worker.ended).toEqual({ code: 0, signal: null });
  expect(performance.now() - asked).toBeLessThan(10_000);
});

test("stratum serve --with-worker carries out what is asked of it, and takes its worker with it however it ends", async () => {
  const workers = () => livingProcesses().filter(({ command }) => / work --concurrency 2$/.test(command));
  for (const signal of ["SIGKILL", "SIGTERM"] as const) {
    const server = await start(["serve", "--port", "0", "--with-worker", "2"]);
    const url = /http:\S+/.exec(server.first)?.[0] ?? "";
    const ask = async (query: string, variables: object) => {
      const response = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ query, variables }),
      });
      const { data } = (await response.json()) as {
        data: Record<string, { run: { id: string; state: string }; state: string }>;
      }; // safe: what the queries below ask for
      return data;
    };
    const radius = signal === "SIGKILL" ? 5 : 6;
    const { evaluate } = await ask(
      "mutation ($input: EvaluateInput!) { evaluate(input: $input) { run { id state } } }",
      { input: { model: "race-net", dataset: "chest", transforms: [{ lowPass: { radius } }] } },
    );
    expect(evaluate?.run.state).toBe("QUEUED");
    await until(async () => {
      const { run } = await ask("query ($id: ID!) { run(id: $id) { state } }", { id: evaluate?.run.id });
      return run?.state === "SUCCEEDED";
    }, "the evaluation");
    expect(workers().some(({ parent }) => parent === server.child.pid)).toBe(true);
    const mine = workers()
      .filter(({ parent }) => parent === server.child.pid)
      .map(({ pid }) => pid);
    const asked = performance.now();
    server.child.kill(signal);
    expect(await server.ended).toEqual(
      signal === "SIGTERM" ? { code: 0, signal: null } : { code: null, signal },
    );
    await until(() => workers().every(({ pid }) => !mine.includes(pid)), "the worker to be gone", 12_000);
    // Less than the 9.5 s after which a worker that cannot stop ends all the same.
    expect(performance.now() - asked).toBeLessThan(9_000);
  }
});

import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Config, readConfig } from "../../api/config.ts";
import { type ModelStore, modelStoreOf } from "../../api/models/model-store.ts";
import { EvaluationRunner } from "../../api/predictions/evaluate/evaluation-runner.ts";
import { startWorker, type Worker } from "../../api/worker.ts";
import { ScratchFolder } from "../support/child-tasks.ts";
import type { BuiltDataset } from "../support/evaluation-builder.ts";
import { type FreshDatabase, freshDatabase } from "../support/fresh-database.ts";
import { type GraphqlClient, graphqlClient } from "../support/graphql-client.ts";
import { buildImages, buildModel, contentOf } from "../support/jobs/evaluation-fixture.ts";
import { readNpy } from "../support/npy.ts";
import { until } from "../support/processes.ts";

const IMAGES = 60;

let database: FreshDatabase;
let folder: ScratchFolder;
let config: Config;
let store: ModelStore;
let client: GraphqlClient;
let worker: Worker;
let dataset: BuiltDataset;
let model: string;

beforeAll(async () => {
  database = await freshDatabase();
  folder = new ScratchFolder();
  config = readConfig({
    STRATUM_HOME: join(folder.path, "home"),
    STRATUM_HEARTBEAT_MS: "200",
    STRATUM_LEASE_MS: "5000",
    STRATUM_RETRY_MS: "10",
  });
  store = modelStoreOf(config);
  client = graphqlClient(database);
  dataset = await buildImages(database, folder, IMAGES);
  model = await buildModel(database, store, folder);
  const deps = { database, config, log: pino({ level: process.env["JOBS_LOG"] ?? "silent" }) };
  worker = await startWorker(deps, {
    concurrency: 2,
    runners: { evaluation: new EvaluationRunner({ models: store }) },
  });
});
afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const EVALUATE = `mutation ($input: EvaluateInput!) {
  evaluate(input: $input) { created run { id kind state fingerprint } evaluation { id } }
}`;
const RUN = `query ($id: ID!) {
  run(id: $id) {
    state attempt failure summary params software dataset { slug } progress { done }
    evaluation { id scoredCount missingScoreCount transformChain classes run { id } }
    events { sequence kind payload }
  }
}`;

async function evaluate(input: Record<string, unknown>) {
  const { evaluate: asked } = await client.ask(EVALUATE, {
    input: { model, dataset: dataset.slug, ...input },
  });
  return asked;
}

async function runOf(id: string) {
  return (await client.ask(RUN, { id })).run;
}

async function ended(id: string) {
  await until(
    async () => ["SUCCEEDED", "FAILED", "CANCELLED"].includes((await runOf(id)).state),
    "the run to end",
  );
  return runOf(id);
}

describe("an evaluation", () => {
  test("gives scores, default metrics and its whole origin; the second request returns the first", async () => {
    const asked = await evaluate({});
    expect(asked).toMatchObject({
      created: true,
      evaluation: null,
      run: { kind: "EVALUATION", state: "QUEUED" },
    });
    const run = await ended(asked.run.id);
    expect(run).toMatchObject({
      state: "SUCCEEDED",
      attempt: 1,
      failure: null,
      dataset: { slug: dataset.slug },
      progress: null,
      software: { node: process.version },
      params: {
        dataset: dataset.slug,
        datasetVersion: 1,
        model,
        modelVersion: 1,
        split: null,
        provider: "cpu",
      },
      evaluation: {
        scoredCount: IMAGES,
        missingScoreCount: 0,
        transformChain: [],
        run: { id: asked.run.id },
      },
      summary: {
        images: IMAGES,
        scored: IMAGES,
        leftOut: {},
        session: { provider: "cpu", device: expect.any(String), threads: expect.any(Number) },
      },
    });
    expect(
      run.events.map(({ kind }: { kind: string }) => kind).filter((kind: string) => kind !== "progress"),
    ).toEqual(["queued", "started", "started", "finished"]);
    // Three classes: all images and studies; by sex and by view, which has two levels each, for both.
    const { metrics } = await client.ask(
      `query ($evaluation: ID!) { metrics(filter: { evaluation: $evaluation }, first: 200) {
         totalCount nodes { metric unit class stratum { attribute level } value reason run { id kind } } } }`,
      { evaluation: run.evaluation.id },
    );
    expect(metrics.totalCount).toBe(run.summary.metrics);
    for (const node of metrics.nodes) expect(node.run).toEqual({ id: asked.run.id, kind: "EVALUATION" });
    const kinds = metrics.nodes.map(
      ({ unit, stratum }: { unit: string; stratum: { attribute: string }[] }) =>
        `${unit} ${stratum.map(({ attribute }) => attribute).join()}`,
    );
    expect([...new Set(kinds)].sort()).toEqual([
      "image ",
      "image sex",
      "image view",
      "study ",
      "study sex",
      "study view",
    ]);
    const { rows } = await database.pool.query(
      "select count(*)::int as records from metric_record where run_id = (select run_id from prediction_set)",
    );
    expect(rows[0].records).toBe(metrics.totalCount);
    // What is asked of the stored scores afterwards is what was recorded.
    const { stratifiedAuc } = await client.ask(
      `query ($input: StratifiedAucInput!) { stratifiedAuc(input: $input) { cells { class auc } } }`,
      { input: { evaluation: run.evaluation.id, by: ["sex"], unit: "STUDY" } },
    );
    const recorded = metrics.nodes
      .filter((_: unknown, i: number) => kinds[i] === "study sex")
      .map(({ class: name, value }: { class: string; value: number }) => ({ class: name, auc: value }));
    const byClass = (a: { class: string; auc: number }, b: { class: string; auc: number }) =>
      a.class < b.class ? -1 : a.class > b.class ? 1 : a.auc - b.auc;
    expect(recorded.sort(byClass)).toEqual([...stratifiedAuc.cells].sort(byClass));

    const again = await evaluate({});
    expect(again).toMatchObject({ created: false, run: { id: asked.run.id, state: "SUCCEEDED" } });
    expect(again.evaluation.id).toBe(run.evaluation.id);
  });

  test("two hundred equal requests at once are one run", async () => {
    const asked = await Promise.all(
      Array.from({ length: 200 }, () => evaluate({ transforms: [{ lowPass: { radius: 3 } }] })),
    );
    expect(new Set(asked.map(({ run }) => run.id)).size).toBe(1);
    expect(asked.filter(({ created }) => created)).toHaveLength(1);
    const run = await ended(asked[0].run.id);
    expect(run.state).toBe("SUCCEEDED");
    expect(run.evaluation.transformChain).toMatchObject([{ id: "low_pass", params: { radius: 3 } }]);
  });

  test("of one part of a split and under conditions scores no other image", async () => {
    const asked = await evaluate({ split: "test", where: [{ attribute: "sex", in: ["F"] }] });
    const run = await ended(asked.run.id);
    const wanted = Array.from({ length: IMAGES }, (_, image) => image).filter(
      (image) => (image >> 3) % 2 === 1 && (image >> 2) % 2 === 0,
    );
    expect(run).toMatchObject({
      state: "SUCCEEDED",
      params: { split: { name: "split", part: "test" }, where: [{ attribute: "sex", in: ["F"] }] },
      summary: { images: wanted.length, scored: wanted.length },
      evaluation: { scoredCount: wanted.length, missingScoreCount: 3 * (IMAGES - wanted.length) },
    });
    const { rows } = await database.pool.query(
      "select ordinal from prediction where dataset = $1 and class = 'Black' and score is not null and evaluation = (select max(id) from prediction_set) order by ordinal",
      [dataset.slug],
    );
    expect(rows.map(({ ordinal }) => ordinal)).toEqual(wanted);
    const { rows: counted } = await database.pool.query(
      "select n + n_left_out as rows, params from metric_record where prediction_set_id = (select max(id) from prediction_set) and stratum = '[]' and unit = 'image'",
    );
    // Of the images that were asked for, none is left out; the others are not even counted.
    expect(counted.map(({ rows: all }) => Number(all))).toEqual([
      wanted.length,
      wanted.length,
      wanted.length,
    ]);
    expect(await evaluate({ split: "split:test", where: [{ attribute: "sex", in: ["F"] }] })).toMatchObject({
      created: false,
      run: { id: asked.run.id },
    });
  });

  test.each([
    [{ dataset: "nowhere" }, "NOT_FOUND"],
    [{ model: "nobody" }, "NOT_FOUND"],
    [{ modelVersion: 7 }, "NOT_FOUND"],
    [{ split: "validate" }, "BAD_USER_INPUT"],
    [{ where: [{ attribute: "sex", in: ["X"] }] }, "BAD_USER_INPUT"],
    [{ split: "test", where: [{ attribute: "split:split", in: ["train"] }] }, "BAD_USER_INPUT"],
  ])("of %o is refused with %s before it is queued", async (input, code) => {
    const before = await client.ask("{ runs { totalCount } }");
    await expect(evaluate(input)).rejects.toMatchObject({ code });
    expect(await client.ask("{ runs { totalCount } }")).toEqual(before);
  });

  test("is for stewards of the dataset", async () => {
    const input = { model, dataset: dataset.slug, onBadImage: "SKIP" };
    await expect(client.ask(EVALUATE, { input }, "analyst")).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
    });
  });

  test("leaves out an image that has changed, or fails, as it was asked", async () => {
    const broken = await buildImages(database, folder, 12, "broken");
    await writeFile(join(folder.path, "image-5.png"), "no image any more");
    const failed = await ended((await evaluate({ dataset: broken.slug })).run.id);
    expect(failed).toMatchObject({ state: "FAILED", attempt: 1, evaluation: null });
    expect(failed.failure).toMatch(/^IMAGE_CHANGED: .*image 5 of the version/);
    const run = await ended((await evaluate({ dataset: broken.slug, onBadImage: "SKIP" })).run.id);
    expect(run).toMatchObject({
      state: "SUCCEEDED",
      summary: { images: 12, scored: 11, leftOut: { IMAGE_CHANGED: 1 } },
      evaluation: { scoredCount: 11, missingScoreCount: 3 },
    });
    expect(run.events.find(({ kind }: { kind: string }) => kind === "problem").payload).toEqual({
      code: "IMAGE_CHANGED",
      count: 1,
      ordinals: [5],
    });
  });

  test("whose model is gone fails with its code, and works once the model is back", async () => {
    const lost = await buildModel(database, store, folder, "lost");
    const { rows } = await database.pool.query(
      "select onnx_sha256 as sha256 from model_version join model on model.id = model_id where slug = 'lost'",
    );
    const { path } = await store.open(rows[0].sha256);
    const other = await buildImages(database, folder, 8, "other");
    await rm(path);
    const { run } = await evaluate({ model: lost, dataset: other.slug });
    expect((await ended(run.id)).failure).toMatch(/^MODEL_MISSING: /);
    await store.put(join(folder.path, "lost.onnx"), rows[0].sha256);
    const { retryRun } = await client.ask("mutation ($id: ID!) { retryRun(id: $id) { state } }", {
      id: run.id,
    });
    expect(retryRun.state).toBe("QUEUED");
    expect((await ended(run.id)).state).toBe("SUCCEEDED");
    expect(await contentOf(database, other.slug, lost)).toMatch(/^8\n0\n/);
  });

  test("is listed with the others, by state and dataset", async () => {
    const { runs } = await client.ask(
      `query ($filter: RunFilter) { runs(filter: $filter, first: 2) { totalCount nodes { state dataset { slug } } pageInfo { hasNextPage } } }`,
      { filter: { kind: "EVALUATION", states: ["FAILED"], dataset: "broken" } },
    );
    expect(runs).toEqual({
      totalCount: 1,
      nodes: [{ state: "FAILED", dataset: { slug: "broken" } }],
      pageInfo: { hasNextPage: false },
    });
  });

  test("leaves embeddings and class activation maps where they were asked for", async () => {
    const asked = await evaluate({ embedding: "pooled", saliency: { class: "Black" }, split: "test" });
    const run = await ended(asked.run.id);
    expect(run).toMatchObject({
      state: "SUCCEEDED",
      params: {
        artefacts: { embedding: "pooled", saliency: { class: "Black", method: "class-activation" } },
      },
    });
    const { folder: at, files } = run.summary.artefacts;
    expect(at).toBe(`artefacts/${asked.run.fingerprint}/attempt-1`);
    const { scored } = run.summary;
    expect(files.map(({ file, shape }: { file: string; shape: number[] }) => [file, shape])).toEqual([
      ["ordinals.npy", [scored]],
      ["embeddings.npy", [scored, 4]],
      ["saliency.npy", [scored, 16, 16]],
    ]);
    for (const { file, shape } of files) expect(readNpy(join(config.home, at, file)).shape).toEqual(shape);
    // Without them it is another request, with the same scores.
    const plain = await evaluate({ split: "test" });
    expect(plain.run.id).not.toBe(asked.run.id);
    expect((await ended(plain.run.id)).summary).not.toHaveProperty("artefacts");
  });

  test("refuses to leave maps of what is no class", async () => {
    await expect(evaluate({ saliency: { class: "Martian" } })).rejects.toThrow(
      /Expected one of the classes Asian, Black/,
    );
    await expect(
      evaluate({ saliency: { class: "Black" }, transforms: [{ salientRegion: {} }] }),
    ).rejects.toThrow(/salient_region or files of each image, got both/);
    await expect(evaluate({ saliency: { class: "Black", samples: 3 } })).rejects.toThrow(
      /Expected no samples for class-activation/,
    );
    await expect(evaluate({ embedding: "" })).rejects.toThrow(/Expected the name of a layer/);
  });
});

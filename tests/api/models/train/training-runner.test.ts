import { readdirSync, rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { operator } from "../../../../api/access/principal.ts";
import { type Config, readConfig } from "../../../../api/config.ts";
import { encodeId } from "../../../../api/graphql/node-id.ts";
import { modelStoreOf } from "../../../../api/models/model-store.ts";
import { type TrainRequest, TrainService } from "../../../../api/models/train/train.service.ts";
import type { StartTraining } from "../../../../api/models/train/train-network.ts";
import { TrainingRunner } from "../../../../api/models/train/training-runner.ts";
import { startWorker, type Worker } from "../../../../api/worker.ts";
import { startComputeChild } from "../../../../compute/child/start-child.ts";
import { ScratchFolder } from "../../../support/child-tasks.ts";
import type { BuiltDataset } from "../../../support/evaluation-builder.ts";
import { type FreshDatabase, freshDatabase } from "../../../support/fresh-database.ts";
import { type GraphqlClient, graphqlClient } from "../../../support/graphql-client.ts";
import { eventsOf, untilState } from "../../../support/jobs/job-test.ts";
import { buildStripes, stripesRequest } from "../../../support/jobs/training-fixture.ts";
import { until } from "../../../support/processes.ts";

let database: FreshDatabase;
let folder: ScratchFolder;
let config: Config;
let client: GraphqlClient;
let service: TrainService;
let worker: Worker;
let dataset: BuiltDataset;
/** What happens to the next children, in order, as their messages come in; a dropped one is never heard of. */
const hooks: {
  readonly before?: (folder: string) => void;
  readonly on?: (message: { readonly kind: string }) => "kill" | "drop" | undefined;
}[] = [];

const startChild: StartTraining = (task, options) => {
  const { before, on } = hooks.shift() ?? {};
  before?.(task.folder);
  const child = startComputeChild(task, options);
  return {
    pid: child.pid,
    kill: () => child.kill(),
    async *[Symbol.asyncIterator]() {
      for await (const message of child) {
        const what = on?.(message);
        // From outside, as by the system: the parent does not know of it.
        if (what === "kill") process.kill(child.pid, "SIGKILL");
        if (what !== "drop") yield message;
      }
    },
  };
};

beforeAll(async () => {
  database = await freshDatabase();
  folder = new ScratchFolder();
  config = readConfig({
    STRATUM_HOME: join(folder.path, "home"),
    STRATUM_HEARTBEAT_MS: "200",
    STRATUM_LEASE_MS: "5000",
    STRATUM_RETRY_MS: "10",
  });
  client = graphqlClient(database);
  service = new TrainService({ database, config });
  dataset = await buildStripes(database, folder, 96);
  const deps = { database, config, log: pino({ level: process.env["JOBS_LOG"] ?? "silent" }) };
  worker = await startWorker(deps, {
    concurrency: 1,
    runners: { training: new TrainingRunner({ models: modelStoreOf(config), threads: 1, startChild }) },
  });
}, 60_000);
afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const ask = async (parts: Partial<TrainRequest> = {}) =>
  (await service.request(stripesRequest(dataset.slug, parts), operator)).run;

const RUN = `query ($id: ID!) {
  run(id: $id) {
    state attempt failure summary software
    trainingHistory { epoch epochs step learningRate trainingLoss validationLoss best validationAuc { class auc ciLow ciHigh reason } }
    trainedModel { version taskKind taskAttribute classes onnxSha256 model { slug title origin architecture } trainedBy { id }
      preprocessing { rows cols planes mean } graph { parameters } outputs { name } }
    events(first: 200) { kind payload }
  }
}`;

async function ended(id: number, state = "succeeded") {
  await untilState(database, id, ["succeeded", "failed", "cancelled"], 100_000);
  const { run } = await client.ask(RUN, { id: encodeId("Run", id) });
  expect({ state: run.state, failure: run.failure }).toMatchObject({ state: state.toUpperCase() });
  return run;
}

/** Names below the folder of checkpoints. */
const kept = () => readdir(config.checkpoints).catch((): string[] => []);

describe("a training", () => {
  test("gives a model of the warehouse with its history and its whole origin", async () => {
    const asked = await ask({ title: "Stripes by sex" });
    const run = await ended(asked.id);
    expect(run).toMatchObject({
      attempt: 1,
      failure: null,
      trainedModel: {
        version: 1,
        taskKind: "BINARY",
        taskAttribute: "sex",
        classes: ["F", "M"],
        onnxSha256: run.summary.onnxSha256,
        model: {
          slug: `${dataset.slug}-sex-small_cnn`,
          title: "Stripes by sex",
          origin: "TRAINED",
          architecture: "small_cnn",
        },
        trainedBy: { id: encodeId("Run", asked.id) },
        preprocessing: { rows: 16, cols: 16, planes: 1, mean: [0.5] },
      },
      summary: {
        training: { images: 48, patients: 12, classes: { F: 24, M: 24 } },
        validation: { images: 24, patients: 6, classes: { F: 12, M: 12 } },
        leftOut: {},
        epochs: 3,
        ended: "epochs",
        steps: 18,
        weightsSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        session: { provider: "cpu", threads: 1 },
      },
    });
    expect(run.trainingHistory.map(({ epoch }: { epoch: number }) => epoch)).toEqual([1, 2, 3]);
    const best = run.trainingHistory.findLast((epoch: { best: boolean }) => epoch.best);
    expect(best.validationAuc[0]).toMatchObject({ class: "F" });
    expect(best.validationAuc[0].auc).toBeGreaterThan(0.8);
    const kinds = run.events.map(({ kind }: { kind: string }) => kind);
    expect(kinds.filter((kind: string) => kind !== "progress")).toEqual([
      "queued",
      "started",
      "started",
      ...["epoch", "checkpoint", "epoch", "checkpoint", "epoch", "checkpoint"],
      "finished",
    ]);
    await until(async () => (await kept()).length === 0, "the checkpoints to be removed");
    expect((await service.request(stripesRequest(dataset.slug), operator)).created).toBe(false);
  }, 120_000);

  test("goes on from its last checkpoint when its child is killed, to the same weights", async () => {
    const undisturbed = await ended((await ask({ model: "undisturbed", seed: 5, checkpointSteps: 4 })).id);
    let checkpoints = 0;
    // The second epoch's report is lost on its way, as where the worker dies before it has kept it.
    hooks.push({
      on: ({ kind }) => {
        if (kind === "epoch" && checkpoints > 1) return "drop";
        return kind === "checkpoint" && ++checkpoints === 5 ? "kill" : undefined;
      },
    });
    const asked = await ask({ model: "disturbed", seed: 5, checkpointSteps: 4 });
    const run = await ended(asked.id);
    expect(run.attempt).toBe(2);
    expect(run.summary.weightsSha256).toBe(undisturbed.summary.weightsSha256);
    expect(run.trainedModel.onnxSha256).toBe(undisturbed.trainedModel.onnxSha256);
    expect(run.trainingHistory).toEqual(undisturbed.trainingHistory);
    const kinds = await eventsOf(database, asked.id);
    expect(kinds.filter((kind) => /requeued|resumed|problem/.test(kind))).toEqual([
      "requeued CHILD_OUT_OF_MEMORY",
      "resumed",
    ]);
  }, 240_000);

  test("begins anew where the checkpoints are gone, and says so", async () => {
    hooks.push({ on: ({ kind }) => (kind === "checkpoint" ? "kill" : undefined) });
    // As on another machine.
    hooks.push({
      before: (path) => {
        for (const name of readdirSync(path)) rmSync(join(path, name));
      },
    });
    const asked = await ask({ model: "moved", seed: 6, checkpointSteps: 4 });
    const run = await ended(asked.id);
    const kinds = (await eventsOf(database, asked.id)).filter((kind) =>
      /requeued|resumed|problem/.test(kind),
    );
    expect(kinds).toEqual(["requeued CHILD_OUT_OF_MEMORY", "problem CHECKPOINT_NOT_HERE"]);
    expect(run.summary.steps).toBe(18);
  }, 240_000);

  test("that is cancelled ends at once and leaves nothing", async () => {
    const asked = await ask({ model: "cancelled", epochs: 10_000, patience: 0, checkpointSteps: 5 });
    await until(async () => (await eventsOf(database, asked.id)).includes("epoch"), "an epoch", 60_000);
    expect(await kept()).toContain(asked.fingerprint);
    const at = performance.now();
    await client.ask("mutation ($id: ID!) { cancelRun(id: $id) { state } }", {
      id: encodeId("Run", asked.id),
    });
    await untilState(database, asked.id, ["cancelled"]);
    expect(performance.now() - at).toBeLessThan(20_000);
    await until(async () => !(await kept()).includes(asked.fingerprint), "the checkpoints to be removed");
  }, 120_000);

  test("that diverges fails with its reason, at its first attempt", async () => {
    // Decay so strong that every step turns each weight over and makes it larger.
    const optimiser = { kind: "sgd", weightDecay: 1_000 } as const;
    const asked = await ask({ model: "diverged", learningRate: 10, optimiser });
    const run = await ended(asked.id, "failed");
    expect(run).toMatchObject({ attempt: 1, trainedModel: null });
    expect(run.failure).toMatch(/^TRAINING_DIVERGED: Expected a finite loss, got .* lower it/);
  }, 60_000);

  test("starts from a model that was trained here, and learns its head only", async () => {
    await ended((await ask({ title: "Stripes by sex" })).id);
    const run = await ended(
      (await ask({ model: "head", start: { model: `${dataset.slug}-sex-small_cnn`, learn: "head" } })).id,
    );
    expect(run.trainedModel).toMatchObject({
      model: { slug: "head", architecture: "small_cnn" },
      version: 1,
    });
    expect(run.trainingHistory.at(0).learningRate).toBe(3e-3);
  }, 120_000);
});

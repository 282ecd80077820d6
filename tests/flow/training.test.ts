import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Config, readConfig } from "../../api/config.ts";
import { createRunners } from "../../api/runners.ts";
import { startWorker, type Worker } from "../../api/worker.ts";
import { ScratchFolder } from "../support/child-tasks.ts";
import { type FreshDatabase, freshDatabase } from "../support/fresh-database.ts";
import { type GraphqlClient, graphqlClient } from "../support/graphql-client.ts";
import { buildStripes } from "../support/jobs/training-fixture.ts";
import { until } from "../support/processes.ts";

let database: FreshDatabase;
let folder: ScratchFolder;
let config: Config;
let client: GraphqlClient;
let worker: Worker;

beforeAll(async () => {
  database = await freshDatabase();
  folder = new ScratchFolder();
  config = readConfig({ STRATUM_HOME: join(folder.path, "home"), STRATUM_HEARTBEAT_MS: "200" });
  client = graphqlClient(database);
  await buildStripes(database, folder, 160, "stripes");
  const deps = { database, config, log: pino({ level: process.env["JOBS_LOG"] ?? "silent" }) };
  // As `stratum work --concurrency 2` has it.
  worker = await startWorker(deps, { concurrency: 2, runners: createRunners(config, 2) });
}, 60_000);
afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const recipe = { learningRate: 0.003, batch: 8, epochs: 4, augmentation: {}, stepsPerCall: 2 };

async function done<Field extends string>(
  field: Field,
  input: Record<string, unknown>,
): Promise<{ readonly id: string; readonly created: boolean }> {
  const type = field === "train" ? "TrainInput" : "EvaluateInput";
  const answer = await client.ask(
    `mutation ($input: ${type}!) { ${field}(input: $input) { created run { id } } }`,
    { input },
  );
  const { created, run } = answer[field];
  await until(
    async () => {
      const { run: now } = await client.ask("query ($id: ID!) { run(id: $id) { state failure } }", {
        id: run.id,
      });
      if (now.failure !== null) throw new Error(now.failure);
      return now.state === "SUCCEEDED";
    },
    field,
    200_000,
  );
  return { id: run.id, created };
}

test("a signal that was planted is learnt on one part and found on another; everything says where it came from", async () => {
  const input = { dataset: "stripes", attribute: "sex", ...recipe };
  const trained = await done("train", input);
  expect((await done("train", input)).created).toBe(false);
  const { run } = await client.ask(
    `query ($id: ID!) { run(id: $id) {
       kind dataset { slug } params inputDigests software summary
       trainingHistory { epoch trainingLoss validationLoss validationAuc { class auc } }
       trainedModel { version classes trainedBy { id } model { slug origin versions { version } } }
     } }`,
    { id: trained.id },
  );
  expect(run).toMatchObject({
    kind: "TRAINING",
    dataset: { slug: "stripes" },
    params: { attribute: "sex", recipe: { epochs: 4, learningRate: 0.003 } },
    inputDigests: { manifest: expect.stringMatching(/^[0-9a-f]{64}$/) },
    software: { node: process.version },
    trainedModel: {
      version: 1,
      classes: ["F", "M"],
      trainedBy: { id: trained.id },
      model: { origin: "TRAINED" },
    },
  });
  expect(run.trainingHistory).toHaveLength(4);
  expect(run.trainingHistory.at(-1).trainingLoss).toBeLessThan(run.trainingHistory[0].trainingLoss);
  const slug = run.trainedModel.model.slug;
  const evaluated = await done("evaluate", { model: slug, dataset: "stripes", split: "test" });
  const { run: evaluation } = await client.ask(
    `query ($id: ID!) { run(id: $id) { summary evaluation { id scoredCount classes } } }`,
    { id: evaluated.id },
  );
  expect(evaluation.evaluation).toMatchObject({ scoredCount: 40, classes: ["F", "M"] });
  const { stratifiedAuc } = await client.ask(
    `query ($input: StratifiedAucInput!) { stratifiedAuc(input: $input) { cells { class auc } } }`,
    { input: { evaluation: evaluation.evaluation.id, where: [{ attribute: "split:split", in: ["test"] }] } },
  );
  for (const { auc } of stratifiedAuc.cells) expect(auc).toBeGreaterThan(0.9);
  const { metrics } = await client.ask(
    `query ($id: ID!) { metrics(filter: { evaluation: $id }, first: 200) { nodes { stratum { attribute } value reason } } }`,
    { id: evaluation.evaluation.id },
  );
  expect(metrics.nodes.length).toBeGreaterThan(2);
}, 300_000);

test("levels taken together are one class for training and for evaluations of what a fold held back", async () => {
  // Images of race White have stripes along, the others across.
  const classes = [{ name: "other", levels: ["Asian", "Black"] }, { name: "White" }];
  const trained = await done("train", {
    ...recipe,
    dataset: "stripes",
    attribute: "race",
    classes,
    model: "race-of-stripes",
    folds: { k: 4, fold: 2 },
  });
  const model = { model: "race-of-stripes", dataset: "stripes", split: "folds-4-seed-2021:fold-2" };
  const evaluated = await done("evaluate", model);
  const { run } = await client.ask(`query ($id: ID!) { run(id: $id) { evaluation { id scoredCount } } }`, {
    id: evaluated.id,
  });
  expect(run.evaluation.scoredCount).toBe(40);
  const { stratifiedAuc } = await client.ask(
    `query ($input: StratifiedAucInput!) { stratifiedAuc(input: $input) { cells { class auc nPositive nNegative } } }`,
    { input: { evaluation: run.evaluation.id } },
  );
  // Half of the images are of White patients, the other half of the two levels together.
  for (const cell of stratifiedAuc.cells) {
    expect(cell).toMatchObject({ nPositive: 20, nNegative: 20 });
    expect(cell.auc).toBeGreaterThan(0.9);
  }
  expect(
    (await client.ask(`query ($id: ID!) { run(id: $id) { params } }`, { id: trained.id })).run.params,
  ).toMatchObject({
    heldOut: { k: 4, fold: 2, split: { name: "folds-4-seed-2021", part: "fold-2" } },
  });
}, 300_000);

test("all findings are learnt at once, each its own yes or no, also where one is not known", async () => {
  const input = {
    ...recipe,
    dataset: "stripes",
    attribute: "finding",
    model: "findings",
    sampling: "SHUFFLE",
  };
  const trained = await done("train", input);
  const { run } = await client.ask(
    `query ($id: ID!) { run(id: $id) { summary trainedModel { taskKind taskAttribute classes outputs { name } } } }`,
    { id: trained.id },
  );
  expect(run.trainedModel).toMatchObject({
    taskKind: "MULTILABEL",
    taskAttribute: "finding",
    classes: ["Across", "Along"],
  });
  const evaluated = await done("evaluate", { model: "findings", dataset: "stripes", split: "test" });
  const { run: evaluation } = await client.ask(
    `query ($id: ID!) { run(id: $id) { evaluation { id scoredCount } } }`,
    { id: evaluated.id },
  );
  const { stratifiedAuc } = await client.ask(
    `query ($input: StratifiedAucInput!) { stratifiedAuc(input: $input) { cells { class auc } } }`,
    { input: { evaluation: evaluation.evaluation.id } },
  );
  expect(stratifiedAuc.cells.map((cell: { class: string }) => cell.class)).toEqual(["Across", "Along"]);
  for (const { auc } of stratifiedAuc.cells) expect(auc).toBeGreaterThan(0.9);
}, 300_000);

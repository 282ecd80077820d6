import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { operator } from "../../../api/access/principal.ts";
import { givenFindingModel } from "../../../api/audits/given-finding-model.ts";
import { readConfig } from "../../../api/config.ts";
import { type TrainRequest, TrainService } from "../../../api/models/train/train.service.ts";
import { parsePreprocessing } from "../../../compute/onnx/parse-preprocessing.ts";
import { factsOf } from "../../support/audit-settings.ts";
import { buildDataset } from "../../support/evaluation-builder.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";

const IMAGES = 60;
const images = Array.from({ length: IMAGES }, (_, image) => image);
const settings = { folds: 5, splitSeed: 2021, reciprocal: false };
const main = {
  name: "main",
  train: "train",
  validation: "validate",
  test: "test",
  trainImages: 1,
  testImages: 1,
};
const split = factsOf("split", { split: main });
const whole = factsOf("whole", { split: null });

let database: FreshDatabase;
let service: TrainService;

beforeAll(async () => {
  database = await freshDatabase();
  service = new TrainService({ database, config: readConfig({ STRATUM_HOME: "/nonexistent" }) });
  const columns = {
    imageCount: IMAGES,
    files: {
      root: "/nowhere",
      of: images.map((image) => ({ uri: `${image}.png`, sha256: "0".repeat(64), rows: 64, cols: 64 })),
    },
    patients: images.map((image) => image >> 1),
    categories: {
      "finding:Mass": { dictionary: ["0", "1"], codes: images.map((image) => (image >> 2) % 2) },
      "finding:Edema": { dictionary: ["0", "1"], codes: images.map((image) => (image >> 1) % 2) },
    },
  };
  const parts = ["train", "validate", "test"];
  await buildDataset(database, {
    ...columns,
    slug: "split",
    splits: { main: { parts, of: Array.from({ length: 30 }, (_, patient) => patient % 3) } },
  });
  await buildDataset(database, { ...columns, slug: "whole" });
});
afterAll(() => database[Symbol.asyncDispose]());

let count = 0;

/** A model with its bytes known; `runId`: the training that made it. */
async function modelOf(runId: number | null, task = "multilabel"): Promise<string> {
  count += 1;
  const slug = `chest-${count}`;
  const { rows } = await database.pool.query(
    "insert into model (slug, title, origin) values ($1, $1, $2) returning id",
    [slug, runId === null ? "registered" : "trained"],
  );
  await database.pool.query(
    `insert into model_version (model_id, version, onnx_sha256, task_kind, task_attribute, classes, inputs, outputs, normalisation, trained_by_run_id)
     values ($1, 1, $2, $3, 'finding', '{Mass,Edema}', $4, $5, $6, $7)`,
    [
      rows[0].id,
      String(count).padStart(64, "0"),
      task,
      JSON.stringify([{ name: "image", type: "float", shape: ["n", 1, 64, 64] }]),
      JSON.stringify([{ name: "logits", type: "float", shape: ["n", 2], activation: "sigmoid" }]),
      JSON.stringify(parsePreprocessing({ rows: 64, cols: 64, planes: 1, mean: 0.5, deviation: 0.25 })),
      runId,
    ],
  );
  return slug;
}

async function trained(request: Partial<TrainRequest>): Promise<string> {
  const asked = {
    dataset: "split",
    attribute: "finding",
    where: [],
    transforms: [],
    onBadImage: "fail",
  } as const;
  const { run } = await service.request({ ...asked, ...request }, operator);
  return modelOf(run.id);
}

const given = (name: string, facts = [split], changes: Partial<typeof settings> = {}) =>
  givenFindingModel(database.db, name, { ...settings, ...changes }, facts);

describe("givenFindingModel", () => {
  test("takes a model from elsewhere, of which nobody knows what it has learnt from, and says so", async () => {
    const slug = await modelOf(null);
    const found = await given(`${slug}:1`);
    expect(found).toMatchObject({ slug, version: 1, findings: ["Mass", "Edema"], isTrainedHere: false });
    expect(await given(slug)).toEqual(found);
    expect((await given(await modelOf(null, "multiclass"))).findings).toEqual([]);
  });

  test("takes one that was trained here on the part for training", async () => {
    const slug = await trained({ split: "main:train", validationSplit: "main:validate" });
    expect(await given(slug)).toMatchObject({ isTrainedHere: true, knowsValidationOf: [] });
  });

  test("refuses one that has learnt from what it would be tested on", async () => {
    await expect(given(await trained({ split: "main:test", validationShare: 0.2 }))).rejects.toThrow(
      /learnt from no patient of the part of split for tests/,
    );
    await expect(given(await trained({ folds: { k: 5, fold: 1 } }))).rejects.toThrow(/for tests/);
    const early = factsOf("split", { split: main, version: 2 });
    await expect(given(await trained({ split: "main:train" }), [early])).rejects.toThrow(/for tests/);
  });

  test("does not mind what it has learnt from where nothing is tested on it", async () => {
    const slug = await trained({ dataset: "whole", validationShare: 0.2 });
    expect(await given(slug, [split, whole])).toMatchObject({ knowsValidationOf: [] });
    await expect(given(slug, [split, whole], { reciprocal: true })).rejects.toThrow(/of whole for tests/);
  });

  test("knows where it has seen the images that thresholds would be chosen on", async () => {
    const held = { dataset: "whole", folds: { k: 5, fold: 1 } };
    expect((await given(await trained(held), [whole])).knowsValidationOf).toEqual([0]);
    const fold = await trained({ ...held, validationFold: { k: 6, fold: 1 } });
    expect((await given(fold, [whole])).knowsValidationOf).toEqual([]);
    await expect(given(await trained({ ...held, folds: { k: 5, fold: 2 } }), [whole])).rejects.toThrow(
      /for tests/,
    );
  });

  test("looks at what the model was that training started from", async () => {
    const first = await trained({ split: "main:test", validationShare: 0.2, seed: 4 });
    const next = await trained({ split: "main:train", start: { model: first } });
    await expect(given(next)).rejects.toThrow(/for tests/);
  });

  test("refuses what is not there", async () => {
    await expect(given("nobody")).rejects.toThrow(/slug of a model/);
    await expect(given(`${await modelOf(null)}:7`)).rejects.toThrow(/version of the model/);
  });
});

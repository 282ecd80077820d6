import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Config, readConfig } from "../../api/config.ts";
import { MaskImportService } from "../../api/datasets/masks/mask-import.service.ts";
import { type ModelStore, modelStoreOf } from "../../api/models/model-store.ts";
import { EvaluationRunner } from "../../api/predictions/evaluate/evaluation-runner.ts";
import { startWorker, type Worker } from "../../api/worker.ts";
import { NpyFile } from "../../compute/child/npy-file.ts";
import { readTextPairs } from "../../compute/index.ts";
import { ScratchFolder } from "../support/child-tasks.ts";
import type { BuiltDataset } from "../support/evaluation-builder.ts";
import { type FreshDatabase, freshDatabase } from "../support/fresh-database.ts";
import { type GraphqlClient, graphqlClient } from "../support/graphql-client.ts";
import { buildImages, buildModel, SIZE } from "../support/jobs/evaluation-fixture.ts";
import { until } from "../support/processes.ts";

const IMAGES = 12;

let database: FreshDatabase;
let folder: ScratchFolder;
let config: Config;
let store: ModelStore;
let client: GraphqlClient;
let worker: Worker;
let dataset: BuiltDataset;
let model: string;

const maskFile = (side: number, bits: (row: number, col: number) => boolean, rows = side) =>
  sharp(
    Uint8Array.from({ length: rows * side }, (_, i) => (bits(Math.floor(i / side), i % side) ? 255 : 0)),
    { raw: { width: side, height: rows, channels: 1 } },
  )
    .png()
    .toBuffer();

/** A folder with a mask for each image, half of its size: its left half. */
async function writeMasks(name: string, count: number = IMAGES): Promise<string> {
  const root = join(folder.path, name);
  mkdirSync(root);
  for (let i = 0; i < count; i += 1) {
    await writeFile(join(root, `image-${i}.png`), await maskFile(SIZE / 2, (_, col) => col < SIZE / 4));
  }
  return root;
}

beforeAll(async () => {
  database = await freshDatabase();
  folder = new ScratchFolder();
  config = readConfig({ STRATUM_HOME: join(folder.path, "home"), STRATUM_HEARTBEAT_MS: "200" });
  store = modelStoreOf(config);
  client = graphqlClient(database);
  dataset = await buildImages(database, folder, IMAGES);
  model = await buildModel(database, store, folder);
  worker = await startWorker(
    { database, config, log: pino({ level: process.env["JOBS_LOG"] ?? "silent" }) },
    { concurrency: 1, runners: { evaluation: new EvaluationRunner({ models: store }) } },
  );
});
afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const EVALUATE = `mutation ($input: EvaluateInput!) {
  evaluate(input: $input) { created run { id } }
}`;

async function evaluate(transforms: readonly object[]): Promise<{ id: string; scores: number[] }> {
  const input = { dataset: dataset.slug, model, transforms };
  const id: string = (await client.ask(EVALUATE, { input })).evaluate.run.id;
  const state = async () => {
    return (await client.ask("query ($id: ID!) { run(id: $id) { state failure } }", { id })).run;
  };
  await until(async () => ["SUCCEEDED", "FAILED"].includes((await state()).state), "the run to end");
  const ended = await state();
  if (ended.state !== "SUCCEEDED") throw new Error(ended.failure);
  const { rows } = await database.pool.query<{ scores: Buffer }>(
    `select scores from score_block where prediction_set_id = (select max(id) from prediction_set) order by class_index`,
  );
  const bytes = Uint8Array.from(Buffer.concat(rows.map(({ scores }) => scores)));
  return { id, scores: [...new Float32Array(bytes.buffer)] };
}

const counts = async () => {
  const { rows } = await database.pool.query(
    "select (select count(*)::int from mask_set) as sets, (select count(*)::int from mask_file) as files",
  );
  return rows[0];
};

describe("masks of a dataset", () => {
  const service = () => new MaskImportService(database);

  test("are stored whole or not at all, with what is wrong counted", async () => {
    const root = await writeMasks("bad", IMAGES - 1);
    writeFileSync(join(root, "image-0.png"), await maskFile(SIZE, () => true, 4));
    writeFileSync(join(root, "image-1.png"), "no image");
    const request = { dataset: dataset.slug, name: "bad", root };
    await expect(service().importMasks(request, 0)).rejects.toThrow(
      /mask for each of 12 images, got 1 missing, 1 unreadable, 1 of another shape/,
    );
    await expect(service().importMasks({ ...request, name: "Bad" }, 0)).rejects.toThrow(/to be named/);
    await expect(service().importMasks({ ...request, dataset: "none" }, 0)).rejects.toThrow(/found none/);
    expect(await counts()).toEqual({ sets: 0, files: 0 });
    rmSync(root, { recursive: true });
  });

  test("go through evaluate: what is left of the images is what the model sees", async () => {
    const root = await writeMasks("lungs");
    const request = { dataset: dataset.slug, name: "lung", root };
    const first = await service().importMasks(request, 0);
    expect(first).toMatchObject({ version: 1, images: IMAGES, masks: IMAGES, created: true });
    expect(await service().importMasks(request, 0)).toEqual({ ...first, created: false });
    expect(await counts()).toEqual({ sets: 1, files: IMAGES });

    const plain = await evaluate([]);
    const lung = await evaluate([{ mask: { name: "lung", what: "KEEP" } }]);
    const rest = await evaluate([{ mask: { name: "lung", what: "REMOVE" } }]);
    expect(lung.scores).not.toEqual(plain.scores);
    expect(rest.scores).not.toEqual(lung.scores);
    // The same pixels by a rectangle: another chain, the same scores.
    const left = await evaluate([{ rectangle: { top: 0, left: 0, bottom: 1, right: 0.5, what: "KEEP" } }]);
    expect(lung.scores).toEqual(left.scores);

    // Moved, and found again under the same name.
    await rename(root, `${root}-moved`);
    expect(await service().importMasks({ ...request, root: `${root}-moved` }, 0)).toMatchObject({
      created: false,
    });
    const answer = await client.ask(EVALUATE, {
      input: { dataset: dataset.slug, model, transforms: [{ mask: { name: "lung", what: "KEEP" } }] },
    });
    expect(answer).toEqual({ evaluate: { created: false, run: { id: lung.id } } });
  });

  test("may come from a table, and be of some images only", async () => {
    const root = await writeMasks("hearts");
    const table = folder.file(
      "masks.csv",
      Buffer.from("path,heart\nimage-3.png,image-5.png\nimage-4.png,\n"),
    );
    const paths = await readTextPairs(table.path, "path", "heart");
    const request = { dataset: dataset.slug, name: "heart", root, paths };
    await expect(service().importMasks(request, 0)).rejects.toThrow(/got 11 missing/);
    expect(await service().importMasks({ ...request, allowMissing: true }, 0)).toMatchObject({ masks: 1 });
    await expect(readTextPairs(table.path, "path", "lung")).rejects.toMatchObject({ code: "MISSING_COLUMN" });
    await expect(evaluate([{ mask: { name: "heart" } }])).rejects.toThrow(/Expected a mask of the image/);
    await expect(service().importMasks({ ...request, name: "lung", allowMissing: true }, 0)).rejects.toThrow(
      /got others; give them another name/,
    );
  });

  test("that are not there are refused before anything is queued, by the names of those that are", async () => {
    const input = { dataset: dataset.slug, model, transforms: [{ mask: { name: "liver" } }] };
    await expect(client.ask(EVALUATE, { input })).rejects.toMatchObject({
      message: expect.stringContaining('among heart, lung, got "liver"'),
      code: "BAD_USER_INPUT",
    });
  });

  test("are made of saliency maps: what is above a share of the largest value, or the box around it", async () => {
    const left = join(folder.path, "saliency");
    mkdirSync(left);
    const maps = await NpyFile.create(join(left, "saliency.npy"), "<f4");
    const ordinals = await NpyFile.create(join(left, "ordinals.npy"), "<u4");
    for (let i = 0; i < IMAGES; i += 1) {
      // Of 4 x 4: two corners of a square of four by four pixels each, out of order.
      const map = Float32Array.from({ length: 16 }, (_, at) =>
        at === 0 || at === 5 ? 2 : at === 15 ? -9 : 0,
      );
      await maps.append(i === 2 ? new Float32Array(16) : map, 1, [4, 4]);
      await ordinals.append(Uint32Array.of(IMAGES - 1 - i), 1, []);
    }
    await maps.finish();
    await ordinals.finish();
    const at = (name: string) => ({ dataset: dataset.slug, name, root: join(folder.path, name) });
    const exact = await service().importSaliency(
      at("salient"),
      left,
      { threshold: 0.9, relative: true, box: false },
      0,
    );
    expect(exact).toMatchObject({ masks: IMAGES, created: true });
    await service().importSaliency(at("boxed"), left, { threshold: 0.9, relative: true, box: true }, 0);
    const bits = async (name: string, ordinal: number) => {
      const raw = await sharp(join(folder.path, name, `${ordinal}.png`))
        .extractChannel(0)
        .raw()
        .toBuffer();
      expect(raw.length).toBe(SIZE * SIZE);
      return Array.from(raw, (value) => (value > 127 ? 1 : 0));
    };
    const salient = await bits("salient", 0);
    // Within the two corners, and neither between them nor where the map is low.
    for (const [row, col, marked] of [
      [1, 1, 1],
      [6, 6, 1],
      [1, 6, 0],
      [6, 1, 0],
      [14, 14, 0],
      [1, 14, 0],
    ]) {
      expect(salient[(row ?? 0) * SIZE + (col ?? 0)]).toBe(marked);
    }
    const boxed = await bits("boxed", 0);
    expect(boxed[1 * SIZE + 6]).toBe(1);
    expect(boxed[14 * SIZE + 14]).toBe(0);
    // A map of nothing marks nothing.
    expect(Math.max(...(await bits("boxed", IMAGES - 3)))).toBe(0);
    await expect(
      service().importSaliency(at("none"), folder.path, { threshold: 0.9, relative: true, box: false }, 0),
    ).rejects.toMatchObject({ code: "INVALID_INPUT" });
    await expect(
      service().importSaliency(at("none"), left, { threshold: 0, relative: true, box: false }, 0),
    ).rejects.toMatchObject({ code: "INVALID_PARAM" });
  });
});

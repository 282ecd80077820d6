import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeModel } from "../../compute/onnx/model-bytes.ts";
import { ScratchFolder } from "../support/child-tasks.ts";
import { type FreshDatabase, freshDatabase } from "../support/fresh-database.ts";
import { floats, graph, model, node, value } from "../support/onnx-models.ts";
import { type Ended, runStratum } from "./run-stratum.ts";

// Twice as high as wide, so that a frame of the model's is padded on both sides.
const [ROWS, COLS] = [64, 32];
const SIDE = 32;
const IMAGES = 6;

/** Where image i is bright: a rectangle that lies elsewhere in each. */
const bright = (i: number) => ({ top: 8 + 4 * i, left: 4 + i, rows: 24, cols: 16 });
const isBright = (i: number, row: number, col: number): boolean => {
  const { top, left, rows, cols } = bright(i);
  return row >= top && row < top + rows && col >= left && col < left + cols;
};

let database: FreshDatabase;
let folder: ScratchFolder;

const stratum = async (...args: readonly string[]): Promise<Ended> => {
  const home = join(folder.path, "home");
  return runStratum(args, { home, databaseUrl: database.connectionString });
};
const done = async (...args: readonly string[]): Promise<string> => {
  const { status, out, err } = await stratum(...args);
  expect({ status, err }).toEqual({ status: 0, err: "" });
  return out;
};

/** A model that calls bright what is brighter than half, on maps of half its input's sides. */
function segmenter(channels: 1 | 2): Uint8Array {
  const weights = channels === 1 ? [40] : [-20, 20];
  return writeModel(
    model(
      graph({
        node: [
          node("AveragePool", ["image"], ["small"], { kernel_shape: [2n, 2n], strides: [2n, 2n] }),
          node("Conv", ["small", "weights", "bias"], ["maps"], { kernel_shape: [1n, 1n] }),
        ],
        initializer: [
          floats("weights", [channels, 1, 1, 1], weights),
          floats(
            "bias",
            [channels],
            weights.map((weight) => -weight / 2),
          ),
        ],
        input: [value("image", ["batch", 1, SIDE, SIDE])],
        output: [value("maps", ["batch", channels, SIDE / 2, SIDE / 2])],
      }),
    ),
  );
}

beforeAll(async () => {
  database = await freshDatabase();
  folder = new ScratchFolder();
  const images = join(folder.path, "images");
  mkdirSync(images);
  const lines = ["path,patient,site"];
  for (let i = 0; i < IMAGES; i += 1) {
    const grey = Uint8Array.from({ length: ROWS * COLS }, (_, at) =>
      isBright(i, Math.floor(at / COLS), at % COLS) ? 230 : 20,
    );
    const raw = { width: COLS, height: ROWS, channels: 1 } as const;
    writeFileSync(join(images, `image-${i}.png`), await sharp(grey, { raw }).png().toBuffer());
    lines.push(`image-${i}.png,${i},${i % 2 === 0 ? "north" : "south"}`);
  }
  const manifest = folder.file("manifest.csv", Buffer.from(`${lines.join("\n")}\n`));
  const columns = ["--path", "path", "--patient", "patient", "--attribute", "site=site"];
  const at = ["--root", images, "--manifest", manifest.path, "--dataset", "chest"];
  await done("import", "dataset", ...at, ...columns);
  for (const [slug, channels, activation, resize] of [
    ["one-map", 1, "sigmoid", "stretch"],
    ["two-maps", 2, "softmax", "pad"],
  ] as const) {
    const { path } = folder.file(`${slug}.onnx`, segmenter(channels));
    const classes = ["--task", "region", "--classes", "rest,lung", "--activation", activation];
    const pixels = ["--resize", resize, "--mean", "0", "--deviation", "1"];
    await done("register", "model", "--onnx", path, "--model", slug, ...classes, ...pixels);
  }
}, 120_000);
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const target = (name: string) => [
  ...["import", "masks", "--dataset", "chest", "--name", name],
  ...["--root", join(folder.path, name)],
];

describe("masks by a model that segments", { timeout: 120_000 }, () => {
  test.each([
    ["one-map", "lung"],
    ["two-maps", "lung"],
    ["one-map", "rest"],
    ["two-maps", "rest"],
  ])("%s marks %s where it is", async (slug, region) => {
    const name = `${slug}-${region}`;
    const out = await done(...target(name), "--model", slug, "--class", region);
    expect(out).toContain(`Stored masks "${name}" for 6 of 6 images of version 1 of chest.`);
    for (let i = 0; i < IMAGES; i += 1) {
      const file = join(folder.path, name, `${i}.png`);
      const { data, info } = await sharp(file).extractChannel(0).raw().toBuffer({ resolveWithObject: true });
      expect([info.height, info.width]).toEqual([ROWS, COLS]);
      const wrong = data.reduce((count, value, at) => {
        const isWithin = isBright(i, Math.floor(at / COLS), at % COLS) === (region === "lung");
        return count + (value > 127 === isWithin ? 0 : 1);
      }, 0);
      // A pixel of a map is 4 x 2 or 4 x 4 of the image: at most half of one along the 80 pixels of the edge.
      expect(wrong).toBeLessThanOrEqual(160);
    }
  });

  test("are those that evaluations keep or blot out, and the scores are shares of the image", async () => {
    await done(...target("lungs"), "--model", "one-map", "--class", "lung");
    const { out } = await stratum(
      ...["evaluate", "--model", "one-map", "--dataset", "chest", "--json"],
      ...["--transform", "mask:name=lungs,what=remove,fill=black"],
    );
    const { run } = JSON.parse(out);
    expect(run).toMatchObject({ state: "SUCCEEDED", summary: { scored: IMAGES } });
    const { rows } = await database.pool.query<{ score: number; masked: boolean }>(
      `select score::float8 as score, evaluation = max(evaluation) over () as masked
       from prediction where model = 'one-map' and class = 'lung'`,
    );
    const shares = (masked: boolean) => rows.filter((row) => row.masked === masked).map(({ score }) => score);
    // Of an evaluation for each of the two classes.
    expect(shares(false)).toHaveLength(2 * IMAGES);
    expect(shares(true)).toHaveLength(IMAGES);
    for (const share of shares(false)) expect(share).toBeCloseTo((24 * 16) / (ROWS * COLS), 1);
    for (const share of shares(true)) expect(share).toBeLessThan(0.03);
  });

  test("say what is wrong with the command or the model", async () => {
    const { status, err } = await stratum(...target("none"), "--model", "one-map");
    expect(status).toBe(2);
    expect(err).toContain("Expected --model with --class");
    const unknown = await stratum(...target("none"), "--model", "one-map", "--class", "liver");
    expect(unknown.err).toContain("Expected one of the classes rest, lung");
  });
});

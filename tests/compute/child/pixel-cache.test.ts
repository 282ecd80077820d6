import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { PixelCache, roomOf } from "../../../compute/child/pixel-cache.ts";
import { prepareBatch } from "../../../compute/child/prepare-batch.ts";
import { parsePreprocessing } from "../../../compute/onnx/parse-preprocessing.ts";
import { RandomStream } from "../../../compute/random.ts";
import { ScratchFolder } from "../../support/child-tasks.ts";

const SIDE = 16;
const preprocessing = parsePreprocessing({ rows: SIDE, cols: SIDE, planes: 1, mean: 0, deviation: 1 });
const NAME = "ab".repeat(32);
const BYTES = 2 ** 20;
const SIZE = SIDE * SIDE * 4 + 16;

const drawn = (seed: number): Float32Array => {
  const stream = new RandomStream(seed);
  return Float32Array.from({ length: SIDE * SIDE }, () => stream.normal());
};
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile());

describe("pixels kept between runs", () => {
  test("come back to the last bit, for the same preprocessing alone", async () => {
    using folder = new ScratchFolder();
    const place = { folder: folder.path, bytes: BYTES };
    const cache = new PixelCache(place, preprocessing);
    const into = new Float32Array(SIDE * SIDE);
    expect(await cache.read(NAME, into)).toBe(false);
    await cache.keep(NAME, drawn(1), 4 * SIDE * SIDE);
    expect(await new PixelCache(place, preprocessing).read(NAME, into)).toBe(true);
    expect(into).toEqual(drawn(1));
    // What comes after the fitted pixels makes no difference to them; what comes before does.
    expect(await new PixelCache(place, { ...preprocessing, mean: [0.5] }).read(NAME, into)).toBe(true);
    expect(await new PixelCache(place, { ...preprocessing, resize: "pad" }).read(NAME, into)).toBe(false);
    expect(await cache.read("cd".repeat(32), into)).toBe(false);
    const [path = ""] = filesIn(folder.path);
    expect(statSync(path).mode & 0o77).toBe(0);
  });

  test("count as none where their file is damaged", async () => {
    using folder = new ScratchFolder();
    const cache = new PixelCache({ folder: folder.path, bytes: BYTES }, preprocessing);
    await cache.keep(NAME, drawn(1), 4 * SIDE * SIDE);
    const [path = ""] = filesIn(folder.path);
    const bytes = readFileSync(path);
    const into = new Float32Array(SIDE * SIDE);
    for (const broken of [bytes.with(100, (bytes[100] ?? 0) ^ 1), bytes.subarray(0, -1), new Uint8Array()]) {
      writeFileSync(path, broken);
      expect(await cache.read(NAME, into)).toBe(false);
    }
    expect(into.every((value) => value === 0)).toBe(true);
  });

  test("are those of images much larger than what is made of them, as long as there is room", async () => {
    using folder = new ScratchFolder();
    const cache = new PixelCache({ folder: folder.path, bytes: 2 * SIZE }, preprocessing);
    await cache.keep(NAME, drawn(1), 4 * SIDE * SIDE - 1);
    expect(filesIn(folder.path)).toEqual([]);
    for (const start of ["00", "11", "22"]) await cache.keep(start.repeat(32), drawn(1), 9 * SIDE * SIDE);
    expect(filesIn(folder.path)).toHaveLength(2);
  });

  test("are kept no more where the disk refuses, and nothing fails", async () => {
    using folder = new ScratchFolder();
    const { path } = folder.file("file", Uint8Array.of(1));
    const cache = new PixelCache({ folder: path, bytes: BYTES }, preprocessing);
    await cache.keep(NAME, drawn(1), 4 * SIDE * SIDE);
    expect(await cache.read(NAME, new Float32Array(SIDE * SIDE))).toBe(false);
    expect(await roomOf({ folder: path, bytes: BYTES })).toBe(0);
  });

  test("make room for others, the oldest first", async () => {
    using folder = new ScratchFolder();
    const place = { folder: folder.path, bytes: 10 * SIZE };
    const cache = new PixelCache(place, preprocessing);
    const names = Array.from({ length: 10 }, (_, i) => String(i).repeat(64));
    for (const [i, name] of names.entries()) {
      await cache.keep(name, drawn(i), 4 * SIDE * SIDE);
      const path = filesIn(folder.path).find((one) => one.includes(name)) ?? "";
      utimesSync(path, 1_000 + i, 1_000 + i);
    }
    expect(await roomOf(place)).toBe(5 * SIZE);
    const left = await Promise.all(names.map((name) => cache.read(name, new Float32Array(SIDE * SIDE))));
    expect(left).toEqual(names.map((_, i) => i >= 5));
    expect(await roomOf(place)).toBe(5 * SIZE);
  });
});

test("a batch of kept images is the batch of decoded ones; a file that has changed is refused all the same", async () => {
  using folder = new ScratchFolder();
  const stream = new RandomStream(3);
  const grey = Uint8Array.from({ length: 64 * 48 }, () => 256 * stream.uniform());
  const png = await sharp(grey, { raw: { width: 48, height: 64, channels: 1 } })
    .png()
    .toBuffer();
  const file = folder.file("image.png", png);
  const sha256 = createHash("sha256").update(png).digest("hex");
  const files = { images: [{ ordinal: 0, uri: "image.png", sha256 }], skip: 0, count: 1 };
  const maker = { root: folder.path, preprocessing, transforms: [] };
  const expected = await prepareBatch(maker, files);
  const pixelCache = new PixelCache({ folder: join(folder.path, "kept"), bytes: BYTES }, preprocessing);
  for (let time = 0; time < 2; time += 1) {
    expect(await prepareBatch({ ...maker, pixelCache }, files)).toEqual(expected);
    expect(filesIn(join(folder.path, "kept"))).toHaveLength(1);
  }
  // That the second was not decoded shows where other pixels are kept under its name.
  await pixelCache.keep(sha256, drawn(7), 4 * SIDE * SIDE);
  expect((await prepareBatch({ ...maker, pixelCache }, files)).pixels).toEqual(drawn(7));
  writeFileSync(file.path, "another");
  const { problems } = await prepareBatch({ ...maker, pixelCache }, files);
  expect(problems).toEqual([expect.objectContaining({ code: "IMAGE_CHANGED" })]);
});

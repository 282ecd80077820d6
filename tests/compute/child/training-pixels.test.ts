import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TrainingImage } from "../../../compute/child/protocol.ts";
import type * as Pixels from "../../../compute/child/training-pixels.ts";
import { parseChain } from "../../../compute/transforms/chain.ts";
import { ScratchFolder } from "../../support/child-tasks.ts";
import { SIDE, stripeImages, trainingRecipe, trainTask } from "../../support/training-tasks.ts";

// Threads start from JavaScript only: the compiled class, as the child has it.
const { TrainingPixels }: typeof Pixels = await import(
  "../../../dist/compute/child/training-pixels.js" as string
);

const folder = new ScratchFolder();
let images: TrainingImage[] = [];
beforeAll(async () => {
  images = await stripeImages(folder, { count: 6, validation: 0 });
});
afterAll(() => folder[Symbol.dispose]());

const recipe = trainingRecipe({ augmentation: { flip: 0.5, rotation: 20, crop: { leastArea: 0.6 } } });
const drawn = { epoch: 2, from: 16 };
const indexes = [5, 0, 3, 3];

describe("pixels of a training", { timeout: 120_000 }, () => {
  test("are the same from a cache and from files, and drawn anew for each place", async () => {
    const transforms = parseChain([{ id: "blur" }]);
    const task = trainTask(folder, recipe, { name: "pixels", transforms });
    const batches: Float32Array[] = [];
    // Room for all images, for one, and for none.
    for (const memoryMiB of [64, (4 * SIDE * SIDE * 4) / 2 ** 20, 0]) {
      const pixels = await TrainingPixels.open(task, images, memoryMiB);
      expect(await pixels.look(async () => undefined)).toEqual([]);
      for (let turn = 0; turn < 2; turn += 1) batches.push(await pixels.batch(indexes, drawn));
    }
    for (const batch of batches) expect(batch).toEqual(batches[0]);
    const [first] = batches;
    const size = SIDE * SIDE;
    expect(first?.length).toBe(4 * size);
    // One image at two places of an epoch is changed twice, differently.
    expect(first?.slice(2 * size, 3 * size)).not.toEqual(first?.slice(3 * size));
    const pixels = await TrainingPixels.open(task, images, 64);
    const [plain, other] = [await pixels.batch(indexes), await pixels.batch(indexes, { ...drawn, epoch: 3 })];
    expect(plain.slice(2 * size, 3 * size)).toEqual(plain.slice(3 * size));
    expect(other).not.toEqual(first);
    expect(await pixels.batch(indexes, { ...drawn, from: 20 })).not.toEqual(first);
  });

  test("name what cannot be had, by the image", async () => {
    const lost = images.map((image, k) => (k === 4 ? { ...image, sha256: "0".repeat(64) } : image));
    const pixels = await TrainingPixels.open(trainTask(folder, recipe, { name: "lost" }), lost, 0);
    const problems = await pixels.look(async () => undefined);
    expect(problems.map(({ image, code }) => [image.ordinal, code])).toEqual([[4, "IMAGE_CHANGED"]]);
    rmSync(join(folder.path, images[1]?.uri ?? ""));
    await expect(pixels.batch([0, 1])).rejects.toMatchObject({ code: "IMAGE_UNREADABLE", ordinal: 1 });
  });
});

import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { readMask } from "../../../compute/child/read-mask.ts";
import { writeModel } from "../../../compute/onnx/model-bytes.ts";
import { parsePreprocessing } from "../../../compute/onnx/parse-preprocessing.ts";
import { parseChain } from "../../../compute/transforms/chain.ts";
import { evaluateTask, lastOf, runChild, ScratchFolder, scoresByOrdinal } from "../../support/child-tasks.ts";
import { floats, graph, model, node, value } from "../../support/onnx-models.ts";

const png = (pixels: readonly number[], cols: number) =>
  sharp(Uint8Array.from(pixels), { raw: { width: cols, height: pixels.length / cols, channels: 1 } })
    .png()
    .toBuffer();

async function bitsOf(pixels: readonly number[], cols: number, record: object): Promise<number[]> {
  using folder = new ScratchFolder();
  const { sha256 } = folder.file("mask.png", await png(pixels, cols));
  return [...(await readMask(folder.path, { uri: "mask.png", sha256 }, parsePreprocessing(record)))];
}

/** A logit that is the mean of the normalised pixels. */
const meanModel = (size: number) =>
  writeModel(
    model(
      graph({
        node: [
          node("GlobalAveragePool", ["image"], ["pooled"]),
          node("Flatten", ["pooled"], ["flat"]),
          node("MatMul", ["flat", "weights"], ["logits"]),
        ],
        initializer: [floats("weights", [1, 1], [1])],
        input: [value("image", ["n", 1, size, size])],
        output: [value("logits", ["n", 1])],
      }),
    ),
  );

describe("readMask", () => {
  test("marks what is brighter than half of the brightest pixel", async () => {
    const record = { rows: 2, cols: 2 };
    expect(await bitsOf([0, 1, 1, 0], 2, record)).toEqual([0, 1, 1, 0]);
    expect(await bitsOf([0, 255, 130, 120], 2, record)).toEqual([0, 1, 1, 0]);
    expect(await bitsOf([9, 9, 9, 9], 2, record)).toEqual([1, 1, 1, 1]);
    expect(await bitsOf([0, 0, 0, 0], 2, record)).toEqual([0, 0, 0, 0]);
  });

  test("goes to the model's size as its image does", async () => {
    const half = [0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255];
    expect(await bitsOf(half, 4, { rows: 2, cols: 2 })).toEqual([0, 1, 0, 1]);
    // 2 x 4 into 4 x 4: black above and below.
    const bits = await bitsOf([255, 255, 0, 0, 255, 255, 0, 0], 4, { rows: 4, cols: 4, resize: "pad" });
    expect(bits).toEqual([0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0]);
  });
});

describe("a compute child with masks", () => {
  test("scores what the masks leave, and leaves images without their mask out", async () => {
    using folder = new ScratchFolder();
    const size = 16;
    const { files, pixels } = await folder.images(5, size);
    const images = await Promise.all(
      files.map(async (file, image) => {
        if (image === 3) return file;
        const bits = Array.from({ length: size * size }, (_, i) => (i % size < image + 4 ? 255 : 0));
        const { sha256 } = folder.file(`mask-${image}.png`, await png(bits, size));
        return { ...file, masks: { lung: { uri: `mask-${image}.png`, sha256 } } };
      }),
    );
    const task = evaluateTask(folder, meanModel(size), {
      ...{ size, classes: 1, batch: 2, total: 5, onBadImage: "skip" },
      transforms: parseChain([{ id: "mask", params: { name: "lung", what: "keep" } }]),
      maskRoots: { lung: folder.path },
    });
    const messages = await runChild(task, { images: [images] });
    expect(lastOf(messages)).toMatchObject({ kind: "done", done: 4, leftOut: 1 });
    expect(messages).toContainEqual({ kind: "problem", ordinal: 3, code: "IMAGE_MASK_MISSING" });
    for (const [ordinal, scores] of scoresByOrdinal(messages, 1)) {
      const kept = (pixels[ordinal] ?? new Uint8Array()).map((pixel, i) =>
        i % size < ordinal + 4 ? pixel : 0,
      );
      const mean = kept.reduce((sum, pixel) => sum + pixel, 0) / kept.length / 255;
      expect(scores[0]).toBeCloseTo((mean - 0.5) / 0.25, 5);
    }
    const wrong = images.map((image) => ({
      ...image,
      masks: { lung: { uri: "mask-0.png", sha256: "0".repeat(64) } },
    }));
    const refused = await runChild({ ...task, onBadImage: "fail" }, { images: [wrong] });
    expect(lastOf(refused)).toMatchObject({ kind: "failed", code: "IMAGE_CHANGED" });
  });
});

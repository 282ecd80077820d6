import { describe, expect, test } from "vitest";
import { writeModel } from "../../../compute/onnx/model-bytes.ts";
import { parseChain } from "../../../compute/transforms/chain.ts";
import { evaluateTask, lastOf, runChild, ScratchFolder, scoresByOrdinal } from "../../support/child-tasks.ts";
import { classifierBytes, floats, graph, model, node, value } from "../../support/onnx-models.ts";

const SIZE = 16;

/** Logits that are weights times the mean of the normalised pixels, which needs no runtime to know. */
function meanModel(weights: readonly number[], parts = {}): Uint8Array {
  return writeModel(
    model(
      graph({
        node: [
          node("GlobalAveragePool", ["image"], ["pooled"]),
          node("Flatten", ["pooled"], ["flat"]),
          node("MatMul", ["flat", "weights"], ["logits"]),
        ],
        initializer: [floats("weights", [1, weights.length], weights)],
        input: [value("image", ["n", 1, SIZE, SIZE])],
        output: [value("logits", ["n", weights.length])],
        ...parts,
      }),
    ),
  );
}

const meanOf = (pixels: Uint8Array) => pixels.reduce((sum, pixel) => sum + pixel, 0) / pixels.length / 255;

describe("a compute child that evaluates", () => {
  test("gives each image the scores of its pixels, and says what ran", async () => {
    using folder = new ScratchFolder();
    const { files, pixels } = await folder.images(11, SIZE);
    const task = evaluateTask(folder, meanModel([1, -2, 3]), { size: SIZE, classes: 3, batch: 4, total: 11 });
    const messages = await runChild(task, { images: [files.slice(0, 3), files.slice(3), []] });
    const scores = scoresByOrdinal(messages, 3);
    expect([...scores.keys()].sort((a, b) => a - b)).toEqual(files.map(({ ordinal }) => ordinal));
    for (const [ordinal, raw] of pixels.entries()) {
      const normalised = (meanOf(raw) - 0.5) / 0.25;
      for (const [i, weight] of [1, -2, 3].entries()) {
        expect(scores.get(ordinal)?.[i]).toBeCloseTo(weight * normalised, 5);
      }
    }
    expect(messages[0]).toMatchObject({
      kind: "started",
      provider: "cpu",
      device: expect.stringMatching(/./),
      threads: expect.any(Number),
      batch: 4,
      versions: { onnxruntime: expect.stringMatching(/^\d+\.\d+/), node: process.versions.node },
    });
    expect(lastOf(messages)).toMatchObject({ kind: "done", done: 11, leftOut: 0 });
  });

  test("gives the same scores whatever the batch", async () => {
    using folder = new ScratchFolder();
    const { files } = await folder.images(9, SIZE);
    const run = async (batch: number) => {
      const task = evaluateTask(folder, classifierBytes({ size: SIZE }), { size: SIZE, batch });
      return scoresByOrdinal(await runChild(task, { images: [files] }), 2);
    };
    const [one, many] = await Promise.all([run(1), run(8)]);
    expect(one.size).toBe(9);
    for (const [ordinal, scores] of one) {
      for (const [i, score] of scores.entries()) expect(many.get(ordinal)?.[i]).toBeCloseTo(score, 5);
    }
  });

  test("fills up a model's own batch and drops the filling", async () => {
    using folder = new ScratchFolder();
    const { files } = await folder.images(5, SIZE);
    const open = evaluateTask(folder, classifierBytes({ size: SIZE }), { size: SIZE });
    const expected = scoresByOrdinal(await runChild(open, { images: [files] }), 2);
    const fixed = evaluateTask(folder, classifierBytes({ size: SIZE, batch: 4 }), { size: SIZE, batch: 2 });
    const messages = await runChild(fixed, { images: [files] });
    expect(messages[0]).toMatchObject({ kind: "started", batch: 4 });
    const scores = scoresByOrdinal(messages, 2);
    expect(scores.size).toBe(5);
    for (const [ordinal, [score = Number.NaN]] of expected)
      expect(scores.get(ordinal)?.[0]).toBeCloseTo(score, 5);
  });

  test("transforms as the chain says, across the ends of batches where a transform reaches that far", async () => {
    using folder = new ScratchFolder();
    const { files } = await folder.images(13, SIZE);
    const run = async (transforms: unknown[], batch: number) => {
      const task = evaluateTask(folder, classifierBytes({ size: SIZE }), {
        size: SIZE,
        batch,
        transforms: parseChain(transforms),
      });
      return scoresByOrdinal(await runChild(task, { images: [files] }), 2);
    };
    const blur = [{ id: "blur", params: { mode: "legacy" } }];
    const [plain, small, large] = await Promise.all([run([], 4), run(blur, 3), run(blur, 8)]);
    const firstOf = (scores: Map<number, number[]>) =>
      files.map(({ ordinal }) => scores.get(ordinal)?.[0] ?? 0);
    expect(firstOf(small)).not.toEqual(firstOf(plain));
    for (const [i, score] of firstOf(small).entries()) expect(firstOf(large)[i]).toBeCloseTo(score, 5);
  });

  test.each([
    ["softmax", 3, [0.1, 0.7, 0.2].map(Math.log)],
    ["sigmoid", 3, [0.1, 0.7, 0.2].map((p) => Math.log(p / (1 - p)))],
  ] as const)("applies %s to the outputs", async (activation, classes, logits) => {
    using folder = new ScratchFolder();
    const { files } = await folder.images(2, SIZE);
    const bytes = meanModel([0, 0, 0], {
      node: [
        node("GlobalAveragePool", ["image"], ["pooled"]),
        node("Flatten", ["pooled"], ["flat"]),
        node("Gemm", ["flat", "weights", "bias"], ["logits"]),
      ],
      initializer: [floats("weights", [1, 3], [0]), floats("bias", [3], logits)],
    });
    const task = evaluateTask(folder, bytes, { size: SIZE, classes, output: { name: "logits", activation } });
    const scores = scoresByOrdinal(await runChild(task, { images: [files] }), 3).get(1) ?? [];
    for (const [i, p] of [0.1, 0.7, 0.2].entries()) expect(scores[i]).toBeCloseTo(p, 6);
  });

  test("gives two classes both their scores from one number", async () => {
    using folder = new ScratchFolder();
    const { files, pixels } = await folder.images(2, SIZE);
    const logit = (meanOf(pixels[0] ?? new Uint8Array()) - 0.5) / 0.25;
    const p = 1 / (1 + Math.exp(-logit));
    for (const [activation, expected] of [
      ["none", [-logit, logit]],
      ["sigmoid", [1 - p, p]],
    ] as const) {
      const task = evaluateTask(folder, meanModel([1]), {
        size: SIZE,
        output: { name: "logits", activation },
      });
      const scores = scoresByOrdinal(await runChild(task, { images: [files] }), 2).get(0) ?? [];
      for (const [i, score] of expected.entries()) expect(scores[i]).toBeCloseTo(score, 5);
    }
  });

  test("leaves out images that are gone, changed, broken or outside, and names their codes", async () => {
    using folder = new ScratchFolder();
    const { files } = await folder.images(8, SIZE);
    const task = evaluateTask(folder, classifierBytes({ size: SIZE }), {
      size: SIZE,
      batch: 4,
      onBadImage: "skip",
      total: 8,
    });
    const expected = scoresByOrdinal(await runChild(task, { images: [files] }), 2);
    const bad = [...files];
    const broken = folder.file("broken.png", new TextEncoder().encode("no image at all"));
    bad[1] = { ordinal: 1, uri: "gone.png", sha256: "0".repeat(64) };
    bad[2] = { ordinal: 2, uri: "image-2.png", sha256: "0".repeat(64) };
    bad[5] = { ordinal: 5, uri: "broken.png", sha256: broken.sha256 };
    bad[6] = { ordinal: 6, uri: "../../etc/passwd", sha256: "0".repeat(64) };
    const messages = await runChild(task, { images: [bad] });
    const problems = messages.flatMap((m) => (m.kind === "problem" ? [[m.ordinal, m.code]] : []));
    expect(problems.sort()).toEqual([
      [1, "IMAGE_UNREADABLE"],
      [2, "IMAGE_CHANGED"],
      [5, "IMAGE_FORMAT_UNKNOWN"],
      [6, "IMAGE_UNREADABLE"],
    ]);
    for (const ordinal of [1, 2, 5, 6]) expected.delete(ordinal);
    expect(scoresByOrdinal(messages, 2)).toEqual(expected);
    expect(lastOf(messages)).toMatchObject({ kind: "done", done: 4, leftOut: 4 });
  });

  test("fails at the first bad image when none may be left out", async () => {
    using folder = new ScratchFolder();
    const { files } = await folder.images(3, SIZE);
    files[2] = { ordinal: 2, uri: "image-2.png", sha256: "0".repeat(64) };
    const task = evaluateTask(folder, classifierBytes({ size: SIZE }), { size: SIZE });
    expect(lastOf(await runChild(task, { images: [files] }))).toMatchObject({
      kind: "failed",
      code: "IMAGE_CHANGED",
      ordinal: 2,
    });
  });

  test("takes no images at all for done", async () => {
    using folder = new ScratchFolder();
    const task = evaluateTask(folder, classifierBytes({ size: SIZE }), { size: SIZE });
    expect(lastOf(await runChild(task))).toMatchObject({ kind: "done", done: 0 });
  });

  test("refuses scores that are no numbers", async () => {
    using folder = new ScratchFolder();
    const { files } = await folder.images(2, SIZE);
    const bytes = meanModel([1], {
      node: [
        node("GlobalAveragePool", ["image"], ["pooled"]),
        node("Flatten", ["pooled"], ["flat"]),
        node("MatMul", ["flat", "weights"], ["infinite"]),
        node("Sub", ["infinite", "infinite"], ["logits"]),
      ],
      initializer: [floats("weights", [1, 2], [Number.POSITIVE_INFINITY])],
    });
    const task = evaluateTask(folder, bytes, { size: SIZE });
    expect(lastOf(await runChild(task, { images: [files] }))).toMatchObject({
      kind: "failed",
      code: "MODEL_OUTPUT_INVALID",
    });
  });
});

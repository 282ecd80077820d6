import { beforeAll, describe, expect, test } from "vitest";
import { bakedModel } from "../../../../compute/onnx/import/import-graph.ts";
import { architectures } from "../../../../compute/onnx/networks/architectures.ts";
import { initialNumbers } from "../../../../compute/onnx/networks/initialise.ts";
import { buildNetwork } from "../../../../compute/onnx/networks/network.ts";
import { runModelOnce } from "../../../../compute/onnx/run-model.ts";
import { parseSaliency, type SaliencyRequest } from "../../../../compute/onnx/saliency/saliency-method.ts";
import { openSaliency } from "../../../../compute/onnx/saliency/saliency-session.ts";
import { openStep, type StateNumbers } from "../../../../compute/onnx/training/step-session.ts";
import { buildTrainingStep } from "../../../../compute/onnx/training/training-step.ts";
import { RandomStream } from "../../../../compute/random.ts";

const SIDE = 24;
const PATCH = 6;
const BATCH = 8;
const architecture = architectures.small_cnn;

/** Noise; every second image has a patch of stripes somewhere, and is of class 1. */
function images(count: number, stream: RandomStream) {
  const corners = Array.from({ length: count }, () => [
    stream.below(SIDE - PATCH),
    stream.below(SIDE - PATCH),
  ]);
  const pixels = Float32Array.from({ length: count * SIDE * SIDE }, (_, at) => {
    const [image, row, col] = [Math.floor(at / SIDE / SIDE), Math.floor(at / SIDE) % SIDE, at % SIDE];
    const inside = image % 2 === 1 && isInside(corners[image] ?? [], row, col);
    return 0.5 * stream.normal() + (inside ? (col % 2 === 0 ? 2 : -2) : 0);
  });
  return { corners, pixels };
}

function isInside([top = 0, left = 0]: readonly number[], row: number, col: number, margin = 0): boolean {
  const within = (at: number, from: number) => at >= from - margin && at < from + PATCH + margin;
  return within(row, top) && within(col, left);
}

/** A small CNN that has learnt to see the patch, as a model file. */
async function trained(): Promise<Uint8Array> {
  const shape = { batch: BATCH, planes: 1, rows: SIDE, cols: SIDE, classes: 2 };
  const model = buildTrainingStep({
    architecture,
    shape,
    objective: "cross-entropy",
    optimiser: { kind: "adam" },
  });
  await using step = await openStep(model, { provider: "cpu", threads: 1 });
  step.writeState(
    new Map(
      model.state.map(({ name, shape: size, initial }) => [name, initialNumbers(name, size, initial, 1)]),
    ),
  );
  const targets = Float32Array.from({ length: 2 * BATCH }, (_, k) =>
    Math.floor(k / 2) % 2 === k % 2 ? 1 : 0,
  );
  const stream = new RandomStream(31);
  for (let t = 1; t <= 60; t += 1) {
    await step.run({
      images: images(BATCH, stream).pixels,
      targets,
      weights: new Float32Array(BATCH).fill(1),
      "learning rate": Float32Array.of(0.003),
      "correction 1": Float32Array.of(1 - 0.9 ** t),
      "correction 2": Float32Array.of(1 - 0.999 ** t),
    });
  }
  return asModel(await step.readState());
}

function asModel(state: StateNumbers): Uint8Array {
  const shape = { batch: BATCH, planes: 1, rows: SIDE, cols: SIDE, classes: 2 };
  const { network, images: input, logits } = buildNetwork(architecture, "inference", shape);
  return bakedModel({
    graph: network.graph,
    inputs: [input],
    outputs: [{ name: "logits", tensor: logits }],
    weights: network.graph.inputs.flatMap((tensor) => {
      const numbers = state.get(tensor.name);
      return numbers === undefined ? [] : [{ tensor, numbers }];
    }),
  });
}

describe("a network that has learnt to see a planted patch", () => {
  let bytes: Uint8Array = new Uint8Array();
  beforeAll(async () => {
    bytes = await trained();
  });

  // A map that knows nothing of the patch has a share of 1.
  test.each<SaliencyRequest>([
    { method: "gradient" },
    { method: "smoothgrad", samples: 8, noise: 0.1 },
    { method: "grad-cam" },
  ])("looks at it by %j: 2.5 times its share of the image and more", async (request) => {
    const { corners, pixels } = images(BATCH, new RandomStream(4));
    const feeds = { images: { type: "float", shape: [BATCH, 1, SIDE, SIDE], data: pixels } } as const;
    const scores = (await runModelOnce(bytes, feeds))["logits"]?.data as Float32Array;
    for (let image = 0; image < BATCH; image += 1) {
      const isSeen = (scores[2 * image + 1] ?? 0) > (scores[2 * image] ?? 0);
      expect(isSeen).toBe(image % 2 === 1);
    }
    const spec = parseSaliency(request);
    if (spec.method === "class-activation") throw new Error("Expected a method by differentiation");
    const sides = { planes: 1, rows: SIDE, cols: SIDE, batch: BATCH };
    await using session = await openSaliency({
      ...{ bytes, input: "images", output: "logits", ...sides },
      ...{ classes: 2, classIndex: 1, spec, provider: "cpu", threads: 1 },
    });
    const { values, rows, cols } = await session.maps(
      pixels,
      Array.from({ length: BATCH }, (_, i) => i),
      scores,
    );
    for (let image = 1; image < BATCH; image += 2) {
      let [inside, whole, area] = [0, 0, 0];
      for (let at = 0; at < SIDE * SIDE; at += 1) {
        const [row, col] = [Math.floor(at / SIDE), at % SIDE];
        const place = Math.floor((row * rows) / SIDE) * cols + Math.floor((col * cols) / SIDE);
        const mass = Math.abs(values[image * rows * cols + place] ?? 0);
        // A layer's field reaches beyond the patch.
        const counts = isInside(corners[image] ?? [], row, col, 2);
        whole += mass;
        if (counts) [inside, area] = [inside + mass, area + 1];
      }
      const share = inside / whole / (area / SIDE / SIDE);
      expect(share).toBeGreaterThan(2.5);
    }
  });
});

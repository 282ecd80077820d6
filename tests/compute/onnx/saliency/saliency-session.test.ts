import { describe, expect, test } from "vitest";
import { writeModel } from "../../../../compute/onnx/model-bytes.ts";
import type { GraphProto } from "../../../../compute/onnx/onnx-messages.ts";
import { runModelOnce } from "../../../../compute/onnx/run-model.ts";
import type { SaliencyRequest } from "../../../../compute/onnx/saliency/saliency-method.ts";
import { parseSaliency } from "../../../../compute/onnx/saliency/saliency-method.ts";
import { openSaliency, type SaliencyOptions } from "../../../../compute/onnx/saliency/saliency-session.ts";
import { RandomStream } from "../../../../compute/random.ts";
import { floats, graph, model, node, value } from "../../../support/onnx-models.ts";

const SIDE = 8;
const CHANNELS = 3;
const CLASSES = 3;
const PLANES = 2;
const SIZE = SIDE * SIDE;

const stream = new RandomStream(17);
const normals = (count: number) => Float32Array.from({ length: count }, () => stream.normal());
const kernel = normals(CHANNELS * PLANES * 9);
const second = normals(CHANNELS * CHANNELS * 9);
const weights = normals(CHANNELS * CLASSES);

/** Two smooth layers, features, their mean, a linear layer; `parts` may end it in another way. */
function network(parts: Partial<GraphProto> = {}): Uint8Array {
  const window = { kernel_shape: [3n, 3n], pads: [1n, 1n, 1n, 1n] };
  return writeModel(
    model(
      graph({
        node: [
          node("Conv", ["image", "k1"], ["a"], window),
          node("Tanh", ["a"], ["b"]),
          node("Conv", ["b", "k2"], ["c"], { ...window, strides: [2n, 2n] }),
          { ...node("Relu", ["c"], ["features"]), name: "last" },
          node("GlobalAveragePool", ["features"], ["pooled"]),
          node("Flatten", ["pooled"], ["flat"]),
          node("MatMul", ["flat", "w"], ["logits"]),
          node("Softmax", ["logits"], ["chances"]),
        ],
        initializer: [
          floats("k1", [CHANNELS, PLANES, 3, 3], kernel),
          floats("k2", [CHANNELS, CHANNELS, 3, 3], second),
          floats("w", [CHANNELS, CLASSES], weights),
        ],
        input: [value("image", ["n", PLANES, SIDE, SIDE])],
        output: [value("logits", ["n", CLASSES]), value("chances", ["n", CLASSES]), value("b", [])].slice(
          0,
          2,
        ),
        ...parts,
      }),
    ),
  );
}

const bytes = network();

/** One image after the other, each with the same grey in all planes. */
function greys(count: number): Float32Array {
  const images = Array.from({ length: count }, () => normals(SIZE));
  return Float32Array.from(
    { length: count * PLANES * SIZE },
    (_, at) => images[Math.floor(at / PLANES / SIZE)]?.[at % SIZE] ?? 0,
  );
}

async function outputs(pixels: Float32Array, of: Uint8Array = bytes) {
  const shape = [pixels.length / PLANES / SIZE, PLANES, SIDE, SIDE];
  return runModelOnce(of, { image: { type: "float", shape, data: pixels } });
}

async function mapsOf(
  request: SaliencyRequest,
  pixels: Float32Array,
  changes: Partial<SaliencyOptions> & { ordinals?: readonly number[] } = {},
) {
  const spec = parseSaliency(request);
  if (spec.method === "class-activation") throw new Error("Expected a method by differentiation");
  const options: SaliencyOptions = {
    bytes,
    input: "image",
    output: "logits",
    planes: PLANES,
    rows: SIDE,
    cols: SIDE,
    classes: CLASSES,
    classIndex: 1,
    spec,
    provider: "cpu",
    threads: 1,
    ...changes,
  };
  const results = await outputs(pixels, options.bytes);
  await using session = await openSaliency(options);
  const ordinals = changes.ordinals ?? Array.from({ length: pixels.length / PLANES / SIZE }, (_, i) => i);
  return await session.maps(pixels, ordinals, results[options.output]?.data as Float32Array);
}

/** The derivative of a class's logit by the grey of each place, by central differences. */
async function differences(pixels: Float32Array, classIndex: number): Promise<Float32Array> {
  const step = 1e-2;
  const moved = (by: number) =>
    Float32Array.from({ length: SIZE * PLANES * SIZE }, (_, at) => {
      const [place, within] = [Math.floor(at / PLANES / SIZE), at % (PLANES * SIZE)];
      return (pixels[within] ?? 0) + (within % SIZE === place ? by : 0);
    });
  const [up, down] = [await outputs(moved(step)), await outputs(moved(-step))];
  return Float32Array.from(
    { length: SIZE },
    (_, place) =>
      (Number(up["logits"]?.data[place * CLASSES + classIndex]) -
        Number(down["logits"]?.data[place * CLASSES + classIndex])) /
      (2 * step),
  );
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, share: number): void {
  const size = Math.max(...Array.from(expected, Math.abs));
  expect(actual.length).toBe(expected.length);
  for (let k = 0; k < expected.length; k += 1) {
    expect(Math.abs((actual[k] ?? Number.NaN) - (expected[k] ?? 0))).toBeLessThan(share * size);
  }
}

describe("a gradient map", () => {
  test.each([0, 1, 2])(
    "is the derivative of the score of class %i by each place's grey",
    async (classIndex) => {
      const pixels = greys(1);
      const { values, rows, cols } = await mapsOf({ method: "gradient" }, pixels, { classIndex });
      expect([rows, cols]).toEqual([SIDE, SIDE]);
      // A rectifier may turn within a step: rarely, and by little.
      expectClose(values, await differences(pixels, classIndex), 0.02);
    },
  );

  test("of a model that ends in a softmax is that of the score before it", async () => {
    const pixels = greys(2);
    const plain = await mapsOf({ method: "gradient" }, pixels);
    expect(await mapsOf({ method: "gradient" }, pixels, { output: "chances" })).toEqual(plain);
  });

  test("of more images than fit at once is each image's own", async () => {
    const pixels = greys(11);
    const { values } = await mapsOf({ method: "gradient" }, pixels);
    const tenth = await mapsOf({ method: "gradient" }, pixels.slice(10 * PLANES * SIZE));
    expect(values.length).toBe(11 * SIZE);
    expectClose(values.subarray(10 * SIZE), tenth.values, 1e-5);
  });

  test("of one number for two classes is opposite for the first", async () => {
    const one = network({
      node: [node("ReduceMean", ["image"], ["score"], { axes: [1n, 2n, 3n], keepdims: 0n })],
      output: [value("score", ["n"])],
      initializer: [],
    });
    const changes = { bytes: one, output: "score", classes: 2 };
    const pixels = greys(1);
    const yes = await mapsOf({ method: "gradient" }, pixels, { ...changes, classIndex: 1 });
    const no = await mapsOf({ method: "gradient" }, pixels, { ...changes, classIndex: 0 });
    expectClose(yes.values, new Float32Array(SIZE).fill(1 / SIZE), 1e-5);
    expect(no.values).toEqual(yes.values.map((value) => -value));
  });

  test("is refused where an operator has no derivative of ours, and where the scores are another model's", async () => {
    const odd = network({
      node: [
        node("GlobalLpPool", ["image"], ["pooled"]),
        node("Flatten", ["pooled"], ["flat"]),
        node("MatMul", ["flat", "w2"], ["logits"]),
      ],
      initializer: [floats("w2", [PLANES, CLASSES], weights)],
      output: [value("logits", ["n", CLASSES])],
    });
    await expect(mapsOf({ method: "gradient" }, greys(1), { bytes: odd })).rejects.toThrow(/GlobalLpPool/);
    const spec = { method: "gradient" } as const;
    await using session = await openSaliency({
      ...{ bytes, input: "image", output: "logits", planes: PLANES, rows: SIDE, cols: SIDE },
      ...{ classes: CLASSES, classIndex: 0, spec, provider: "cpu", threads: 1 },
    });
    await expect(session.maps(greys(1), [0], Float32Array.of(1, 2, 3))).rejects.toMatchObject({
      code: "MODEL_OUTPUT_INVALID",
    });
  });
});

describe("SmoothGrad", () => {
  test("without noise is the gradient", async () => {
    const pixels = greys(2);
    const { values } = await mapsOf({ method: "smoothgrad", noise: 0, samples: 3 }, pixels);
    expectClose(values, (await mapsOf({ method: "gradient" }, pixels)).values, 1e-6);
  });

  test("is the mean of the gradients of noisy copies, the noise drawn by seed and image alone", async () => {
    const pixels = greys(3);
    const request = { method: "smoothgrad", noise: 0.2, samples: 4, seed: 6 } as const;
    const { values } = await mapsOf(request, pixels, { ordinals: [40, 41, 42] });
    const last = pixels.slice(2 * PLANES * SIZE);
    const alone = await mapsOf(request, last, { ordinals: [42] });
    expectClose(values.subarray(2 * SIZE), alone.values, 1e-5);
    const noise = new RandomStream(6, 42);
    const deviation = 0.2 * (Math.max(...last) - Math.min(...last));
    const sums = new Float32Array(SIZE);
    for (let sample = 0; sample < 4; sample += 1) {
      const added = Array.from({ length: SIZE }, () => deviation * noise.normal());
      const noisy = last.map((grey, at) => grey + (added[at % SIZE] ?? 0));
      for (const [k, each] of (await mapsOf({ method: "gradient" }, noisy)).values.entries())
        sums[k] = (sums[k] ?? 0) + each / 4;
    }
    expectClose(alone.values, sums, 1e-4);
    const other = await mapsOf({ ...request, seed: 7 }, last, { ordinals: [42] });
    expect(other.values).not.toEqual(alone.values);
  });
});

describe("Grad-CAM", () => {
  /** Its definition: max(0, sum over channels of mean derivative times features). */
  async function byHand(pixels: Float32Array, classIndex: number): Promise<Float32Array> {
    const exposed = network({ output: [value("features", ["n", CHANNELS, 4, 4])] });
    const features = (await outputs(pixels, exposed))["features"]?.data ?? [];
    return Float32Array.from({ length: 16 }, (_, place) => {
      let sum = 0;
      for (let channel = 0; channel < CHANNELS; channel += 1) {
        // The derivative of a mean of 16 by each of them, times the class's weight, is the same everywhere.
        const share = (weights[channel * CLASSES + classIndex] ?? 0) / 16;
        sum += share * Number(features[channel * 16 + place]);
      }
      return Math.max(0, sum);
    });
  }

  test.each([0, 2])("of class %i is what its definition gives, at the last features", async (classIndex) => {
    const pixels = greys(1);
    const { values, rows, cols } = await mapsOf({ method: "grad-cam" }, pixels, { classIndex });
    expect([rows, cols]).toEqual([4, 4]);
    const expected = await byHand(pixels, classIndex);
    expect(expected.some((each) => each > 0)).toBe(true);
    expectClose(values, expected, 1e-5);
  });

  test("takes the layer that is named, by operator or value", async () => {
    const pixels = greys(1);
    const last = await mapsOf({ method: "grad-cam" }, pixels);
    expect(await mapsOf({ method: "grad-cam", layer: "last" }, pixels)).toEqual(last);
    const first = await mapsOf({ method: "grad-cam", layer: "b" }, pixels);
    expect([first.rows, first.cols]).toEqual([SIDE, SIDE]);
    await expect(mapsOf({ method: "grad-cam", layer: "no such layer" }, pixels)).rejects.toMatchObject({
      code: "MODEL_SIGNATURE_MISMATCH",
    });
    await expect(mapsOf({ method: "grad-cam", layer: "flat" }, pixels)).rejects.toMatchObject({
      code: "MODEL_SIGNATURE_MISMATCH",
    });
  });
});

describe("a request for maps", () => {
  test("gets the defaults of its method and nothing else", () => {
    expect(parseSaliency({})).toEqual({ method: "class-activation" });
    expect(parseSaliency({ method: "smoothgrad", seed: 3 })).toEqual({
      method: "smoothgrad",
      samples: 25,
      noise: 0.15,
      seed: 3,
    });
  });

  test.each<SaliencyRequest>([
    { samples: 3 },
    { method: "gradient", layer: "x" },
    { method: "gradient", noise: 0.1 },
    { method: "grad-cam", seed: 1 },
    { method: "grad-cam", layer: "" },
    { method: "smoothgrad", samples: 0 },
    { method: "smoothgrad", noise: -0.1 },
    { method: "smoothgrad", samples: 2.5 },
  ])("is refused where it makes no sense: %j", (request) => {
    expect(() => parseSaliency(request)).toThrow(expect.objectContaining({ code: "INVALID_PARAM" }));
  });
});

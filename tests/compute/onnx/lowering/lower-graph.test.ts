import { describe, expect, test } from "vitest";
import { differentiate } from "../../../../compute/onnx/gradients/differentiate.ts";
import { Graph } from "../../../../compute/onnx/graph/graph.ts";
import { concat, type Tensor } from "../../../../compute/onnx/graph/tensor.ts";
import { BLOCKED_DOMAIN } from "../../../../compute/onnx/lowering/layouts.ts";
import { lowerGraph } from "../../../../compute/onnx/lowering/lower-graph.ts";
import { blockOf, probeBlock } from "../../../../compute/onnx/lowering/probe-block.ts";
import { RandomStream } from "../../../../compute/random.ts";
import { prepareGraph } from "../../../support/run-graph.ts";

const block = await probeBlock();

/** A convolution of a square kernel with weights that are fed. */
function conv(
  x: Tensor,
  outputs: number,
  kernel: number,
  options: { stride?: number; groups?: number; pad?: number } = {},
) {
  const { stride = 1, groups = 1, pad = (kernel - 1) >> 1 } = options;
  const [count = 0, inputs = 0, ...sides] = x.shape;
  const name = `weights ${x.graph.inputs.length}`;
  const weights = x.graph.input(name, [outputs, inputs / groups, kernel, kernel]);
  const places = sides.map((side) => Math.floor((side + 2 * pad - kernel) / stride) + 1);
  const attributes = {
    group: groups,
    kernel_shape: [kernel, kernel],
    pads: Array(4).fill(pad),
    strides: [stride, stride],
  };
  return x.graph.apply(
    "Conv",
    [x, weights],
    { shape: [count, outputs, ...places], type: "float" },
    { attributes },
  );
}

function pool(x: Tensor, op: "MaxPool" | "AveragePool", kernel: number, stride: number, pad: number): Tensor {
  const [count = 0, channels = 0, ...sides] = x.shape;
  const places = sides.map((side) => Math.floor((side + 2 * pad - kernel) / stride) + 1);
  const attributes = { kernel_shape: [kernel, kernel], pads: Array(4).fill(pad), strides: [stride, stride] };
  return x.graph.apply(op, [x], { shape: [count, channels, ...places], type: "float" }, { attributes });
}

/** A list of one number a channel that is fed, as it broadcasts over images. */
function row(x: Tensor, images = 1): Tensor {
  const channels = x.shape[1] ?? 0;
  return x.graph.input(`row ${x.graph.inputs.length}`, [images, channels, 1, 1]);
}

function norm(x: Tensor, epsilon: number): Tensor {
  const { graph, shape } = x;
  const list = () => graph.input(`list ${graph.inputs.length}`, [shape[1] ?? 0]);
  const [gamma, beta, mean, variance] = [list(), list(), list(), list()];
  const inputs = [x, gamma, beta, mean, variance.times(variance)];
  return graph.apply("BatchNormalization", inputs, { shape, type: "float" }, { attributes: { epsilon } });
}

/** All outputs of a network and of its gradients, as built and as lowered; also the blocked operations that it has. */
async function both(build: (x: Tensor) => Tensor, shape: readonly number[], seed: number) {
  const graph = new Graph();
  const x = graph.input("x", shape);
  const y = build(x);
  const weights = graph.input("seed", y.shape);
  const of = graph.inputs.filter((tensor) => tensor !== weights);
  const gradients = differentiate(graph, y, of, weights);
  graph.output("y", y);
  for (const [k, gradient] of gradients.entries()) if (gradient) graph.output(`gradient ${k}`, gradient);
  const stream = new RandomStream(seed, 1);
  const feeds = Object.fromEntries(
    graph.inputs.map(({ name, size }) => [name, Float32Array.from({ length: size }, () => stream.normal())]),
  );
  const lowered = lowerGraph(graph, block ?? 8).graph;
  const results = [];
  for (const each of [graph, lowered]) results.push(await (await prepareGraph(each))(feeds));
  const blocked = lowered.nodes.filter(({ domain }) => domain === BLOCKED_DOMAIN);
  return { expected: results[0] ?? {}, actual: results[1] ?? {}, blocked, lowered };
}

/** Relative L2 distance. */
function distance(actual: ArrayLike<unknown> | undefined, expected: ArrayLike<unknown>): number {
  let [difference, whole] = [0, 0];
  for (let k = 0; k < expected.length; k += 1) {
    difference += (Number(actual?.[k]) - Number(expected[k])) ** 2;
    whole += Number(expected[k]) ** 2;
  }
  return Math.sqrt(difference / Math.max(whole, 1e-30));
}

const cases: readonly [string, readonly number[], (x: Tensor) => Tensor, RegExp][] = [
  ["a 3 x 3 convolution", [2, 32, 7, 9], (x) => conv(x, 48, 3), /Conv/],
  ["a 1 x 1 convolution", [2, 32, 5, 4], (x) => conv(x, 16, 1), /Conv/],
  ["a strided convolution on even sides", [2, 16, 8, 6], (x) => conv(x, 32, 3, { stride: 2 }), /Conv/],
  ["a strided convolution on odd sides", [2, 16, 9, 7], (x) => conv(x, 32, 3, { stride: 2 }), /Conv/],
  ["a strided 1 x 1 convolution", [3, 32, 8, 8], (x) => conv(x.relu(), 16, 1, { stride: 2 }), /Conv/],
  [
    "a strided 1 x 1 behind another",
    [3, 32, 8, 8],
    (x) => conv(conv(x, 32, 3).relu(), 16, 1, { stride: 2 }),
    /Conv.*MaxPool/,
  ],
  ["a strided 5 x 5 convolution", [2, 16, 8, 8], (x) => conv(x, 16, 5, { stride: 2 }), /Conv/],
  ["a strided 7 x 7 of few channels", [2, 3, 16, 16], (x) => conv(x, 16, 7, { stride: 2 }), /Conv/],
  ["a convolution without pads", [2, 16, 6, 6], (x) => conv(x, 16, 3, { pad: 0 }), /Conv/],
  ["a depthwise convolution", [2, 32, 6, 7], (x) => conv(x, 32, 3, { groups: 32 }), /Conv/],
  [
    "a strided depthwise convolution",
    [2, 32, 8, 6],
    (x) => conv(x, 32, 3, { groups: 32, stride: 2 }),
    /Conv/,
  ],
  [
    "a strided 5 x 5 depthwise convolution",
    [2, 32, 8, 6],
    (x) => conv(x, 32, 5, { groups: 32, stride: 2 }),
    /Conv/,
  ],
  [
    "a residual with rectifiers",
    [2, 16, 6, 6],
    (x) => {
      const first = conv(x, 16, 3).relu();
      return conv(first, 16, 3).plus(first).relu();
    },
    /Conv/,
  ],
  [
    "two convolutions added, used twice",
    [2, 16, 6, 6],
    (x) => {
      const [a, b] = [conv(x, 16, 3), conv(x, 16, 1)];
      return a.plus(b).relu().times(a).plus(a.plus(a));
    },
    /Conv/,
  ],
  [
    "factors and biases a channel",
    [2, 16, 6, 6],
    (x) => {
      const y = conv(x, 16, 3);
      return y
        .times(row(y))
        .plus(row(y))
        .plus(y.times(row(y)));
    },
    /Conv/,
  ],
  [
    "gates a channel of each image",
    [3, 16, 6, 6],
    (x) => {
      const y = conv(x, 16, 3);
      return y.times(row(y, 3).sigmoid());
    },
    /Conv/,
  ],
  ["a norm by running statistics", [2, 16, 6, 6], (x) => norm(conv(x, 16, 3), 1e-3).relu(), /Conv/],
  [
    "maximum pooling, overlapping",
    [2, 16, 8, 12],
    (x) => pool(conv(x, 32, 3), "MaxPool", 3, 2, 1),
    /MaxPool/,
  ],
  ["maximum pooling, apart", [2, 16, 8, 12], (x) => pool(conv(x, 32, 3), "MaxPool", 2, 2, 0), /MaxPool/],
  ["maximum pooling of odd sides", [2, 16, 9, 7], (x) => pool(conv(x, 32, 3), "MaxPool", 3, 2, 1), /MaxPool/],
  ["average pooling", [2, 16, 8, 8], (x) => pool(conv(x, 32, 3), "AveragePool", 2, 2, 0), /AveragePool/],
  [
    "means of images and of channels",
    [3, 16, 6, 6],
    (x) => {
      const y = conv(x, 32, 3);
      return y.mean([2, 3]).plus(y.mean([0, 2, 3]));
    },
    /GlobalAveragePool/,
  ],
  [
    "images joined by channel",
    [2, 16, 6, 6],
    (x) => {
      const y = conv(x, 32, 3);
      return conv(concat([x.relu(), y], 1).tanh(), 16, 1);
    },
    /Conv/,
  ],
  [
    "element by element",
    [2, 16, 6, 6],
    (x) => {
      const y = conv(x, 16, 3);
      return y.times(y.sigmoid()).minus(y.times(0.5)).over(y.times(y).plus(1).sqrt());
    },
    /Conv/,
  ],
];

describe.skipIf(block === undefined)(
  "a lowered graph (SKIPPED where the runtime has no blocked layout)",
  () => {
    test.each(cases)("of %s gives what the portable one gives", async (_name, shape, build, operations) => {
      for (const seed of [1, 2, 3]) {
        const { expected, actual, blocked } = await both(build, shape, seed);
        for (const [name, numbers] of Object.entries(expected)) {
          expect(distance(actual[name], numbers), `${name}, seed ${seed}`).toBeLessThan(3e-6);
        }
        expect(blocked.map(({ op }) => op).join(" ")).toMatch(operations);
      }
    });

    test("keeps images in blocks from one operation to the next", async () => {
      const { lowered } = await both(
        (x) =>
          conv(conv(x, 16, 3).relu(), 16, 3)
            .plus(x)
            .relu(),
        [2, 16, 6, 6],
        1,
      );
      const forward = lowered.nodes.filter(({ op }) => op === "Relu" || op === "Add").length;
      // Both rectifiers and the addition are part of convolutions; only sums of gradients are left.
      expect(forward).toBeLessThan(2);
    });

    test.each([
      ["outputs", 10, 16],
      ["inputs", 16, 24],
      ["either", 24, 24],
    ])("leaves a convolution whose %s fill no blocks as it is", async (_which, outputs, inputs) => {
      const { expected, actual, blocked } = await both((x) => conv(x, outputs, 3), [2, inputs, 5, 5], 1);
      const odd = (size: number) => size % (block ?? 8) !== 0;
      for (const [name, numbers] of Object.entries(expected))
        expect(distance(actual[name], numbers)).toBeLessThan(3e-6);
      if (odd(outputs) || odd(inputs)) expect(blocked.filter(({ op }) => op === "Conv")).toEqual([]);
    });
  },
);

test("a block is known by how it reorders", () => {
  const reordered = (size: number) =>
    Float32Array.from({ length: 128 }, (_, k) => {
      const within = k % (2 * size);
      return 2 * (Math.floor(k / (2 * size)) * size + (within % size)) + Math.floor(within / size);
    });
  expect([8, 16].map((size) => blockOf(reordered(size)))).toEqual([8, 16]);
  expect(blockOf(reordered(4))).toBeUndefined();
  expect(blockOf(Float32Array.from({ length: 128 }, (_, k) => k))).toBeUndefined();
});

import { describe, expect, test } from "vitest";
import { differentiate } from "../../../../compute/onnx/gradients/differentiate.ts";
import { gradientRules } from "../../../../compute/onnx/gradients/rules.ts";
import type { Attributes, ElementType } from "../../../../compute/onnx/graph/graph.ts";
import { arrayOf, Graph } from "../../../../compute/onnx/graph/graph.ts";
import { type Shape, sizeOf } from "../../../../compute/onnx/graph/shapes.ts";
import type { Tensor } from "../../../../compute/onnx/graph/tensor.ts";
import { RandomStream } from "../../../../compute/random.ts";
import { prepareGraph } from "../../../support/run-graph.ts";

/**
 * The referee is the central difference along a random direction, (f(x + h v) - f(x - h v)) / 2h, against the sum of
 * gradient times direction, both through ONNX Runtime: in double precision where it has kernels for it, with
 * tolerance 1e-7 of the larger; in single precision for operators that are linear in each input, where any h is exact,
 * with tolerance 2e-4.
 */
interface Case {
  readonly name: string;
  readonly op: string;
  /** Shapes of the inputs that are differentiated, in order. */
  readonly shapes: readonly Shape[];
  /** Shape of each output. */
  readonly outputs: readonly Shape[];
  readonly attributes?: Attributes;
  readonly type?: ElementType;
  /** Further inputs that are constants: lists of whole numbers, by place. */
  readonly integers?: Readonly<Record<number, readonly number[]>>;
  /** Further inputs that are constants of float, by place. */
  readonly floats?: Readonly<Record<number, readonly number[]>>;
  /** Draws an element; default normal. */
  readonly draw?: (stream: RandomStream, input: number) => number;
  readonly step?: number;
  /** The elements are 0, 1, 2, ... in random order: a small step never changes which is largest. */
  readonly distinct?: boolean;
}

function shuffled(count: number, stream: RandomStream): readonly number[] {
  return Array.from({ length: count }, (_, value) => ({ value, key: stream.uniform() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}

const normal = (stream: RandomStream) => stream.normal();
const above = (stream: RandomStream) => 0.5 + stream.uniform();
/** Away from where a piecewise function bends. */
const apart = (stream: RandomStream) => {
  const value = stream.normal();
  return value + Math.sign(value) * 0.05;
};

const one = (op: string, more: Partial<Case> = {}): Case => {
  const shape = more.shapes?.[0] ?? [3, 4];
  return { name: op, op, shapes: [shape], outputs: [shape], type: "double", ...more };
};

const elementwise: readonly Case[] = [
  ...["Add", "Sub", "Mul"].flatMap((op) => [
    one(op, {
      shapes: [
        [3, 4],
        [3, 4],
      ],
    }),
    one(op, {
      name: `${op} with broadcasting`,
      shapes: [
        [2, 1, 4],
        [3, 1],
      ],
      outputs: [[2, 3, 4]],
    }),
  ]),
  one("Div", { shapes: [[2, 3], [3]], outputs: [[2, 3]], draw: above }),
  one("Pow", {
    shapes: [
      [2, 3],
      [2, 1],
    ],
    outputs: [[2, 3]],
    draw: above,
  }),
  one("Sum", { shapes: [[2, 3], [3], [1]], outputs: [[2, 3]] }),
  one("Mean", { shapes: [[2, 3], [3]], outputs: [[2, 3]], type: "float", step: 1 }),
  one("Max", { shapes: [[2, 3], [2, 3], [3]], outputs: [[2, 3]] }),
  one("Min", {
    shapes: [
      [2, 3],
      [1, 3],
    ],
    outputs: [[2, 3]],
  }),
  ...["Neg", "Exp", "Sin", "Cos"].map((op) => one(op)),
  ...["Log", "Sqrt", "Reciprocal"].map((op) => one(op, { draw: above })),
  one("Abs", { draw: apart }),
];

const single = { type: "float", step: 2e-3 } as const;
const activations: readonly Case[] = [
  one("Relu", { draw: apart }),
  one("LeakyRelu", { draw: apart, attributes: { alpha: 0.1 }, ...single }),
  one("PRelu", { shapes: [[2, 3], [3]], outputs: [[2, 3]], draw: apart }),
  one("Elu", { draw: apart, attributes: { alpha: 0.7 }, ...single }),
  one("Selu", { draw: apart, ...single }),
  one("Sigmoid"),
  one("Tanh"),
  one("Softplus", single),
  one("Softsign", single),
  one("HardSigmoid", { draw: (stream) => 1.4 * stream.normal(), ...single }),
  one("HardSwish", { draw: (stream) => stream.normal(), ...single }),
  one("Erf", single),
  one("Softmax", { attributes: { axis: 1 } }),
  one("Softmax", { name: "Softmax in the middle", shapes: [[2, 3, 4]], attributes: { axis: 1 } }),
  one("LogSoftmax", { attributes: { axis: -1 } }),
  one("Identity"),
];

const shapes: readonly Case[] = [
  one("Reshape", { shapes: [[3, 4]], outputs: [[2, 6]], integers: { 1: [2, 6] } }),
  one("Flatten", { shapes: [[2, 3, 2]], outputs: [[2, 6]], attributes: { axis: 1 } }),
  one("Squeeze", { shapes: [[3, 1, 4]], outputs: [[3, 4]], integers: { 1: [1] } }),
  one("Unsqueeze", { outputs: [[3, 1, 4]], integers: { 1: [1] } }),
  one("Transpose", { shapes: [[2, 3, 4]], outputs: [[4, 2, 3]], attributes: { perm: [2, 0, 1] } }),
  one("Transpose", { name: "Transpose by default", shapes: [[2, 3, 4]], outputs: [[4, 3, 2]] }),
  one("Expand", { shapes: [[3, 1]], outputs: [[2, 3, 4]], integers: { 1: [2, 3, 4] } }),
  one("Tile", { shapes: [[2, 3]], outputs: [[4, 9]], integers: { 1: [2, 3] } }),
  one("Concat", {
    shapes: [
      [2, 3],
      [2, 1],
      [2, 2],
    ],
    outputs: [[2, 6]],
    attributes: { axis: -1 },
  }),
  one("Split", {
    shapes: [[5, 2]],
    outputs: [
      [2, 2],
      [3, 2],
    ],
    integers: { 1: [2, 3] },
    attributes: { axis: 0 },
  }),
  one("Slice", {
    shapes: [[5, 6]],
    outputs: [[3, 2]],
    integers: { 1: [1, -5], 2: [4, 5], 3: [0, 1], 4: [1, 2] },
  }),
  one("Slice", {
    name: "Slice far beyond",
    shapes: [[5]],
    outputs: [[2]],
    integers: { 1: [1], 2: [2 ** 31], 3: [0], 4: [3] },
  }),
  one("Pad", { shapes: [[2, 3]], outputs: [[3, 4]], integers: { 1: [1, 0, 0, 1] } }),
  one("Pad", { name: "Pad with cuts", shapes: [[4, 3]], outputs: [[3, 5]], integers: { 1: [-1, 2, 0, 0] } }),
  one("Gather", {
    shapes: [[4, 3]],
    outputs: [[3, 3]],
    integers: { 1: [2, 0, 2] },
    attributes: { axis: 0 },
    type: "float",
    step: 1,
  }),
  one("Gather", {
    name: "Gather along the last axis",
    shapes: [[2, 4]],
    outputs: [[2, 2]],
    integers: { 1: [3, 0] },
    attributes: { axis: 1 },
    type: "float",
    step: 1,
  }),
  one("DepthToSpace", {
    shapes: [[1, 8, 2, 3]],
    outputs: [[1, 2, 4, 6]],
    attributes: { blocksize: 2, mode: "DCR" },
  }),
  one("DepthToSpace", {
    name: "DepthToSpace CRD",
    shapes: [[1, 8, 2, 3]],
    outputs: [[1, 2, 4, 6]],
    attributes: { blocksize: 2, mode: "CRD" },
  }),
  one("SpaceToDepth", { shapes: [[1, 2, 4, 6]], outputs: [[1, 8, 2, 3]], attributes: { blocksize: 2 } }),
  one("ReduceSum", {
    shapes: [[2, 3, 4]],
    outputs: [[2, 4]],
    integers: { 1: [1] },
    attributes: { keepdims: 0 },
  }),
  one("ReduceSum", { name: "ReduceSum of all", shapes: [[2, 3]], outputs: [[1, 1]] }),
  ...["ReduceMean", "ReduceMax", "ReduceMin", "ReduceSumSquare", "ReduceL2", "ReduceLogSumExp"].flatMap(
    (op) => {
      const type = op === "ReduceL2" ? single : {};
      return [
        one(op, { shapes: [[2, 3, 4]], outputs: [[2, 3]], attributes: { axes: [-1], keepdims: 0 }, ...type }),
        one(op, {
          name: `${op} kept`,
          shapes: [[2, 3, 4]],
          outputs: [[1, 3, 1]],
          attributes: { axes: [0, 2], keepdims: 1 },
          ...type,
        }),
      ];
    },
  ),
];

const matrices: readonly Case[] = [
  ...[0, 1].flatMap((transA) =>
    [0, 1].map((transB) =>
      one("Gemm", {
        name: `Gemm ${transA}${transB}`,
        shapes: [transA ? [4, 3] : [3, 4], transB ? [5, 4] : [4, 5], [5]],
        outputs: [[3, 5]],
        attributes: { transA, transB, alpha: 0.5, beta: 2 },
      }),
    ),
  ),
  one("MatMul", {
    shapes: [
      [3, 4],
      [4, 2],
    ],
    outputs: [[3, 2]],
  }),
  one("MatMul", {
    name: "MatMul of stacks",
    shapes: [
      [2, 1, 3, 4],
      [5, 4, 2],
    ],
    outputs: [[2, 5, 3, 2]],
  }),
  one("MatMul", { name: "MatMul of a vector", shapes: [[4], [3, 4, 2]], outputs: [[3, 2]] }),
  one("MatMul", { name: "MatMul by a vector", shapes: [[3, 4], [4]], outputs: [[3]] }),
];

/** Output side of a convolution. */
const side = (size: number, k: number, s: number, d: number, before: number, after: number) =>
  Math.floor((size + before + after - (k - 1) * d - 1) / s) + 1;

function convolution(seed: number): Case {
  const stream = new RandomStream(seed);
  const pick = (...values: readonly number[]) => values[stream.below(values.length)] ?? 1;
  const group = pick(1, 1, 2, 3);
  const channels = group * pick(1, 2);
  const outputs = group * pick(1, 2, 3);
  const [n, h, w] = [pick(1, 2, 3), pick(5, 8, 9), pick(6, 7, 11)];
  const kernel = [pick(1, 2, 3), pick(1, 3, 4)];
  const strides = [pick(1, 2, 3), pick(1, 2)];
  const dilations = [pick(1, 1, 2), pick(1, 1, 2)];
  const pads = [pick(0, 1), pick(0, 1, 2), pick(0, 1), pick(0, 2)];
  const sides = [h, w].map((size, a) =>
    side(size, kernel[a] ?? 1, strides[a] ?? 1, dilations[a] ?? 1, pads[a] ?? 0, pads[a + 2] ?? 0),
  );
  if (sides.some((size) => size < 1)) return convolution(seed + 1000);
  const attributes = { kernel_shape: kernel, strides, dilations, pads, group };
  const words = `group ${group} channels ${channels}-${outputs} ${h}x${w} k ${kernel} s ${strides} d ${dilations} p ${pads}`;
  return {
    name: `Conv ${words}`,
    op: "Conv",
    shapes: [[n, channels, h, w], [outputs, channels / group, ...kernel], [outputs]],
    outputs: [[n, outputs, ...sides]],
    attributes,
    type: "float",
    step: 1,
  };
}

function transposed(seed: number): Case {
  const {
    shapes: [x = [], w = []],
    outputs: [y = []],
    attributes = {},
    name,
  } = convolution(seed);
  const strides = attributes["strides"] as readonly number[];
  const room = [0, 1].map((a) => {
    const [k, d] = [w[a + 2] ?? 1, (attributes["dilations"] as readonly number[])[a] ?? 1];
    const pads = attributes["pads"] as readonly number[];
    const reach = ((y[a + 2] ?? 1) - 1) * (strides[a] ?? 1) + (k - 1) * d + 1;
    return (x[a + 2] ?? 1) - (reach - (pads[a] ?? 0) - (pads[a + 2] ?? 0));
  });
  return {
    name: name.replace("Conv", "ConvTranspose"),
    op: "ConvTranspose",
    shapes: [y, w, [x[1] ?? 1]],
    outputs: [x],
    attributes: { ...attributes, output_padding: room },
    type: "float",
    step: 1,
  };
}

function pool(op: "MaxPool" | "AveragePool", seed: number): Case {
  const stream = new RandomStream(seed);
  const pick = (...values: readonly number[]) => values[stream.below(values.length)] ?? 1;
  const kernel = [pick(2, 3), pick(1, 2, 3)];
  const strides = [pick(1, 2, 3), pick(1, 2)];
  const pads = kernel.concat(kernel).map((k) => stream.below(k));
  const [h, w, c] = [pick(6, 7, 9), pick(5, 8), pick(1, 3)];
  const sides = [h, w].map((size, a) =>
    side(size, kernel[a] ?? 1, strides[a] ?? 1, 1, pads[a] ?? 0, pads[a + 2] ?? 0),
  );
  const counted = op === "AveragePool" ? { count_include_pad: seed % 2 } : {};
  return {
    name: `${op} ${h}x${w} k ${kernel} s ${strides} p ${pads} ${JSON.stringify(counted)}`,
    op,
    shapes: [[2, c, h, w]],
    outputs: [[2, c, ...sides]],
    attributes: { kernel_shape: kernel, strides, pads, ...counted },
    // A maximum changes hands within a small step only when two elements are nearly equal.
    ...(op === "MaxPool" ? { type: "float", step: 0.05, distinct: true } : { type: "float", step: 1 }),
  };
}

/** Resize by scales or sizes in every mode and placing. */
const resizes: readonly Case[] = [
  ...["nearest", "linear", "cubic"].flatMap((mode) =>
    ["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"].flatMap((placing) => [
      { mode, placing, to: [1.6, 2], sides: [8, 8] },
      { mode, placing, to: [0.5, 0.75], sides: [2, 3] },
    ]),
  ),
  { mode: "linear", placing: "half_pixel", to: [1.1, 1], sides: [5, 4] },
].map(({ mode, placing, to, sides }) =>
  one("Resize", {
    name: `Resize ${mode} ${placing} ${to}`,
    shapes: [[2, 3, 5, 4]],
    outputs: [[2, 3, ...sides]],
    attributes: { mode, coordinate_transformation_mode: placing },
    floats: { 2: [1, 1, ...to] },
    type: "float",
    step: 1,
  }),
);

const many = <Item>(count: number, make: (seed: number) => Item) =>
  Array.from({ length: count }, (_, k) => make(k + 1));

const images: readonly Case[] = [
  ...resizes,
  one("Resize", {
    name: "Resize to sizes",
    shapes: [[1, 2, 4, 6]],
    outputs: [[1, 2, 7, 3]],
    attributes: { mode: "linear", coordinate_transformation_mode: "half_pixel" },
    integers: { 3: [1, 2, 7, 3] },
    type: "float",
    step: 1,
  }),
  ...many(24, convolution),
  ...many(16, transposed),
  ...many(10, (seed) => pool("MaxPool", seed)),
  ...many(10, (seed) => pool("AveragePool", seed)),
  one("Conv", {
    name: "Conv along one axis",
    shapes: [[2, 3, 9], [4, 3, 3], [4]],
    outputs: [[2, 4, 4]],
    attributes: { kernel_shape: [3], strides: [2] },
    type: "float",
    step: 1,
  }),
  one("GlobalAveragePool", { shapes: [[2, 3, 4, 5]], outputs: [[2, 3, 1, 1]], type: "float", step: 1 }),
  one("GlobalMaxPool", {
    shapes: [[2, 3, 4, 5]],
    outputs: [[2, 3, 1, 1]],
    type: "float",
    step: 0.05,
    distinct: true,
  }),
  one("BatchNormalization", {
    shapes: [[2, 3, 2, 2], [3], [3]],
    outputs: [[2, 3, 2, 2]],
    attributes: { epsilon: 1e-3 },
  }),
  one("InstanceNormalization", {
    shapes: [[2, 3, 4, 2], [3], [3]],
    outputs: [[2, 3, 4, 2]],
    type: "float",
    step: 5e-3,
  }),
  one("LayerNormalization", {
    shapes: [[2, 3, 4], [4], [4]],
    outputs: [[2, 3, 4]],
    attributes: { axis: -1 },
  }),
];

const cases = [...elementwise, ...activations, ...shapes, ...matrices, ...images];

async function check(
  {
    op,
    shapes: given,
    outputs,
    attributes = {},
    type = "double",
    integers = {},
    floats = {},
    draw = normal,
    step = 1e-5,
    distinct = false,
  }: Case,
  seed: number,
) {
  const stream = new RandomStream(seed);
  const graph = new Graph();
  const inputs: (Tensor | undefined)[] = given.map((shape, k) => graph.input(`x${k}`, shape, type));
  for (const [place, values] of Object.entries(integers)) inputs[Number(place)] = graph.integers(values);
  for (const [place, values] of Object.entries(floats))
    inputs[Number(place)] = graph.constant(arrayOf("float", values), [values.length], "float");
  for (const place of inputs.keys()) inputs[place] ??= undefined; // a list without holes
  if (op === "BatchNormalization") {
    for (const low of [0, 1]) {
      const numbers = Array.from({ length: 3 }, () => low + stream.uniform());
      inputs.push(graph.constant(arrayOf(type, numbers), [3], type));
    }
  }
  const results = graph.applyMany(
    op,
    inputs,
    outputs.map((shape) => ({ shape, type })),
    { attributes },
  );
  const weights = outputs.map((shape) => {
    const numbers = Array.from({ length: sizeOf(shape) }, () => stream.normal());
    return graph.constant(arrayOf(type, numbers), shape, type);
  });
  const terms = results.map((result, k) => result.times(weights[k] as Tensor).sum());
  const loss = terms.reduce((sum, term) => sum.plus(term));
  const wanted = given.map((_, k) => graph.inputs[k] as Tensor);
  const gradients = differentiate(graph, loss, wanted);
  graph.output("loss", loss);
  for (const [k, gradient] of gradients.entries()) {
    expect(gradient?.shape, `shape of gradient ${k}`).toEqual(given[k]);
    graph.output(`gradient${k}`, gradient as Tensor);
  }
  const run = await prepareGraph(graph);
  const at = given.map((shape, k) =>
    distinct ? shuffled(sizeOf(shape), stream) : Array.from({ length: sizeOf(shape) }, () => draw(stream, k)),
  );
  const feedsOf = (points: readonly (readonly number[])[]) =>
    Object.fromEntries(points.map((numbers, k) => [`x${k}`, arrayOf(type, numbers)]));
  const here = await run(feedsOf(at));
  const tolerance = type === "double" ? 1e-7 : 2e-4;
  for (const k of given.keys()) {
    const direction = (at[k] ?? []).map(() => stream.normal());
    const along = async (h: number) => {
      const moved = at.map((numbers, j) =>
        j === k ? numbers.map((x, i) => x + h * (direction[i] ?? 0)) : numbers,
      );
      return Number((await run(feedsOf(moved)))["loss"]?.[0]);
    };
    const [up, down] = [await along(step), await along(-step)];
    const numeric = (up - down) / (2 * step);
    const gradient = Array.from<number | bigint, number>(here[`gradient${k}`] ?? [], Number);
    const analytic = gradient.reduce((sum, g, i) => sum + g * (direction[i] ?? 0), 0);
    // The scale against which rounding is seen: what was summed, not what was left of it.
    const scale = gradient.reduce((sum, g, i) => sum + Math.abs(g * (direction[i] ?? 0)), 0);
    const rounding = type === "float" ? (1e-7 * (Math.abs(up) + Math.abs(down) + 1)) / step : 0;
    expect(Math.abs(numeric - analytic), `input ${k}`).toBeLessThanOrEqual(
      tolerance * (scale + 1e-3) + rounding,
    );
  }
}

describe("gradient rules against central differences in ONNX Runtime", () => {
  test.each(cases.map((each) => [each.name, each] as const))("%s", async (_name, each) => {
    for (const seed of [1, 2, 3]) await check(each, seed);
  });
});

test("every rule that lets a gradient through has a case", () => {
  const cased = new Set(cases.map(({ op }) => op));
  const flat = ["Shape", "Size", "ArgMax", "ArgMin", "Floor", "Ceil", "Round", "Sign", "Equal", "Greater"];
  const alsoFlat = ["GreaterOrEqual", "Less", "LessOrEqual", "Not", "ConstantOfShape", "Range"];
  // In differentiate.test.ts: they take a condition, bounds or another type.
  const apartFromThese = ["Where", "Clip", "Cast", "Dropout", ...flat, ...alsoFlat];
  expect(Object.keys(gradientRules).filter((op) => !cased.has(op) && !apartFromThese.includes(op))).toEqual(
    [],
  );
});

import { numberOf } from "../gradients/rule.ts";
import type { GraphNode } from "../graph/graph.ts";
import { type Shape, sameShape } from "../graph/shapes.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Layouts } from "./layouts.ts";
import type { LoweringRule } from "./rule.ts";

/** Whether a tensor gives one number a channel ("channel"), or one a channel of each image ("image"). */
function reachOf({ shape }: Tensor, whole: Shape): "channel" | "image" | undefined {
  const [count = 0, channels = 0, rows = 0, cols = 0] = whole;
  if (shape.length !== 4 || rows * cols === 1 || shape[1] !== channels) return undefined;
  if (shape[2] !== 1 || shape[3] !== 1) return undefined;
  if (shape[0] === 1) return "channel";
  return shape[0] === count ? "image" : undefined;
}

/** Two inputs, of which one is a blocked image and the other a number a channel. */
function scaled(layouts: Layouts, { inputs, outputs }: GraphNode) {
  const [y] = outputs;
  const [a, b] = inputs;
  if (y === undefined || a === undefined || b === undefined || !layouts.fits(y)) return undefined;
  for (const [image, row] of [
    [a, b],
    [b, a],
  ] as const) {
    const reach = reachOf(row, y.shape);
    if (sameShape(image.shape, y.shape) && layouts.isBlocked(image) && reach !== undefined) {
      return { image, row, reach, y };
    }
  }
  return undefined;
}

/** A factor a channel: a convolution of one place that filters each channel on its own. */
const multiply: LoweringRule = (layouts, node) => {
  const found = scaled(layouts, node);
  if (found === undefined) return false;
  const { image, row, reach, y } = found;
  const [count = 0, channels = 0, ...sides] = y.shape;
  const all = reach === "channel" ? channels : count * channels;
  const shape = [reach === "channel" ? count : 1, all, ...sides];
  const pending = {
    x: layouts.blocked(image).reshape(shape),
    weights: layouts.plain(row).reshape([all, 1, 1, 1]),
    attributes: { group: all, kernel_shape: [1, 1] },
    shape,
  };
  if (reach === "channel") layouts.keepPending(y, pending);
  else layouts.keep(y, layouts.convolve(pending).reshape(y.shape));
  return true;
};

/** A bias, or another image, as part of the convolution before it. */
const add: LoweringRule = (layouts, node) => {
  const found = scaled(layouts, node);
  if (found !== undefined) {
    const { image, row, reach, y } = found;
    const pending = layouts.pendingOf(image);
    const free = pending !== undefined && pending.bias === undefined && pending.sum === undefined;
    if (reach !== "channel" || !free) return false;
    layouts.keepPending(y, { ...pending, bias: layouts.plain(row).reshape([row.size]) });
    return true;
  }
  const [a, b] = node.inputs;
  const [y] = node.outputs;
  if (a === undefined || b === undefined || y === undefined || a === b) return elementwise(layouts, node);
  if (!layouts.fits(y) || !sameShape(a.shape, y.shape) || !sameShape(b.shape, y.shape)) {
    return elementwise(layouts, node);
  }
  for (const [first, second] of [
    [b, a],
    [a, b],
  ] as const) {
    const pending = layouts.pendingOf(first);
    if (pending !== undefined && pending.sum === undefined) {
      layouts.keepPending(y, { ...pending, sum: layouts.blocked(second) });
      return true;
    }
  }
  return elementwise(layouts, node);
};

/** A rectifier as part of the convolution before it. */
const rectify: LoweringRule = (layouts, node) => {
  const [x] = node.inputs;
  const [y] = node.outputs;
  const pending = x && layouts.pendingOf(x);
  if (pending === undefined || y === undefined) return elementwise(layouts, node);
  layouts.keep(y, layouts.convolve(pending, "Relu"));
  return true;
};

/** The inference form, by running statistics or by 0 and 1: a factor and a bias a channel. */
const normalise: LoweringRule = (layouts, { inputs, outputs, attributes }) => {
  const [x, gamma, beta, mean, variance] = inputs;
  const [y] = outputs;
  if (x === undefined || y === undefined || !layouts.fits(x) || !layouts.isBlocked(x)) return false;
  if (gamma === undefined || beta === undefined || mean === undefined || variance === undefined) return false;
  const epsilon = numberOf(attributes, "epsilon", 1e-5);
  const holds = (tensor: Tensor, value: number) =>
    layouts.from.numbersOf(tensor)?.every((each) => each === value) === true;
  let [slope, shift] = [layouts.plain(gamma), layouts.plain(beta)];
  if (!(holds(variance, 1) && epsilon === 0)) {
    slope = slope.over(layouts.plain(variance).plus(epsilon).sqrt());
  }
  if (!holds(mean, 0)) shift = shift.minus(layouts.plain(mean).times(slope));
  layouts.keepPending(y, {
    x: layouts.blocked(x),
    weights: slope.reshape([slope.size, 1, 1, 1]),
    bias: shift,
    attributes: { group: slope.size, kernel_shape: [1, 1] },
    shape: y.shape,
  });
  return true;
};

/** On images of one shape and single numbers, any order of the elements will do. */
const elementwise: LoweringRule = (layouts, node) => {
  const { op, inputs, outputs, attributes } = node;
  const [y] = outputs;
  if (y === undefined || !layouts.fits(y)) return false;
  const alike = (tensor: Tensor) => sameShape(tensor.shape, y.shape);
  const given = inputs.flatMap((tensor) => (tensor === undefined ? [] : [tensor]));
  if (!given.every((tensor) => (alike(tensor) && layouts.fits(tensor)) || tensor.size === 1)) return false;
  if (!given.some((tensor) => alike(tensor) && layouts.isBlocked(tensor))) return false;
  const formOf = (tensor: Tensor) => (alike(tensor) ? layouts.blocked(tensor) : layouts.plain(tensor));
  const made = layouts.into.apply(
    op,
    inputs.map((tensor) => tensor && formOf(tensor)),
    { shape: y.shape, type: y.type },
    { attributes },
  );
  layouts.keep(y, made);
  return true;
};

const pointwiseNames = [
  ...["Sub", "Div", "Pow", "Max", "Min", "Sum", "Mean", "Where"],
  ...["Neg", "Abs", "Exp", "Log", "Sqrt", "Reciprocal", "Erf", "Clip", "Sin", "Cos"],
  ...["LeakyRelu", "Elu", "Selu", "Sigmoid", "Tanh", "Softplus", "Softsign", "HardSigmoid", "HardSwish"],
];

/** Operations on each element, and those on each channel. */
export const elementwiseRules: Readonly<Record<string, LoweringRule>> = {
  ...Object.fromEntries(pointwiseNames.map((name) => [name, elementwise])),
  Mul: (layouts, node) => multiply(layouts, node) || elementwise(layouts, node),
  Add: add,
  Relu: rectify,
  BatchNormalization: normalise,
};

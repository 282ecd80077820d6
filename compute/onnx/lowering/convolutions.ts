import { numberOf } from "../gradients/rule.ts";
import { at, type Window, windowOf } from "../gradients/window.ts";
import type { Attributes } from "../graph/graph.ts";
import { sizeOf } from "../graph/shapes.ts";
import type { Tensor } from "../graph/tensor.ts";
import { interleaved } from "./interleave.ts";
import type { Layouts } from "./layouts.ts";
import type { CompositeRule, LoweringRule } from "./rule.ts";
import { forwardWeights, turnedDepthwiseWeights, turnedWeights } from "./weights.ts";

type Kind = "dense" | "depthwise";

/**
 * What the blocked kernels can do with a convolution. Channels that do not fill blocks must never come to them: with fewer
 * outputs than a block they end the process (onnxruntime 1.30).
 */
function kindOf(
  { block }: Layouts,
  attributes: Attributes,
  weights: Tensor,
  fewInputs: boolean,
): Kind | undefined {
  const [outputs = 0, inputs = 0, ...kernel] = weights.shape;
  if (kernel.length !== 2 || weights.type !== "float" || outputs % block !== 0) return undefined;
  const group = numberOf(attributes, "group", 1);
  if (group === outputs && inputs === 1 && group > 1) return "depthwise";
  if (group !== 1) return undefined;
  return inputs % block === 0 || (fewInputs && inputs < block) ? "dense" : undefined;
}

/** Convolutions of images of more than one place. */
export const lowerConvolution: LoweringRule = (layouts, { inputs, outputs, attributes }) => {
  const [x, weights, bias] = inputs;
  const [y] = outputs;
  if (x === undefined || weights === undefined || y === undefined) return false;
  const kind = kindOf(layouts, attributes, weights, true);
  if (kind === undefined || sizeOf(y.shape.slice(2)) === 1) return false;
  const few = kind === "dense" && (x.shape[1] ?? 0) < layouts.block;
  layouts.keepPending(y, {
    x: few ? layouts.plain(x) : layouts.blocked(x),
    weights: forwardWeights(layouts, weights),
    ...(bias === undefined ? {} : { bias: layouts.plain(bias) }),
    attributes: { kernel_shape: weights.shape.slice(2), ...attributes },
    shape: y.shape,
  });
  return true;
};

/** For each remainder by the stride, the taps that reach places of it, and by how many outputs further on. */
interface Phase {
  readonly taps: readonly number[];
  readonly before: number;
  readonly after: number;
}

/**
 * Along one axis, the gradient at place stride * j + phase is the sum over taps of the output's gradient at j + shift.
 * undefined: the shape is not one of whole strides.
 */
function phasesOf(window: Window, axis: number, side: number, places: number): readonly Phase[] | undefined {
  const [stride, kernel, pad] = [at(window.strides, axis), at(window.kernel, axis), at(window.before, axis)];
  if (side % stride !== 0 || at(window.dilations, axis) !== 1) return undefined;
  const phases = Array.from({ length: stride }, (_, phase): Phase => {
    const taps = Array.from({ length: kernel }, (__, tap) => kernel - 1 - tap).filter(
      (tap) => (phase + pad - tap) % stride === 0,
    );
    const shift = (tap: number | undefined) => (phase + pad - (tap ?? 0)) / stride;
    return { taps, before: -shift(taps[0]), after: side / stride - places + shift(taps.at(-1)) };
  });
  const fits = phases.every(({ taps, before, after }) => taps.length === 0 || (before >= 0 && after >= 0));
  return fits ? phases : undefined;
}

/**
 * The gradient of a convolution's images: a blocked convolution of the output's gradient for each remainder by the strides,
 * whose results alternate.
 */
export const lowerInputGradient: CompositeRule = (layouts, { inputs, output, attributes }) => {
  const [dy, weights] = inputs;
  if (dy === undefined || weights === undefined || output.rank !== 4) return false;
  const kind = kindOf(layouts, attributes, weights, false);
  if (kind === undefined || sizeOf(dy.shape.slice(2)) === 1) return false;
  const window = windowOf(attributes, weights.shape.slice(2));
  const [count = 0, channels = 0, ...sides] = output.shape;
  const [rows, cols] = sides.map((side, axis) => phasesOf(window, axis, side, dy.shape[axis + 2] ?? 0));
  const [rowStride = 1, colStride = 1] = window.strides;
  if (rows === undefined || cols === undefined || rowStride > 2 || colStride > 2) return false;
  const [, width = 0] = window.kernel;
  const shape = [count, channels, (sides[0] ?? 0) / rowStride, (sides[1] ?? 0) / colStride];
  const turn = kind === "dense" ? turnedWeights : turnedDepthwiseWeights;
  const part = (row: Phase, col: Phase) => {
    if (row.taps.length === 0 || col.taps.length === 0) return undefined;
    const taps = row.taps.flatMap((r) => col.taps.map((c) => r * width + c));
    const kernel = [row.taps.length, col.taps.length];
    return {
      x: layouts.blocked(dy),
      weights: turn(layouts, weights, taps, kernel),
      attributes: {
        kernel_shape: kernel,
        pads: [row.before, col.before, row.after, col.after],
        ...(kind === "dense" ? {} : { group: channels }),
      },
      shape,
    };
  };
  const parts = rows.map((row) => cols.map((col) => part(row, col)));
  const [[only] = []] = parts;
  if (rowStride === 1 && colStride === 1 && only !== undefined) layouts.keepPending(output, only);
  else {
    const made = parts.map((row) => row.map((each) => each && layouts.convolve(each)));
    layouts.keep(output, interleaved(layouts, made, shape).reshape(output.shape));
  }
  return true;
};

/** The gradient of the weights of a strided 1 x 1 convolution: the places that it saw, as if there were no others. */
export const lowerWeightGradient: CompositeRule = (layouts, { inputs, output, attributes }) => {
  const [x, dy] = inputs;
  if (x === undefined || dy === undefined || !layouts.fits(x) || !layouts.isBlocked(x)) return false;
  const { kernel, strides, before, after } = windowOf(attributes, output.shape.slice(2));
  const pointwise = kernel.every((size) => size === 1) && [...before, ...after].every((pad) => pad === 0);
  if (!pointwise || strides.every((step) => step === 1) || numberOf(attributes, "group", 1) !== 1)
    return false;
  const [count = 0, channels = 0] = x.shape;
  const [, outputs = 0, ...places] = dy.shape;
  const shape = [count, channels, ...places];
  const seen = layouts.apply("MaxPool", [layouts.blocked(x)], shape, { kernel_shape: kernel, strides });
  const plain = layouts.apply("ReorderOutput", [seen], shape, { channels });
  const flat = (tensor: Tensor, size: number) =>
    tensor.transpose([1, 0, 2, 3]).reshape([size, tensor.size / size]);
  const made = layouts.into.apply(
    "Gemm",
    [flat(layouts.plain(dy), outputs), flat(plain, channels)],
    { shape: [outputs, channels], type: "float" },
    { attributes: { transB: 1 } },
  );
  layouts.keepPlain(output, made.reshape(output.shape));
  return true;
};

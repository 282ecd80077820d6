import { type Shape, sizeOf } from "../graph/shapes.ts";
import type { Tensor } from "../graph/tensor.ts";
import { gradientOf, inputOf, numberOf, type Rule, type RuleCall } from "./rule.ts";
import { at, perAxis, spanOf, type Window, windowOf } from "./window.ts";

/** A convolution of known geometry. */
export interface Geometry extends Window {
  readonly group: number;
}

function geometryOf({ attributes }: RuleCall, weights: Tensor): Geometry {
  return { ...windowOf(attributes, weights.shape.slice(2)), group: numberOf(attributes, "group", 1) };
}

function attributesOf({ kernel, strides, dilations, before, after, group }: Geometry) {
  return { kernel_shape: kernel, strides, dilations, pads: [...before, ...after], group };
}

/** Spatial axes of a tensor of images. */
function spatial(tensor: Tensor): readonly number[] {
  return tensor.shape.slice(2);
}

/** The input's gradient: the transposed convolution of the output's. */
export function inputGradient(dy: Tensor, weights: Tensor, shape: Shape, geometry: Geometry): Tensor {
  return dy.graph.composite("ConvInputGradient", [dy, weights], attributesOf(geometry), () =>
    transposed(dy, weights, shape, geometry),
  );
}

function transposed(dy: Tensor, weights: Tensor, shape: Shape, geometry: Geometry): Tensor {
  const { kernel, strides, dilations, before, after, group } = geometry;
  const plain = group === 1 && [...strides, ...dilations].every((step) => step === 1);
  const pads = perAxis(geometry, (axis) => at(kernel, axis) - 1 - at(before, axis));
  const ends = perAxis(geometry, (axis) => at(kernel, axis) - 1 - at(after, axis));
  // A convolution with the taps reversed is faster, unless turning the weights round costs more than it saves.
  if (plain && [...pads, ...ends].every((pad) => pad >= 0) && weights.size <= 2 * sizeOf(shape)) {
    const attributes = { kernel_shape: kernel, pads: [...pads, ...ends] };
    return dy.graph.apply("Conv", [dy, reversedTaps(weights)], { shape, type: dy.type }, { attributes });
  }
  const over = perAxis(geometry, (axis) => {
    const reach =
      (at(spatial(dy), axis) - 1) * at(strides, axis) + spanOf(at(kernel, axis), at(dilations, axis));
    return at(shape.slice(2), axis) - (reach - at(before, axis) - at(after, axis));
  });
  return dy.graph.apply(
    "ConvTranspose",
    [dy, weights],
    { shape, type: dy.type },
    { attributes: { ...attributesOf(geometry), output_padding: over } },
  );
}

/** [out, in, ...k] as [in, out, ...k] with every tap at the opposite place: a product with the anti-identity. */
function reversedTaps(weights: Tensor): Tensor {
  return weights.graph.once(`reversed ${weights.name}`, () => {
    const [outputs = 0, inputs = 0, ...kernel] = weights.shape;
    const taps = sizeOf(kernel);
    const swapped = weights.transpose([1, 0, ...kernel.map((_, axis) => axis + 2)]);
    if (taps === 1) return swapped;
    const turn = weights.graph.once(`anti-identity ${taps} ${weights.type}`, () => {
      const data = new Float32Array(taps * taps);
      for (let i = 0; i < taps; i += 1) data[i * taps + taps - 1 - i] = 1;
      return weights.graph.constant(data, [taps, taps], "float").cast(weights.type);
    });
    return swapped
      .reshape([inputs * outputs, taps])
      .matmul(turn)
      .reshape([inputs, outputs, ...kernel]);
  });
}

/** The weights' gradient, in their shape [out, in / group, ...k]. */
export function weightGradient(x: Tensor, dy: Tensor, shape: Shape, geometry: Geometry): Tensor {
  return x.graph.composite("ConvWeightGradient", [x, dy], attributesOf(geometry), () =>
    correlated(x, dy, shape, geometry),
  );
}

function correlated(x: Tensor, dy: Tensor, shape: Shape, geometry: Geometry): Tensor {
  const { kernel, strides, dilations, group, before, after } = geometry;
  const simple = group === 1 && x.rank === 4;
  const pointwise =
    [...kernel, ...strides].every((size) => size === 1) && [...before, ...after].every((p) => p === 0);
  if (simple && pointwise) return pointwiseGradient(x, dy, shape);
  if (simple && dilations.every((step) => step === 1)) return packedGradient(x, dy, shape, geometry);
  return swappedGradient(x, dy, shape, geometry);
}

/** One tap: a product of matrices over all places of all images. */
function pointwiseGradient(x: Tensor, dy: Tensor, shape: Shape): Tensor {
  const [outputs = 0, inputs = 0] = shape;
  const flat = (tensor: Tensor, channels: number) =>
    byChannel(tensor).reshape([channels, tensor.size / channels]);
  return x.graph
    .apply(
      "Gemm",
      [flat(dy, outputs), flat(x, inputs)],
      { shape: [outputs, inputs], type: x.type },
      { attributes: { transB: 1 } },
    )
    .reshape(shape);
}

function byChannel(tensor: Tensor): Tensor {
  return tensor.graph.once(`by channel ${tensor.name}`, () =>
    tensor.transpose([1, 0, ...spatial(tensor).map((_, axis) => axis + 2)]),
  );
}

/**
 * One convolution of the images, channels packed along the rows, by the gradient: its im2col then copies long runs.
 * The images are [1, n, rows, cols * channels], the filters [out, n, rows', cols'] as far apart as the strides.
 */
function packedGradient(x: Tensor, dy: Tensor, shape: Shape, geometry: Geometry): Tensor {
  const { kernel, strides, before } = geometry;
  const [count = 0, channels = 0, rows = 0, cols = 0] = x.shape;
  const [, outputs = 0, outRows = 0, outCols = 0] = dy.shape;
  const sides = [rows, cols];
  const ends = [outRows, outCols].map((size, axis) => {
    const needed = at(kernel, axis) + (size - 1) * at(strides, axis) - at(sides, axis) - at(before, axis);
    return Math.max(0, needed);
  });
  const taps = [outRows, outCols].map(
    (size, axis) => at(sides, axis) + at(before, axis) + at(ends, axis) - (size - 1) * at(strides, axis),
  );
  const [tapRows = 0, tapCols = 0] = taps;
  const packed = x.graph.once(`packed ${x.name}`, () =>
    x.transpose([0, 2, 3, 1]).reshape([1, count, rows, cols * channels]),
  );
  const wide = (list: readonly number[]) => [at(list, 0), at(list, 1) * channels];
  const made = x.graph.apply(
    "Conv",
    [packed, byChannel(dy)],
    { shape: [1, outputs, tapRows, tapCols * channels], type: x.type },
    {
      attributes: {
        kernel_shape: [outRows, outCols],
        dilations: wide(strides),
        pads: [...wide(before), ...wide(ends)],
      },
    },
  );
  return made
    .reshape([outputs, tapRows, tapCols, channels])
    .slice([0, 0], kernel, [1, 2])
    .transpose([0, 3, 1, 2])
    .reshape(shape);
}

/** Images and channels change places, strides and dilations too: any group, any dilation. */
function swappedGradient(x: Tensor, dy: Tensor, shape: Shape, geometry: Geometry): Tensor {
  const { kernel, strides, dilations, before, group } = geometry;
  const [count = 0, channels = 0] = x.shape;
  const [, outputs = 0] = dy.shape;
  const inner = channels / group;
  const images = x
    .reshape([count, group, inner, sizeOf(spatial(x))])
    .transpose([2, 1, 0, 3])
    .reshape([inner, group * count, ...spatial(x)]);
  const reach = perAxis(geometry, (axis) => spanOf(at(spatial(dy), axis), at(strides, axis)));
  const ends = perAxis(geometry, (axis) => {
    const needed = spanOf(at(kernel, axis), at(dilations, axis)) - 1 + at(reach, axis);
    return Math.max(0, needed - at(spatial(x), axis) - at(before, axis));
  });
  const taps = perAxis(geometry, (axis) => {
    const room = at(spatial(x), axis) + at(before, axis) + at(ends, axis) - at(reach, axis);
    return Math.floor(room / at(dilations, axis)) + 1;
  });
  const made = x.graph.apply(
    "Conv",
    [images, byChannel(dy)],
    { shape: [inner, outputs, ...taps], type: x.type },
    {
      attributes: {
        group,
        kernel_shape: spatial(dy),
        strides: dilations,
        dilations: strides,
        pads: [...before, ...ends],
      },
    },
  );
  const axes = kernel.map((_, axis) => axis + 2);
  const cut = made.slice(
    kernel.map(() => 0),
    kernel,
    axes,
  );
  return cut.transpose([1, 0, ...axes]).reshape(shape);
}

/** Sum over images and places: the gradient of a bias. */
function biasGradient(dy: Tensor): Tensor {
  return dy.sum([0, ...spatial(dy).map((_, axis) => axis + 2)]);
}

/** Convolutions of any rank, groups, strides, dilations and pads. */
export const convolutionRules = {
  Conv: (call) => {
    const [x, weights, dy] = [inputOf(call, 0), inputOf(call, 1), gradientOf(call)];
    const geometry = geometryOf(call, weights);
    call.give(0, () => inputGradient(dy, weights, x.shape, geometry));
    call.give(1, () => weightGradient(x, dy, weights.shape, geometry));
    call.give(2, () => biasGradient(dy));
  },
  // The convolution's mirror image: what was its gradient is its value, so its value is the gradient.
  ConvTranspose: (call) => {
    const [x, weights, dy] = [inputOf(call, 0), inputOf(call, 1), gradientOf(call)];
    const geometry = geometryOf(call, weights);
    call.give(0, () =>
      dy.graph.apply(
        "Conv",
        [dy, weights],
        { shape: x.shape, type: x.type },
        { attributes: attributesOf(endsFitted(geometry, dy, x)) },
      ),
    );
    call.give(1, () => weightGradient(dy, x, weights.shape, geometry));
    call.give(2, () => biasGradient(dy));
  },
} as const satisfies Record<string, Rule>;

/** Output padding moves the far edge: the pads after shrink so that the convolution gives exactly the input's size. */
function endsFitted(geometry: Geometry, dy: Tensor, x: Tensor): Geometry {
  const after = perAxis(geometry, (axis) => {
    const reach = (at(spatial(x), axis) - 1) * at(geometry.strides, axis);
    const span = spanOf(at(geometry.kernel, axis), at(geometry.dilations, axis));
    return Math.max(0, reach + span - at(spatial(dy), axis) - at(geometry.before, axis));
  });
  return { ...geometry, after };
}

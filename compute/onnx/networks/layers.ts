import { overChannels } from "../gradients/normalisation.ts";
import type { Tensor } from "../graph/tensor.ts";
import { heNormal, type Initialiser, ones, zeros } from "./initialise.ts";
import type { Network } from "./network.ts";

/** What a convolution is beside its input. */
export interface ConvolutionOptions {
  readonly outputs: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly padding?: number;
  readonly groups?: number;
  readonly bias?: boolean;
  readonly fan?: "in" | "out";
}

/** A convolution with square kernel; weights `<name>.weight`. */
export function convolution(
  network: Network,
  x: Tensor,
  name: string,
  { outputs, kernel, stride = 1, padding = 0, groups = 1, bias = false, fan = "out" }: ConvolutionOptions,
): Tensor {
  const [count = 0, inputs = 0, ...sides] = x.shape;
  const shape = [outputs, inputs / groups, kernel, kernel];
  const weights = network.parameter(`${name}.weight`, shape, heNormal(shape, fan));
  const biases = bias ? [network.parameter(`${name}.bias`, [outputs], zeros)] : [];
  const places = sides.map((side) => Math.floor((side + 2 * padding - kernel) / stride) + 1);
  return x.graph.apply(
    "Conv",
    [x, weights, ...biases],
    { shape: [count, outputs, ...places], type: x.type },
    {
      attributes: {
        group: groups,
        kernel_shape: [kernel, kernel],
        pads: Array(4).fill(padding),
        strides: [stride, stride],
      },
    },
  );
}

/** What a batch norm is beside its input. */
export interface BatchNormOptions {
  readonly epsilon?: number;
  /** The weight of the new batch in the running statistics. */
  readonly momentum?: number;
  /** How the scale begins. */
  readonly scale?: Initialiser;
}

/**
 * Batch normalisation (Ioffe & Szegedy 2015, arXiv:1502.03167). In training by the batch, whose statistics also enter the
 * running ones (the variance unbiased); at rest by the running ones.
 */
export function batchNorm(
  network: Network,
  x: Tensor,
  name: string,
  { epsilon = 1e-5, momentum = 0.1, scale = ones }: BatchNormOptions = {},
): Tensor {
  const [count = 0, channels = 0, ...sides] = x.shape;
  const gamma = network.parameter(`${name}.weight`, [channels], scale);
  const beta = network.parameter(`${name}.bias`, [channels], zeros);
  const mean = network.statistic(`${name}.running_mean`, [channels], 0);
  const variance = network.statistic(`${name}.running_var`, [channels], 1);
  if (network.mode === "inference") {
    return x.graph.apply(
      "BatchNormalization",
      [x, gamma, beta, mean.tensor, variance.tensor],
      { shape: x.shape, type: x.type },
      { attributes: { epsilon } },
    );
  }
  const made = trainingNorm(x, gamma, beta, epsilon);
  const elements = sides.reduce((product, side) => product * side, count);
  mean.keep(mean.tensor.times(1 - momentum).plus(made.mean.times(momentum)));
  const unbiased = made.variance.times((momentum * elements) / Math.max(1, elements - 1));
  variance.keep(variance.tensor.times(1 - momentum).plus(unbiased));
  return made.output;
}

interface TrainingNorm {
  readonly output: Tensor;
  readonly mean: Tensor;
  readonly variance: Tensor;
  /** Reciprocal of the batch's deviation. */
  readonly reciprocal: Tensor;
  /** gamma * reciprocal */
  readonly slope: Tensor;
}

/**
 * One pass for the statistics, one to apply them by the inference operator, which every execution provider has.
 * The gradient is slope * dy + B * x + C by channel, from the sums of dy and of dy * x.
 */
function trainingNorm(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): TrainingNorm {
  const { graph } = x;
  const axes = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const rowOf = (list: Tensor) => overChannels(list, x.rank);
  const make = (): TrainingNorm => {
    const mean = x.mean(axes);
    // E[x^2] - E[x]^2 may fall below 0 by rounding.
    const variance = x.times(x).mean(axes).minus(mean.times(mean)).relu();
    const reciprocal = variance.plus(epsilon).sqrt().reciprocal();
    const slope = gamma.times(reciprocal);
    const channels = gamma.size;
    const plain = (value: number) =>
      graph.once(`${channels} times ${value}`, () =>
        graph.constant(new Float32Array(channels).fill(value), [channels], "float"),
      );
    const output = graph.apply(
      "BatchNormalization",
      [x, slope, beta.minus(mean.times(slope)), plain(0), plain(1)],
      { shape: x.shape, type: x.type },
      { attributes: { epsilon: 0 } },
    );
    return { output, mean, variance, reciprocal, slope };
  };
  /** Means of dy and of dy times the normalised x, by channel. */
  const sums = (dy: Tensor, { mean, reciprocal }: TrainingNorm) => {
    const meanOf = (key: string, of: () => Tensor) => graph.once(`${key} of ${dy.name} for ${x.name}`, of);
    const flow = meanOf("mean flow", () => dy.mean(axes));
    const along = meanOf("mean flow along x", () =>
      dy.times(x).mean(axes).minus(mean.times(flow)).times(reciprocal),
    );
    return { flow, along };
  };
  const elements = x.size / gamma.size;
  return graph.block([x, gamma, beta], make, [
    (dy, made) => {
      const { flow, along } = sums(dy, made);
      const { slope, mean, reciprocal } = made;
      const bend = slope.times(reciprocal).times(along).negated();
      const shift = slope.times(flow).plus(bend.times(mean)).negated();
      return dy.times(rowOf(slope)).plus(x.times(rowOf(bend)).plus(rowOf(shift)));
    },
    (dy, made) => sums(dy, made).along.times(elements),
    (dy, made) => sums(dy, made).flow.times(elements),
  ]);
}

/** Max pooling with a square window. */
export function maxPool(x: Tensor, kernel: number, stride: number, padding = 0): Tensor {
  return pool(x, "MaxPool", kernel, stride, padding);
}

/** Average pooling with a square window. */
export function averagePool(x: Tensor, kernel: number, stride: number): Tensor {
  return pool(x, "AveragePool", kernel, stride, 0);
}

function pool(
  x: Tensor,
  op: "MaxPool" | "AveragePool",
  kernel: number,
  stride: number,
  padding: number,
): Tensor {
  const [count = 0, channels = 0, ...sides] = x.shape;
  const places = sides.map((side) => Math.floor((side + 2 * padding - kernel) / stride) + 1);
  const attributes = {
    kernel_shape: [kernel, kernel],
    pads: Array(4).fill(padding),
    strides: [stride, stride],
  };
  return x.graph.apply(op, [x], { shape: [count, channels, ...places], type: x.type }, { attributes });
}

/** The mean of each channel: batch x channels. */
export function globalMean(x: Tensor): Tensor {
  return x.mean(x.shape.slice(2).map((_, axis) => axis + 2));
}

/** A layer of weights `<name>.weight` [outputs, inputs] and biases: batch x inputs to batch x outputs. */
export function linear(
  network: Network,
  x: Tensor,
  name: string,
  outputs: number,
  weights?: Initialiser,
): Tensor {
  const [count = 0, inputs = 0] = x.shape;
  const bound = 1 / Math.sqrt(inputs);
  const weight = network.parameter(
    `${name}.weight`,
    [outputs, inputs],
    weights ?? { kind: "uniform", bound },
  );
  const bias = network.parameter(
    `${name}.bias`,
    [outputs],
    weights === undefined ? { kind: "uniform", bound } : zeros,
  );
  return x.graph.apply(
    "Gemm",
    [x, weight, bias],
    { shape: [count, outputs], type: x.type },
    { attributes: { transB: 1 } },
  );
}

import { ComputeError } from "../../errors.ts";
import type { Graph } from "../graph/graph.ts";
import type { Shape } from "../graph/shapes.ts";
import type { Operand, Tensor } from "../graph/tensor.ts";

/** How weights follow their gradients; the learning rate is fed at every step. */
export type OptimiserSpec =
  /** Kingma & Ba 2015, arXiv:1412.6980; weight decay is added to the gradient. */
  | AdamSpec<"adam">
  /** Loshchilov & Hutter 2019, arXiv:1711.05101: decay apart from the gradient, times the learning rate. */
  | AdamSpec<"adamw">
  | SgdSpec;

interface AdamSpec<Kind extends string> {
  readonly kind: Kind;
  /** Decay of the mean of gradients; 0.9 when absent. */
  readonly beta1?: number;
  /** Decay of the mean of squares; 0.999 when absent. */
  readonly beta2?: number;
  /** Added to the root of the squares; 1e-8 when absent. */
  readonly epsilon?: number;
  readonly weightDecay?: number;
}

interface SgdSpec {
  readonly kind: "sgd";
  /** 0 when absent. */
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly weightDecay?: number;
}

/** A tensor that a step takes and gives back changed. */
export interface StateTensor {
  /** Name of the input; the output is `next <name>`. */
  readonly name: string;
  readonly shape: Shape;
  readonly tensor: Tensor;
  readonly next: Tensor;
}

/** One step for one tensor of weights. */
export interface Update {
  readonly next: Tensor;
  /** The optimiser's own memory of these weights; it begins at 0. */
  readonly memory: readonly StateTensor[];
}

/** What is fed at every step, as scalars. */
export interface StepInputs {
  readonly learningRate: Tensor;
  /** 1 - beta1^t and 1 - beta2^t at step t from 1: fed, since powers of a step's number are not exact in floats. */
  readonly correction1: Tensor;
  readonly correction2: Tensor;
}

/** Adds the update of one tensor of weights to the graph. */
export function update(
  graph: Graph,
  spec: OptimiserSpec,
  { name, weights, gradient }: { readonly name: string; readonly weights: Tensor; readonly gradient: Tensor },
  inputs: StepInputs,
): Update {
  return spec.kind === "sgd"
    ? sgd(graph, spec, name, weights, gradient, inputs)
    : adam(graph, spec, name, weights, gradient, inputs);
}

function adam(
  graph: Graph,
  { kind, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 }: AdamSpec<"adam" | "adamw">,
  name: string,
  weights: Tensor,
  gradient: Tensor,
  { learningRate, correction1, correction2 }: StepInputs,
): Update {
  const flow = flat(gradient);
  const pull = kind === "adam" && weightDecay > 0 ? flow.plus(flat(scaled(weights, weightDecay))) : flow;
  // Sums of the decayed gradients and squares: the paper's moments over (1 - beta), which enter the two scalars below.
  // So ten passes over the weights do, the paper's order as it stands takes thirteen.
  const mean = graph.input(`mean of ${name}`, flow.shape);
  const square = graph.input(`square of ${name}`, flow.shape);
  const nextMean = mean.times(beta1).plus(pull);
  const nextSquare = square.times(beta2).plus(pull.times(pull));
  const { rate, floor } = adamScalars({ learningRate, correction1, correction2 }, beta1, beta2, epsilon);
  const kept =
    kind === "adamw" && weightDecay > 0 ? scaled(weights, learningRate.times(-weightDecay).plus(1)) : weights;
  const way = nextMean.over(nextSquare.sqrt().plus(floor)).times(rate);
  return {
    next: kept.minus(way.reshape(weights.shape)),
    memory: [
      { name: mean.name, shape: mean.shape, tensor: mean, next: nextMean },
      { name: square.name, shape: square.shape, tensor: square, next: nextSquare },
    ],
  };
}

/** rate * (m / c1) / (sqrt(v / c2) + epsilon) with m = (1 - beta1) M and v = (1 - beta2) V, by M and V. */
function adamScalars(
  { learningRate, correction1, correction2 }: StepInputs,
  beta1: number,
  beta2: number,
  epsilon: number,
): { readonly rate: Tensor; readonly floor: Tensor } {
  const { graph } = learningRate;
  const spread = graph.once(`adam spread ${beta2}`, () => correction2.times(1 / (1 - beta2)).sqrt());
  const rate = graph.once(`adam rate ${beta1} ${beta2}`, () =>
    learningRate
      .times(1 - beta1)
      .over(correction1)
      .times(spread),
  );
  return { rate, floor: graph.once(`adam floor ${beta2} ${epsilon}`, () => spread.times(epsilon)) };
}

/** Momentum as PyTorch and the study have it: v = momentum * v + g, w = w - rate * v. */
function sgd(
  graph: Graph,
  { momentum = 0, nesterov = false, weightDecay = 0 }: SgdSpec,
  name: string,
  weights: Tensor,
  gradient: Tensor,
  { learningRate }: StepInputs,
): Update {
  const flow = flat(gradient);
  const pull = weightDecay > 0 ? flow.plus(flat(scaled(weights, weightDecay))) : flow;
  const along = (direction: Tensor) => weights.minus(direction.times(learningRate).reshape(weights.shape));
  if (momentum === 0) return { next: along(pull), memory: [] };
  const speed = graph.input(`momentum of ${name}`, flow.shape);
  const next = speed.times(momentum).plus(pull);
  return {
    next: along(nesterov ? pull.plus(next.times(momentum)) : next),
    memory: [{ name: speed.name, shape: speed.shape, tensor: speed, next }],
  };
}

/**
 * Without trailing axes of size 1, as the weights of a 1 x 1 convolution have them: the runtime takes sixty times as long for a
 * tensor with such axes and a scalar. Memory is kept in this shape, since another shape for an input is a copy.
 */
function flat(tensor: Tensor): Tensor {
  const last = tensor.shape.findLastIndex((size) => size > 1);
  return tensor.reshape(tensor.shape.slice(0, Math.max(1, last + 1)));
}

/** A tensor times a scalar, which has as many axes of size 1 as the tensor has axes: see `flat`. */
export function scaled(tensor: Tensor, by: Operand): Tensor {
  const factor = typeof by === "number" ? tensor.graph.scalar(by, tensor.type) : by;
  return tensor.times(tensor.shape.at(-1) === 1 ? factor.reshape(tensor.shape.map(() => 1)) : factor);
}

/** @throws {ComputeError} INVALID_PARAM for numbers that no optimiser takes. */
export function requireOptimiser(spec: OptimiserSpec): void {
  const bounds: readonly (readonly [string, number | undefined, number, number])[] =
    spec.kind === "sgd"
      ? [["momentum", spec.momentum, 0, 1]]
      : [
          ["beta1", spec.beta1, 0, 1],
          ["beta2", spec.beta2, 0, 1],
          ["epsilon", spec.epsilon, 0, Number.MAX_VALUE],
        ];
  for (const [name, value, low, high] of [...bounds, ["weightDecay", spec.weightDecay, 0, 1e3] as const]) {
    if (value !== undefined && !(value >= low && (value < high || name === "weightDecay"))) {
      throw new ComputeError(
        "INVALID_PARAM",
        `Expected ${name} of ${spec.kind} from ${low} to below ${high}, got ${value}; change it`,
      );
    }
  }
}

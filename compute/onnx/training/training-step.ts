import { ComputeError } from "../../errors.ts";
import { differentiate } from "../gradients/differentiate.ts";
import type { Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Initialiser } from "../networks/initialise.ts";
import { binaryCrossEntropy, crossEntropy } from "../networks/losses.ts";
import type { Architecture, NetworkShape } from "../networks/network.ts";
import { buildNetwork } from "../networks/network.ts";
import {
  type OptimiserSpec,
  requireOptimiser,
  type StateTensor,
  type StepInputs,
  scaled,
  update,
} from "./optimisers.ts";

/** What a training step is made from. */
export interface TrainingStepSpec {
  readonly architecture: Architecture;
  readonly shape: NetworkShape;
  /** Exclusive classes, or each class its own yes or no with unknown ones left out. */
  readonly objective: "cross-entropy" | "binary-cross-entropy";
  readonly optimiser: OptimiserSpec;
  /** Gradients are shortened together to this L2 norm; absent: never. */
  readonly clipNorm?: number;
  /** Which parameters learn; absent: all. */
  readonly learns?: (name: string) => boolean;
}

/** State of a step with how it begins. */
export interface StepState extends StateTensor {
  readonly role: "weights" | "statistic" | "memory";
  readonly initial: Initialiser;
}

/**
 * Forward, loss, gradients and update as one graph. Inputs beside the state: `images`, `targets` [batch, classes],
 * `weights` ([batch]; for the binary loss [batch, classes], 0 where the truth is unknown), and the scalars
 * `learning rate`, `correction 1`, `correction 2`. Outputs: `loss`, `logits`, and `next <name>` for each state.
 */
export interface TrainingStep {
  readonly graph: Graph;
  readonly state: readonly StepState[];
  readonly loss: Tensor;
  readonly logits: Tensor;
}

/** @throws {ComputeError} INVALID_INPUT, INVALID_PARAM */
export function buildTrainingStep(spec: TrainingStepSpec): TrainingStep {
  requireOptimiser(spec.optimiser);
  const { network, logits } = buildNetwork(spec.architecture, "training", spec.shape);
  const { graph } = network;
  const loss = lossOf(spec, graph, logits);
  const learning = network.parameters.filter(({ name }) => spec.learns?.(name) ?? true);
  if (learning.length === 0)
    throw new ComputeError("INVALID_INPUT", "Expected parameters that learn, got none");
  const gradients = clipped(
    differentiate(
      graph,
      loss,
      learning.map(({ tensor }) => tensor),
    ).map((gradient, k) => {
      if (gradient !== undefined) return gradient;
      throw new ComputeError(
        "INVALID_INPUT",
        `Expected every parameter to have a part in the loss, got ${learning[k]?.name}, which has none`,
      );
    }),
    spec.clipNorm,
  );
  const inputs: StepInputs = {
    learningRate: graph.input("learning rate", []),
    correction1: graph.input("correction 1", []),
    correction2: graph.input("correction 2", []),
  };
  const zero: Initialiser = { kind: "constant", value: 0 };
  const state = [
    ...learning.flatMap(({ name, shape, tensor, initial }, k): readonly StepState[] => {
      // Safe: there is a gradient for each.
      const step = update(
        graph,
        spec.optimiser,
        { name, weights: tensor, gradient: gradients[k] as Tensor },
        inputs,
      );
      return [
        { name, shape, tensor, next: step.next, role: "weights", initial },
        ...step.memory.map((memory) => ({ ...memory, role: "memory", initial: zero }) as const),
      ];
    }),
    ...network.statistics.flatMap(({ name, shape, tensor, next, initial }): readonly StepState[] =>
      next === undefined
        ? []
        : [{ name, shape, tensor, next, role: "statistic", initial: { kind: "constant", value: initial } }],
    ),
  ];
  graph.output("loss", loss);
  graph.output("logits", logits);
  for (const { name, next } of state) graph.output(`next ${name}`, next);
  return { graph, state, loss, logits };
}

function lossOf(
  { objective, shape: { batch, classes } }: TrainingStepSpec,
  graph: Graph,
  logits: Tensor,
): Tensor {
  const targets = graph.input("targets", [batch, classes]);
  return objective === "cross-entropy"
    ? crossEntropy(logits, targets, graph.input("weights", [batch]))
    : binaryCrossEntropy(logits, targets, graph.input("weights", [batch, classes]));
}

/** All gradients times min(1, most / norm), the norm taken over all of them together. */
function clipped(gradients: readonly Tensor[], most: number | undefined): readonly Tensor[] {
  const [first] = gradients;
  if (most === undefined || first === undefined) return gradients;
  if (!(most > 0)) {
    throw new ComputeError(
      "INVALID_PARAM",
      `Expected a norm above 0 to clip gradients to, got ${most}; change it`,
    );
  }
  const squares = gradients.map((gradient) => gradient.times(gradient).sum());
  const norm = squares.reduce((sum, square) => sum.plus(square)).sqrt();
  const one = first.graph.scalar(1);
  const share = first.graph.apply("Min", [norm.plus(1e-6).reciprocal().times(most), one], {
    shape: [],
    type: "float",
  });
  return gradients.map((gradient) => scaled(gradient, share));
}

import type { Graph } from "../onnx/graph/graph.ts";
import type { Shape } from "../onnx/graph/shapes.ts";
import { architectures } from "../onnx/networks/architectures.ts";
import { type Initialiser, initialNumbers } from "../onnx/networks/initialise.ts";
import { type Architecture, buildNetwork, type NetworkShape } from "../onnx/networks/network.ts";
import {
  buildTrainingStep,
  type TrainingStep,
  type TrainingStepSpec,
} from "../onnx/training/training-step.ts";
import type { NamedNumbers } from "./checkpoint.ts";
import type { TrainingRecipe } from "./recipe.ts";

/** A network as it begins, and which of its weights learn. */
export interface NetworkStart {
  readonly architecture: Architecture;
  /** Numbers that are given; all others begin as the architecture says, by the seed. */
  readonly given: NamedNumbers;
  /** Absent: all. */
  readonly learns?: (name: string) => boolean;
}

/** A network under training: the graph of a step, the graph at rest, and every number it has. */
export interface TrainedNetwork {
  readonly step: TrainingStep;
  /** "images" in, "logits" out, weights and statistics fed by name. */
  readonly rest: Graph;
  /** Names of the weights and statistics: what a model is. */
  readonly kept: readonly string[];
  /** Everything that is fed beside images: weights, statistics, and the optimiser's memory. */
  readonly initial: NamedNumbers;
}

/** An architecture of ours. */
export function architectureStart(name: keyof typeof architectures): NetworkStart {
  return { architecture: architectures[name], given: new Map() };
}

/**
 * Builds both graphs of a network, and the numbers that it begins with: a function of start and recipe alone.
 *
 * @throws {ComputeError} INVALID_INPUT, INVALID_PARAM
 */
export function trainedNetwork(recipe: TrainingRecipe, start: NetworkStart): TrainedNetwork {
  const { rows, cols, planes } = recipe.preprocessing;
  const shape: NetworkShape = { batch: recipe.batch, planes, rows, cols, classes: recipe.classes.length };
  const { architecture, learns, given } = start;
  const spec: TrainingStepSpec = {
    architecture,
    shape,
    objective: recipe.task === "exclusive" ? "cross-entropy" : "binary-cross-entropy",
    optimiser: recipe.optimiser,
    ...(recipe.clipNorm === undefined ? {} : { clipNorm: recipe.clipNorm }),
    ...(learns === undefined ? {} : { learns }),
  };
  const step = buildTrainingStep(spec);
  const { network, logits } = buildNetwork(architecture, "inference", shape);
  network.graph.output("logits", logits);
  const constant = (value: number): Initialiser => ({ kind: "constant", value });
  const kept: readonly { readonly name: string; readonly shape: Shape; readonly initial: Initialiser }[] = [
    ...network.parameters,
    ...network.statistics.map(({ name, shape: size, initial }) => ({
      name,
      shape: size,
      initial: constant(initial),
    })),
  ];
  const memory = step.state.filter(({ role }) => role === "memory");
  const initial = new Map(
    [...kept, ...memory].map(({ name, shape: size, initial: begin }) => [
      name,
      given.get(name) ?? initialNumbers(name, size, begin, recipe.seed),
    ]),
  );
  return { step, rest: network.graph, kept: kept.map(({ name }) => name), initial };
}

import { ComputeError } from "../../errors.ts";
import { Graph } from "../graph/graph.ts";
import type { Shape } from "../graph/shapes.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Initialiser } from "./initialise.ts";

/** A tensor of weights that training changes. */
export interface Parameter {
  readonly name: string;
  readonly shape: Shape;
  readonly initial: Initialiser;
  readonly tensor: Tensor;
}

/** Running mean or variance of a batch norm: carried along by training, read at rest. */
export interface RunningStatistic {
  readonly name: string;
  readonly shape: Shape;
  /** Before anything was seen: 0 for means, 1 for variances. */
  readonly initial: 0 | 1;
  readonly tensor: Tensor;
  /** In a training graph: the value after this batch. */
  readonly next: Tensor | undefined;
}

/** Whether batch norm takes the statistics of the batch or the running ones, and dropout drops. */
export type NetworkMode = "training" | "inference";

/** A network under construction: a graph, and the weights that it takes as inputs by name. */
export class Network {
  readonly graph: Graph;
  readonly mode: NetworkMode;
  readonly #parameters: Parameter[] = [];
  readonly #statistics: RunningStatistic[] = [];

  constructor(mode: NetworkMode, graph = new Graph("network")) {
    this.mode = mode;
    this.graph = graph;
  }

  get parameters(): readonly Parameter[] {
    return this.#parameters;
  }
  get statistics(): readonly RunningStatistic[] {
    return this.#statistics;
  }

  /** A new tensor of weights. @throws {ComputeError} INVALID_INPUT for a name that is taken. */
  parameter(name: string, shape: Shape, initial: Initialiser): Tensor {
    const tensor = this.graph.input(name, shape);
    this.#parameters.push({ name, shape, initial, tensor });
    return tensor;
  }

  /** A new running statistic; `keep` says what it becomes, once that is known. */
  statistic(
    name: string,
    shape: Shape,
    initial: 0 | 1,
  ): { readonly tensor: Tensor; keep(next: Tensor): void } {
    const tensor = this.graph.input(name, shape);
    const place = this.#statistics.push({ name, shape, initial, tensor, next: undefined }) - 1;
    return {
      tensor,
      keep: (next) => {
        this.#statistics[place] = { name, shape, initial, tensor, next };
      },
    };
  }
}

/** Sides of the images that a network takes, and what it is to tell apart. */
export interface NetworkShape {
  readonly batch: number;
  /** 1 or 3. */
  readonly planes: number;
  readonly rows: number;
  readonly cols: number;
  readonly classes: number;
}

/**
 * Builds the body and head of an architecture: images in, one logit a class out.
 *
 * @param images - batch x planes x rows x cols
 * @returns batch x classes
 */
export type Architecture = (network: Network, images: Tensor, classes: number) => Tensor;

/** Builds a network with the input "images" and gives its logits. */
export function buildNetwork(
  architecture: Architecture,
  mode: NetworkMode,
  { batch, planes, rows, cols, classes }: NetworkShape,
): { readonly network: Network; readonly images: Tensor; readonly logits: Tensor } {
  for (const [name, value] of Object.entries({ batch, planes, rows, cols, classes })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new ComputeError("INVALID_INPUT", `Expected ${name} to be a whole number from 1, got ${value}`);
    }
  }
  const network = new Network(mode);
  const images = network.graph.input("images", [batch, planes, rows, cols]);
  return { network, images, logits: architecture(network, images, classes) };
}

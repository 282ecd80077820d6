import type { GraphNode } from "../onnx/graph/graph.ts";
import type { Tensor } from "../onnx/graph/tensor.ts";
import { type ImportedGraph, importGraph } from "../onnx/import/import-graph.ts";
import { ModelError } from "../onnx/model-error.ts";
import { zeros } from "../onnx/networks/initialise.ts";
import { batchNorm, linear } from "../onnx/networks/layers.ts";
import type { Network } from "../onnx/networks/network.ts";
import { runModelOnce } from "../onnx/run-model.ts";
import { type ClassifierParts, classifierParts, dependents, nodesFor } from "./classifier-parts.ts";
import type { NetworkStart } from "./trained-network.ts";

/** What is to become of a model of others. */
export interface ImportRequest {
  /** Inspected, and its signature checked. */
  readonly bytes: Uint8Array;
  /** Names of its input and of the output that holds its scores. */
  readonly input: string;
  readonly output: string;
  /** Of the images: batch x planes x rows x cols. */
  readonly shape: readonly number[];
  readonly learn: "all" | "last-block" | "head";
  readonly classes: number;
  /** Whether its head tells other classes apart, so that a fresh one takes its place. */
  readonly isOther: boolean;
}

/** Begins the names of what a model of others brings, so that none is one of ours. */
const PREFIX = "body.";
const HEAD = "head";
/** Layers that learn features: what changes the images before the first of them is preprocessing, and stays. */
const layers = new Set(["Conv", "ConvTranspose", "Gemm", "MatMul"]);

/**
 * A registered classifier as a network to train: cut before its softmax or sigmoid, with its own head or a fresh one. Batch
 * norms that learn take the statistics of batches again and carry the running ones on; others stay at rest. Norms that were
 * folded into convolutions when the model was exported stay folded: their convolutions learn as they are.
 *
 * @throws {ModelError} MODEL_INVALID; MODEL_SIGNATURE_MISMATCH where a head is to be replaced and there is no linear layer
 * @throws {ComputeError} INVALID_INPUT for operators that have no gradient
 */
export async function importedStart(request: ImportRequest): Promise<NetworkStart> {
  const { bytes, input, output, shape, learn, classes, isOther } = request;
  const imported = await importGraph(bytes, { [input]: shape }, (model, feeds) => runModelOnce(model, feeds));
  const images = imported.inputs[0];
  const scores = imported.outputs.find(({ name }) => name === output)?.tensor;
  if (images === undefined || scores === undefined) {
    throw new ModelError(
      "MODEL_SIGNATURE_MISMATCH",
      "Expected a model with this input and output, got another",
    );
  }
  const parts = classifierParts(imported.graph, images, scores);
  const isFresh = learn === "head" || isOther || parts.logits.size !== (shape[0] ?? 1) * classes;
  if (isFresh && !isFlat(parts.features)) {
    throw new ModelError(
      "MODEL_SIGNATURE_MISMATCH",
      "Expected a model that ends in a linear layer, to give it a new one, got another end; learn all of it for its own classes",
    );
  }
  return startOf(imported, images, parts, learn, isFresh);
}

/** One list of numbers an image. */
function isFlat(features: Tensor | undefined): features is Tensor {
  return features !== undefined && features.size === (features.shape[0] ?? 0) * (features.shape[1] ?? 0);
}

function startOf(
  imported: ImportedGraph,
  images: Tensor,
  parts: ClassifierParts,
  learn: ImportRequest["learn"],
  isFresh: boolean,
): NetworkStart {
  const { graph } = imported;
  const end = isFresh ? (parts.features ?? parts.logits) : parts.logits;
  const nodes = nodesFor(graph, end);
  const learning = new Set(nodes.filter((node) => mayLearn(node, parts, learn)));
  const numbersOf = weightNumbers(imported);
  const norms = learningNorms(learning, numbersOf);
  const weights = new Set(imported.weights.map(({ tensor }) => tensor));
  const learnt = new Set([
    ...learntWeights(nodes, learning, images).map((tensor) => PREFIX + tensor.name),
    ...[...norms.values()].flatMap((name) => [`${name}.weight`, `${name}.bias`]),
    ...(isFresh ? [`${HEAD}.weight`, `${HEAD}.bias`] : []),
  ]);
  const given = new Map(imported.weights.map(({ tensor, numbers }) => [PREFIX + tensor.name, numbers]));
  for (const [node, name] of norms) {
    for (const [k, part] of ["weight", "bias", "running_mean", "running_var"].entries()) {
      const numbers = numbersOf(node.inputs[k + 1]);
      if (numbers !== undefined) given.set(`${name}.${part}`, numbers);
    }
  }
  return {
    given,
    learns: (name) => learnt.has(name),
    architecture: (network, fed, classes) => {
      const made = copyInto(network, nodes, { graph, norms, weights, images: [images, fed] })(end);
      const batch = fed.shape[0] ?? 1;
      const flat = made.reshape([batch, made.size / batch]);
      return isFresh ? linear(network, flat, HEAD, classes) : flat;
    },
  };
}

function mayLearn(node: GraphNode, parts: ClassifierParts, learn: ImportRequest["learn"]): boolean {
  if (learn === "all") return true;
  return learn === "last-block" && (parts.lastBlock.has(node) || parts.head.has(node));
}

type NumbersOf = (tensor: Tensor | undefined) => Float32Array | undefined;

function weightNumbers({ graph, weights }: ImportedGraph): NumbersOf {
  const numbers = new Map(weights.map((each) => [each.tensor, each.numbers]));
  return (tensor) => {
    if (tensor === undefined) return undefined;
    const constant = graph.constants.get(tensor);
    // Safe: constants of batch norms are floats, as ONNX has it.
    return numbers.get(tensor) ?? (constant?.type === "float" ? (constant.data as Float32Array) : undefined);
  };
}

/** Batch norms that take the statistics of batches again, with the names that they get. */
function learningNorms(
  learning: ReadonlySet<GraphNode>,
  numbersOf: NumbersOf,
): ReadonlyMap<GraphNode, string> {
  const norms = [...learning].filter(
    ({ op, inputs }) => op === "BatchNormalization" && inputs.slice(1).every((input) => numbersOf(input)),
  );
  return new Map(norms.map((node, k) => [node, `norm ${k + 1}`]));
}

function learntWeights(
  nodes: readonly GraphNode[],
  learning: ReadonlySet<GraphNode>,
  images: Tensor,
): readonly Tensor[] {
  const live = dependents(nodes, images);
  const deep = new Set<Tensor>();
  return nodes.flatMap((node) => {
    const { op, inputs, outputs } = node;
    if (!layers.has(op) && !inputs.some((input) => input !== undefined && deep.has(input))) return [];
    for (const output of outputs) deep.add(output);
    if (!learning.has(node)) return [];
    return inputs.flatMap((input) => (input === undefined || live.has(input) ? [] : [input]));
  });
}

interface CopySource {
  readonly graph: ImportedGraph["graph"];
  readonly norms: ReadonlyMap<GraphNode, string>;
  readonly weights: ReadonlySet<Tensor>;
  /** What the images become. */
  readonly images: readonly [from: Tensor, into: Tensor];
}

/** Adds nodes to a network, their weights as parameters; gives the copy of a tensor. */
function copyInto(
  network: Network,
  nodes: readonly GraphNode[],
  { graph, norms, weights, images }: CopySource,
): (tensor: Tensor) => Tensor {
  const made = new Map<Tensor, Tensor>([images]);
  const of = (tensor: Tensor): Tensor => {
    const known = made.get(tensor);
    if (known !== undefined) return known;
    const constant = graph.constants.get(tensor);
    if (constant === undefined && !weights.has(tensor))
      throw new Error("Expected nodes in order, got others");
    const copy =
      constant === undefined
        ? network.parameter(PREFIX + tensor.name, tensor.shape, zeros)
        : network.graph.constant(constant.data, constant.shape, constant.type);
    made.set(tensor, copy);
    return copy;
  };
  for (const node of nodes) {
    const { op, domain, inputs, outputs, attributes } = node;
    const norm = norms.get(node);
    if (norm !== undefined) {
      const epsilon = typeof attributes["epsilon"] === "number" ? attributes["epsilon"] : 1e-5;
      // Safe in both casts: a batch norm has an input and an output.
      made.set(outputs[0] as Tensor, batchNorm(network, of(inputs[0] as Tensor), norm, { epsilon }));
      continue;
    }
    const given = inputs.map((input) => input && of(input));
    const specs = outputs.map(({ shape, type }) => ({ shape, type }));
    for (const [k, output] of network.graph.applyMany(op, given, specs, { attributes, domain }).entries()) {
      made.set(outputs[k] as Tensor, output); // safe: as many as were asked for
    }
  }
  return of;
}

import { exposeValues, findValue } from "../expose-values.ts";
import { differentiate } from "../gradients/differentiate.ts";
import type { Graph } from "../graph/graph.ts";
import { sizeOf } from "../graph/shapes.ts";
import type { Tensor } from "../graph/tensor.ts";
import { bakedModel, type ImportedGraph, importGraph, type Probe } from "../import/import-graph.ts";
import { readModel } from "../model-bytes.ts";
import { ModelError } from "../model-error.ts";

/** What a saliency graph is made of. */
export interface SaliencyGraphOptions {
  /** The classifier's input and the output that holds its scores. */
  readonly input: string;
  readonly output: string;
  /** Of the input: images, planes, rows, cols. */
  readonly shape: readonly number[];
  /** Number of classes, and the one whose score is differentiated. */
  readonly classes: number;
  readonly classIndex: number;
  /** By the input's pixels, or by features: of a layer of this name, or the last ones. */
  readonly by: "pixels" | { readonly layer?: string };
}

/** A classifier that gives maps beside its scores. */
export interface SaliencyGraph {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Names of its outputs: the scores as the classifier gives them, and the maps, images x rows x cols. */
  readonly scores: string;
  readonly maps: string;
}

const MAPS = "saliency maps";
const SCORES = "saliency scores";

/** Operators that only squash scores: what is differentiated is what they get. */
const squashes: readonly string[] = ["Softmax", "LogSoftmax", "Sigmoid", "Identity"];

/**
 * Differentiates a classifier's score of one class, before any softmax or sigmoid, into a model that gives maps.
 * By pixels: the derivative summed over planes, which hold the same grey. By features A: max(0, sum of a A) with a the
 * mean over the image of the derivative by each channel, which is Grad-CAM.
 *
 * @throws {ModelError} MODEL_SIGNATURE_MISMATCH for a layer that is not there, and every code of `importGraph`
 * @throws {ComputeError} INVALID_INPUT for an operator that cannot be differentiated
 */
export async function buildSaliencyGraph(
  bytes: Uint8Array,
  options: SaliencyGraphOptions,
  probe: Probe,
): Promise<SaliencyGraph> {
  const { by, input, output, shape } = options;
  const layer = by === "pixels" || by.layer === undefined ? undefined : findValue(readModel(bytes), by.layer);
  const whole = layer === undefined ? bytes : exposeValues(bytes, [layer]);
  const imported = await importGraph(whole, { [input]: shape }, probe);
  const { graph } = imported;
  const named = (name: string) => imported.outputs.find((each) => each.name === name)?.tensor;
  const scores = required(named(output), "an output of scores");
  const score = beforeSquashing(graph, scores);
  const images = required(imported.inputs[0], "an input");
  const features =
    by === "pixels"
      ? images
      : requireFeatures(layer === undefined ? lastFeatures(graph, images, score) : named(layer));
  const [gradient] = differentiate(graph, score, [features], seedOf(score, options));
  if (gradient === undefined) throw mismatch("a score that depends on what it is differentiated by", "none");
  const maps =
    by === "pixels" ? gradient.sum([1]) : gradient.mean([2, 3], true).times(features).sum([1]).relu();
  const outputs: ImportedGraph["outputs"] = [
    { name: SCORES, tensor: scores },
    { name: MAPS, tensor: maps },
  ];
  return { bytes: bakedModel({ ...imported, outputs }), scores: SCORES, maps: MAPS };
}

/** What goes into the softmax or sigmoid at the end, where there is one. */
function beforeSquashing(graph: Graph, scores: Tensor): Tensor {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((tensor) => [tensor, node])));
  let tensor = scores;
  for (let node = makers.get(tensor); node !== undefined; node = makers.get(tensor)) {
    const [from] = node.inputs;
    if (!squashes.includes(node.op) || from === undefined) break;
    tensor = from;
  }
  return tensor;
}

/** 1 for the class of every image. Of two classes that come as one number, the first is the opposite of the second. */
function seedOf(score: Tensor, { shape, classes, classIndex }: SaliencyGraphOptions): Tensor {
  const [images = 0] = shape;
  const columns = score.size / images;
  const isPair = classes === 2 && columns === 1;
  if (!isPair && columns !== classes) {
    throw mismatch(`scores of ${images} x ${classes}`, score.shape.join(" x "));
  }
  const row = Float32Array.from({ length: columns }, (_, k) =>
    isPair ? (classIndex === 1 ? 1 : -1) : k === classIndex ? 1 : 0,
  );
  const seed = new Float32Array(score.size);
  for (let image = 0; image < images; image += 1) seed.set(row, image * columns);
  return score.graph.constant(seed, score.shape, "float");
}

/** The last value of rows and columns of features that the score is made of. */
function lastFeatures(graph: Graph, images: Tensor, score: Tensor): Tensor | undefined {
  const needed = new Set<Tensor | undefined>([score]);
  for (const { inputs, outputs } of graph.nodes.toReversed()) {
    if (outputs.some((tensor) => needed.has(tensor))) for (const input of inputs) needed.add(input);
  }
  return graph.nodes
    .flatMap(({ outputs }) => outputs)
    .findLast((tensor) => needed.has(tensor) && isFeatures(tensor) && tensor.shape[0] === images.shape[0]);
}

function isFeatures({ shape, type }: Tensor): boolean {
  return shape.length === 4 && type === "float" && sizeOf(shape.slice(2)) > 1;
}

function requireFeatures(features: Tensor | undefined): Tensor {
  if (features !== undefined && isFeatures(features)) return features;
  throw mismatch(
    "a layer of features, images x channels x rows x cols",
    features === undefined ? "none" : features.shape.join(" x "),
  );
}

function required(tensor: Tensor | undefined, expected: string): Tensor {
  if (tensor !== undefined) return tensor;
  throw mismatch(expected, "none");
}

function mismatch(expected: string, got: string): ModelError {
  return new ModelError("MODEL_SIGNATURE_MISMATCH", `Expected ${expected}, got ${got}`);
}

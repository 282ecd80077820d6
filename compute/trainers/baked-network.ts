import { arrayOf, type Constant, Graph, type GraphNode } from "../onnx/graph/graph.ts";
import { sizeOf } from "../onnx/graph/shapes.ts";
import type { Tensor } from "../onnx/graph/tensor.ts";
import type { NamedNumbers } from "./checkpoint.ts";

/**
 * A network at rest with its numbers inside: batch norms folded into the convolutions before them, softmax or sigmoid at
 * the end where it is asked for, for any number of images as far as its operations say so. Cost: a copy of the weights.
 *
 * @param rest - "images" in, "logits" out
 * @param numbers - of all its other inputs, by name
 * @param activation - absent: none
 * @returns a graph with the input "images" and the output "scores", or "logits" without activation
 */
export function bakedNetwork(rest: Graph, numbers: NamedNumbers, activation?: "Softmax" | "Sigmoid"): Graph {
  const logits = rest.outputs.find(({ name }) => name === "logits")?.tensor;
  const images = rest.inputs.find(({ name }) => name === "images");
  if (logits === undefined || images === undefined) throw new Error("Expected a network at rest");
  const nodes = neededNodes(rest, logits);
  const known = (tensor: Tensor | undefined): Constant | undefined => {
    if (tensor === undefined) return undefined;
    const data = numbers.get(tensor.name);
    return data === undefined ? rest.constants.get(tensor) : { type: "float", shape: tensor.shape, data };
  };
  const folded = foldedNorms(nodes, known, logits);
  const baked = new Graph("classifier");
  const made = new Map<Tensor, Tensor>([[images, baked.input("images", images.shape)]]);
  // Names of weights first: those of what is computed are made up around them.
  for (const input of new Set(nodes.flatMap(({ inputs }) => inputs))) {
    const constant = known(input);
    if (input === undefined || constant === undefined || folded.gone.has(input)) continue;
    const name = numbers.has(input.name) ? [input.name] : [];
    made.set(input, baked.constant(constant.data, constant.shape, constant.type, ...name));
  }
  const of = (tensor: Tensor | undefined): Tensor | undefined => tensor && made.get(tensor);
  for (const node of nodes) {
    const norm = folded.norms.get(node);
    if (folded.convolutions.has(node)) continue;
    if (norm !== undefined) {
      made.set(node.outputs[0] as Tensor, addFolded(baked, norm, of(norm.convolution.inputs[0]) as Tensor));
      continue;
    }
    const inputs = node.op === "Reshape" ? openReshape(baked, rest, node, of) : node.inputs.map(of);
    const specs = node.outputs.map(({ shape, type }) => ({ shape, type }));
    const { attributes, domain } = node;
    for (const [k, output] of baked.applyMany(node.op, inputs, specs, { attributes, domain }).entries()) {
      made.set(node.outputs[k] as Tensor, output); // safe: as many as were asked for
    }
  }
  const last = of(logits) as Tensor; // safe: its node was copied
  if (activation === undefined) baked.output("logits", last);
  else baked.output("scores", last.map(activation, activation === "Softmax" ? { axis: 1 } : {}));
  return baked;
}

/** The nodes that a tensor depends on, in order. */
function neededNodes(graph: Graph, tensor: Tensor): readonly GraphNode[] {
  const needed = new Set([tensor]);
  const found: GraphNode[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    found.push(node);
    for (const input of node.inputs) if (input !== undefined) needed.add(input);
  }
  return found.reverse();
}

/** A convolution and the batch norm after it as one convolution. */
interface FoldedNorm {
  readonly convolution: GraphNode;
  readonly name: string;
  readonly weights: Constant;
  readonly bias: Constant;
  readonly output: Tensor;
}

function foldedNorms(
  nodes: readonly GraphNode[],
  known: (tensor: Tensor | undefined) => Constant | undefined,
  logits: Tensor,
) {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const readers = new Map<Tensor, number>([[logits, 1]]);
  for (const { inputs } of nodes)
    for (const input of inputs) if (input) readers.set(input, (readers.get(input) ?? 0) + 1);
  const norms = new Map<GraphNode, FoldedNorm>();
  const convolutions = new Set<GraphNode>();
  const gone = new Set<Tensor>();
  for (const node of nodes) {
    const [x, ...parts] = node.inputs;
    const convolution = x && makers.get(x);
    if (node.op !== "BatchNormalization" || convolution?.op !== "Conv" || readers.get(x as Tensor) !== 1)
      continue;
    const [weights, bias] = [known(convolution.inputs[1]), known(convolution.inputs[2])];
    const [gamma, beta, mean, variance] = parts.map(known);
    if (!gamma || !beta || !mean || !variance || weights?.type !== "float") continue;
    if (convolution.inputs[2] !== undefined && bias === undefined) continue;
    const epsilon = typeof node.attributes["epsilon"] === "number" ? node.attributes["epsilon"] : 1e-5;
    const shift = floatsOf(bias);
    const [scales, shifts, means] = [floatsOf(gamma), floatsOf(beta), floatsOf(mean)];
    const slope = Float64Array.from(
      floatsOf(variance),
      (value, k) => (scales[k] as number) / Math.sqrt(value + epsilon),
    );
    const each = sizeOf(weights.shape.slice(1));
    // Safe in every cast below: channels of the norm are the convolution's outputs.
    const at = (k: number) => slope[k] as number;
    norms.set(node, {
      convolution,
      name: convolution.inputs[1]?.name ?? "",
      weights: {
        ...weights,
        data: floatsOf(weights).map((value, k) => value * at(Math.floor(k / each))),
      },
      bias: {
        type: "float",
        shape: [slope.length],
        data: Float32Array.from(
          slope,
          (by, k) => (shifts[k] as number) + ((shift[k] ?? 0) - (means[k] as number)) * by,
        ),
      },
      output: node.outputs[0] as Tensor,
    });
    convolutions.add(convolution);
    for (const part of [...parts, convolution.inputs[1], convolution.inputs[2]]) {
      if (part !== undefined && readers.get(part) === 1) gone.add(part);
    }
  }
  return { norms, convolutions, gone };
}

function floatsOf(constant: Constant | undefined): Float32Array {
  return (constant?.data ?? new Float32Array()) as Float32Array; // safe: weights and norms are floats
}

function addFolded(
  baked: Graph,
  { convolution, name, weights, bias, output }: FoldedNorm,
  x: Tensor,
): Tensor {
  const parts = [
    baked.constant(weights.data, weights.shape, "float", `${name} folded`),
    baked.constant(bias.data, bias.shape, "float", `${name} folded bias`),
  ];
  const { attributes, domain } = convolution;
  const { shape, type } = output;
  return baked.apply("Conv", [x, ...parts], { shape, type }, { attributes, domain });
}

/** A shape whose first size is the input's says 0, "as it comes": so it holds for any number of images. */
function openReshape(
  baked: Graph,
  rest: Graph,
  { inputs, outputs, attributes }: GraphNode,
  of: (tensor: Tensor | undefined) => Tensor | undefined,
): readonly (Tensor | undefined)[] {
  const [x, shape] = inputs;
  const [first, ...others] = (shape && rest.numbersOf(shape)) ?? [];
  const isOpen = first !== undefined && x?.shape[0] === outputs[0]?.shape[0] && x?.shape[0] === first;
  if (!isOpen || attributes["allowzero"] === 1) return inputs.map(of);
  const sizes = baked.constant(arrayOf("int64", [0, ...others]), [others.length + 1], "int64");
  return [of(x), sizes];
}

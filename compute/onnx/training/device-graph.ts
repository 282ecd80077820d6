import { copyNode, requireCopy } from "../graph/copy-nodes.ts";
import { Graph, type GraphNode } from "../graph/graph.ts";
import { axesOf } from "../graph/shapes.ts";
import type { Tensor } from "../graph/tensor.ts";

/** Says an operation in other words: what its first output becomes. */
type Replacement = (inputs: readonly Tensor[], node: GraphNode) => Tensor;

/** Two at a time, from the left. */
function inPairs(op: string): Replacement {
  return (inputs, { outputs: [output] }) => {
    const { shape, type } = output as Tensor; // safe: every node has an output
    return inputs.reduce((so, next) => so.graph.apply(op, [so, next], { shape, type }));
  };
}

function first(inputs: readonly Tensor[]): Tensor {
  return inputs[0] as Tensor; // safe: these operators have an input
}

/** What onnxruntime's WebGPU provider (1.30) leaves to the processor or gets wrong, in operators that it has. */
const replacements: Readonly<Record<string, Replacement>> = {
  LogSoftmax: (inputs, { attributes }) => {
    const x = first(inputs);
    const given = attributes["axis"];
    const axes = axesOf([typeof given === "number" ? given : -1], x.rank);
    const shape = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const options = { attributes: { axes, keepdims: 1 } };
    return x.minus(x.graph.apply("ReduceLogSumExp", [x], { shape, type: x.type }, options));
  },
  Sign: (inputs) => first(inputs).positive().minus(first(inputs).negated().positive()),
  Sum: inPairs("Add"),
  Mean: (inputs, node) => inPairs("Add")(inputs, node).times(1 / inputs.length),
};

function isReplaced({ op, domain }: GraphNode): boolean {
  return domain === "" && Object.hasOwn(replacements, op);
}

/**
 * The same graph in operators that run on graphics devices, with the same inputs and outputs by name; itself where
 * nothing is to be replaced.
 *
 * @throws {ComputeError} INVALID_INPUT for operations with a graph within, beside ones that must be replaced
 */
export function deviceGraph(graph: Graph): Graph {
  if (!graph.nodes.some(isReplaced)) return graph;
  const into = new Graph(graph.name);
  const given = new Map(
    graph.inputs.map((tensor) => [tensor, into.input(tensor.name, tensor.shape, tensor.type)]),
  );
  for (const [tensor, { data, shape, type }] of graph.constants) {
    given.set(tensor, into.constant(data, shape, type));
  }
  for (const node of graph.nodes) {
    const replace = isReplaced(node) ? replacements[node.op] : undefined;
    if (replace === undefined) {
      copyNode(node, into, given);
      continue;
    }
    const inputs = node.inputs.flatMap((tensor) => (tensor === undefined ? [] : requireCopy(given, tensor)));
    given.set(node.outputs[0] as Tensor, replace(inputs, node)); // safe: every node has an output
  }
  for (const { name, tensor } of graph.outputs) into.output(name, requireCopy(given, tensor));
  return into;
}

import type { Graph, GraphNode } from "../onnx/graph/graph.ts";
import type { Tensor } from "../onnx/graph/tensor.ts";

/** A classifier's graph by what can be trained of it. */
export interface ClassifierParts {
  /** What makes the logits, in order. */
  readonly nodes: readonly GraphNode[];
  /** Scores before softmax or sigmoid. */
  readonly logits: Tensor;
  /** What the last linear layer reads; absent where the graph ends otherwise. */
  readonly features?: Tensor;
  /** The last linear layer and what follows. */
  readonly head: ReadonlySet<GraphNode>;
  /** From where features have their last size on, up to the head. */
  readonly lastBlock: ReadonlySet<GraphNode>;
}

const activations = new Set(["Softmax", "LogSoftmax", "Sigmoid"]);
/** Operators that only hand on or reshape what they get. */
const handsOn = new Set(["Identity", "Flatten", "Reshape", "Squeeze", "Unsqueeze"]);
const linearLayers = new Set(["Gemm", "MatMul", "Conv"]);

/** Takes a classifier's graph apart at its end. */
export function classifierParts(graph: Graph, images: Tensor, scores: Tensor): ClassifierParts {
  const makers = new Map(
    graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)),
  );
  const logits = beforeActivation(makers, scores);
  const nodes = nodesFor(graph, logits);
  const layer = lastLayer(makers, logits, dependents(nodes, images));
  const features = layer?.inputs[0];
  if (features === undefined) {
    return { nodes, logits, head: new Set(), lastBlock: lastBlockOf(nodes) };
  }
  const body = nodesFor(graph, features);
  const inBody = new Set(body);
  const head = new Set(nodes.filter((node) => !inBody.has(node)));
  return { nodes, logits, features, head, lastBlock: lastBlockOf(body) };
}

function beforeActivation(makers: ReadonlyMap<Tensor, GraphNode>, scores: Tensor): Tensor {
  for (let at: Tensor | undefined = scores; at !== undefined; ) {
    const maker = makers.get(at);
    if (maker === undefined) return scores;
    if (activations.has(maker.op)) return maker.inputs[0] ?? scores;
    at = handsOn.has(maker.op) ? maker.inputs[0] : undefined;
  }
  return scores;
}

/** The layer whose outputs are the logits but for a bias; undefined when they are made otherwise. */
function lastLayer(
  makers: ReadonlyMap<Tensor, GraphNode>,
  logits: Tensor,
  live: ReadonlySet<Tensor>,
): GraphNode | undefined {
  for (let at: Tensor | undefined = logits; at !== undefined; ) {
    const maker = makers.get(at);
    if (maker === undefined || linearLayers.has(maker.op)) return maker;
    const inputs: readonly (Tensor | undefined)[] = maker.inputs;
    if (handsOn.has(maker.op)) at = inputs[0];
    else at = maker.op === "Add" ? inputs.find((input) => input !== undefined && live.has(input)) : undefined;
  }
  return undefined;
}

/** The nodes that a tensor depends on, in order. */
export function nodesFor(graph: Graph, tensor: Tensor): readonly GraphNode[] {
  const needed = new Set([tensor]);
  const found: GraphNode[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    found.push(node);
    for (const input of node.inputs) if (input !== undefined) needed.add(input);
  }
  return found.reverse();
}

/** Everything that depends on a tensor, and it itself. */
export function dependents(nodes: readonly GraphNode[], tensor: Tensor): ReadonlySet<Tensor> {
  const found = new Set([tensor]);
  for (const { inputs, outputs } of nodes) {
    if (!inputs.some((input) => input !== undefined && found.has(input))) continue;
    for (const output of outputs) found.add(output);
  }
  return found;
}

/** Of a network over images, what has the size of the last features; of another, its last layer. */
function lastBlockOf(nodes: readonly GraphNode[]): ReadonlySet<GraphNode> {
  const sidesOf = ({ outputs: [output] }: GraphNode) => {
    const sides = output?.rank === 4 ? output.shape.slice(2) : [];
    return sides.some((side) => side > 1) ? sides.join() : undefined;
  };
  const last = nodes.findLast((node) => sidesOf(node) !== undefined);
  const from =
    last === undefined
      ? nodes.findLastIndex(({ op }) => linearLayers.has(op))
      : nodes.findIndex((node) => sidesOf(node) === sidesOf(last));
  return new Set(from < 0 ? [] : nodes.slice(from));
}

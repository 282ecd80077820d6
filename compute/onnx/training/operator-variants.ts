import { Graph, type GraphNode } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";

/** One operator as a graph uses it: all nodes of a variant have equal attributes, shapes, types and constants. */
export interface OperatorVariant {
  readonly node: GraphNode;
  /** The constants of the graph it is from, and of those around it. */
  readonly constants: Graph["constants"];
  /** Numbers that go in and out. */
  readonly size: number;
}

/** Constants of so few numbers are part of a variant: axes, sizes and scalars. */
const MOST_NUMBERS = 64;

/** Every variant of every operator of a graph and of the graphs within it, each once. */
export function operatorVariants(
  graph: Graph,
  around: Graph["constants"] = new Map(),
): readonly OperatorVariant[] {
  const constants = new Map([...around, ...graph.constants]);
  const found = new Map<string, OperatorVariant>();
  for (const node of graph.nodes) {
    const bodies = Object.values(node.attributes).filter((value) => value instanceof Graph);
    if (bodies.length === 0) {
      const size = [...node.inputs, ...node.outputs].reduce((sum, tensor) => sum + (tensor?.size ?? 0), 0);
      found.set(keyOf(node, constants), { node, constants, size });
    }
    for (const body of bodies) {
      for (const variant of operatorVariants(body, constants)) {
        found.set(keyOf(variant.node, variant.constants), variant);
      }
    }
  }
  return [...found.values()];
}

function keyOf(
  { op, domain, inputs, outputs, attributes }: GraphNode,
  constants: Graph["constants"],
): string {
  const given = inputs.map((tensor) => tensor && [tensor.type, tensor.shape, numbersOf(tensor, constants)]);
  // Safe: attributes that hold a graph are no variant's; constants are told apart by their numbers.
  const named = Object.entries(attributes).map(([name, value]) => [
    name,
    typeof value === "object" && "data" in value
      ? Array.from<bigint | number, string>(value.data, String)
      : value,
  ]);
  return JSON.stringify([domain, op, given, outputs.map(({ type, shape }) => [type, shape]), named]);
}

function numbersOf(tensor: Tensor, constants: Graph["constants"]): readonly string[] | undefined {
  const constant = constants.get(tensor);
  if (constant === undefined || constant.data.length > MOST_NUMBERS) return undefined;
  return Array.from<bigint | number, string>(constant.data, String);
}

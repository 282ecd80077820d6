import { ComputeError } from "../../errors.ts";
import { Graph, type GraphNode } from "./graph.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Adds the operations of one graph to another, in order, with fresh names.
 *
 * @param given - what stands for the tensors of `from` in `into`: every input of `from` at least. It gains every constant
 * and result that was copied.
 * @throws {ComputeError} INVALID_INPUT for operations with a graph within, whose names would lose their meaning.
 */
export function copyNodes(from: Graph, into: Graph, given: Map<Tensor, Tensor>): void {
  for (const [tensor, { data, shape, type }] of from.constants) {
    given.set(tensor, into.constant(data, shape, type));
  }
  for (const node of from.nodes) copyNode(node, into, given);
}

/** Adds one operation of a graph to another, as `copyNodes`. */
export function copyNode(node: GraphNode, into: Graph, given: Map<Tensor, Tensor>): void {
  const { op, domain, attributes } = node;
  if (Object.values(attributes).some((value) => value instanceof Graph)) {
    throw new ComputeError("INVALID_INPUT", `Expected operations without a graph within, got ${op}`);
  }
  const inputs = node.inputs.map((tensor) => tensor && requireCopy(given, tensor));
  const outputs = node.outputs.map(({ shape, type }) => ({ shape, type }));
  const made = into.applyMany(op, inputs, outputs, { attributes, domain });
  for (const [k, output] of node.outputs.entries()) given.set(output, made[k] as Tensor); // safe: as many were made
}

/** What stands for a tensor. @throws {ComputeError} INVALID_INPUT when nothing does. */
export function requireCopy(given: ReadonlyMap<Tensor, Tensor>, tensor: Tensor): Tensor {
  const copy = given.get(tensor);
  if (copy !== undefined) return copy;
  throw new ComputeError("INVALID_INPUT", `Expected something to stand for ${tensor.name}, got nothing`);
}

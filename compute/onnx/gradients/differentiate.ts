import { ComputeError } from "../../errors.ts";
import type { Graph, GraphNode } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { gradientRules } from "./rules.ts";

/**
 * Reverse-mode differentiation: adds to the graph the operations that compute the gradient of `loss` by each of `of`.
 * Cost: about twice the forward operations; only what lies between `of` and the loss is differentiated.
 *
 * @param loss - a scalar, or any tensor with `seed` as its gradient.
 * @param of - inputs, constants or intermediate tensors.
 * @returns the gradients in the order of `of`, each of its tensor's shape; undefined where the loss does not depend on it.
 * @throws {ComputeError} INVALID_INPUT for an operator without a rule, naming it.
 */
export function differentiate(
  graph: Graph,
  loss: Tensor,
  of: readonly Tensor[],
  seed: Tensor = one(loss),
): readonly (Tensor | undefined)[] {
  // The list grows while we walk it backwards: only what was there is differentiated.
  const nodes = [...graph.nodes];
  const wanted = dependents(nodes, of);
  const gradients = new Map<Tensor, Tensor>([[loss, seed]]);
  const add = (tensor: Tensor, make: () => Tensor) => {
    if (!wanted.has(tensor)) return;
    const added = make();
    const known = gradients.get(tensor);
    gradients.set(tensor, known === undefined ? added : known.plus(added));
  };
  const blocks = new Map(graph.blocks.map((block) => [block.end - 1, block]));
  for (let k = nodes.length - 1; k >= 0; k -= 1) {
    const block = blocks.get(k);
    if (block !== undefined) {
      const flowing = gradients.get(block.output);
      for (const [index, input] of block.inputs.entries()) {
        const gradient = block.gradients[index];
        if (flowing !== undefined && gradient !== undefined) add(input, () => gradient(flowing));
      }
      k = block.start;
      continue;
    }
    const node = nodes[k] as GraphNode; // safe: k counts the list
    const outputGradients = node.outputs.map((output) => gradients.get(output));
    if (outputGradients.every((gradient) => gradient === undefined)) continue;
    if (!node.inputs.some((input) => input !== undefined && wanted.has(input))) continue;
    requireRule(node)({
      ...node,
      graph,
      outputGradients,
      give: (index, make) => {
        const input = node.inputs[index];
        if (input !== undefined) add(input, make);
      },
    });
  }
  return of.map((tensor) => gradients.get(tensor));
}

function one(loss: Tensor): Tensor {
  if (loss.size !== 1) {
    throw new ComputeError("INVALID_INPUT", `Expected a loss of one number, got [${loss.shape.join(", ")}]`);
  }
  return loss.graph.scalar(1, loss.type).reshape(loss.shape);
}

/** Everything that depends on the tensors, and they themselves. */
function dependents(nodes: readonly GraphNode[], of: readonly Tensor[]): ReadonlySet<Tensor> {
  const found = new Set(of);
  for (const { inputs, outputs } of nodes) {
    if (inputs.some((input) => input !== undefined && found.has(input))) {
      for (const output of outputs) found.add(output);
    }
  }
  return found;
}

function requireRule({ op, domain }: GraphNode) {
  const rule = domain === "" && Object.hasOwn(gradientRules, op) ? gradientRules[op] : undefined;
  if (rule !== undefined) return rule;
  const name = domain === "" ? op : `${domain}.${op}`;
  throw new ComputeError("INVALID_INPUT", `Expected operators that can be differentiated, got ${name}`);
}

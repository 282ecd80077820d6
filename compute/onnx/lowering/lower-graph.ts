import type { CompositeKind, Graph, GraphNode } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { lowerConvolution, lowerInputGradient, lowerWeightGradient } from "./convolutions.ts";
import { elementwiseRules } from "./elementwise.ts";
import { Layouts } from "./layouts.ts";
import { lowerMaxPoolGradient, poolRules } from "./pools.ts";
import { reductionRules, transpose } from "./reductions.ts";
import type { CompositeRule, LoweringRule } from "./rule.ts";

const rules: Readonly<Record<string, LoweringRule>> = {
  ...elementwiseRules,
  ...poolRules,
  ...reductionRules,
  Conv: lowerConvolution,
};

const reorderings: Readonly<Record<string, LoweringRule>> = { Transpose: transpose };

const compositeRules = {
  ConvInputGradient: lowerInputGradient,
  ConvWeightGradient: lowerWeightGradient,
  MaxPoolGradient: lowerMaxPoolGradient,
} as const satisfies Record<CompositeKind, CompositeRule>;

/** A graph rewritten, and what stands for the tensors of the old one. */
export interface LoweredGraph {
  /** Takes the same inputs, by name and order, and gives the same outputs. */
  readonly graph: Graph;
  /** The plain form of a tensor of the old graph. */
  plain(tensor: Tensor): Tensor;
}

/**
 * Rewrites a graph for onnxruntime's processor provider, whose convolutions are fastest on images in blocks of channels:
 * images stay in blocks from one to the next, and additions, rectifiers, factors and biases a channel become part of them.
 * What does not fill whole blocks stays as it is.
 *
 * @param block - channels of a block on this processor (`probeBlock`).
 */
export function lowerGraph(from: Graph, block: number): LoweredGraph {
  const layouts = new Layouts(from, block);
  const composites = new Map(
    from.composites.flatMap((each) => (each.end > each.start ? [[each.start, each] as const] : [])),
  );
  const { nodes } = from;
  // Within a composite that stays as it is, operations are not what they seem: its convolution's images are weights or
  // channels laid along rows, which the blocked kernels are slow on.
  let plainUntil = 0;
  for (let k = 0; k < nodes.length; k += 1) {
    const composite = composites.get(k);
    if (composite !== undefined) {
      if (compositeRules[composite.kind](layouts, composite)) {
        k = composite.end - 1;
        continue;
      }
      plainUntil = composite.end;
    }
    const node = nodes[k] as GraphNode; // safe: k counts the list
    // An earlier composite may have needed it already.
    if (node.outputs.every((output) => layouts.hasPlain(output) || layouts.isBlocked(output))) continue;
    const known = k < plainUntil ? reorderings : rules;
    const rule = node.domain === "" && Object.hasOwn(known, node.op) ? known[node.op] : undefined;
    if (rule === undefined || !rule(layouts, node)) layouts.copy(node);
  }
  for (const { name, tensor } of from.outputs) layouts.into.output(name, layouts.plain(tensor));
  return { graph: layouts.into, plain: (tensor) => layouts.plain(tensor) };
}

import { ComputeError } from "../../errors.ts";
import { arrayOf } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { constantNumbers, gradientOf, inputOf, outputOf, type Rule, type RuleCall, wordOf } from "./rule.ts";

/**
 * Resizing is linear, and along each axis by itself: its gradient is a product with the transposed matrix of that axis. The
 * matrix is what the operator itself makes of the identity's, so that no mode and no way of placing pixels is said twice.
 */
export const resizingRules = {
  Resize: (call) => {
    if (wordOf(call.attributes, "coordinate_transformation_mode", "") === "tf_crop_and_resize") {
      throw new ComputeError(
        "INVALID_INPUT",
        "Expected a Resize that is linear in its input, got one that crops; leave that out of the model",
      );
    }
    const [x, y, dy] = [inputOf(call, 0), outputOf(call), gradientOf(call)];
    const scales = constantNumbers(call, 2) ?? [];
    call.give(0, () =>
      x.shape.reduce((gradient, size, axis) => {
        const becomes = y.shape[axis] ?? size;
        const scale = scales[axis];
        if (becomes === size && (scale ?? 1) === 1) return gradient;
        return along(gradient, axis, axisMatrix(call, { size, becomes, scale }));
      }, dy),
    );
  },
} as const satisfies Record<string, Rule>;

/** What becomes of an axis: a row for each place after resizing, a column for each place before. */
function axisMatrix(
  { graph, attributes }: RuleCall,
  {
    size,
    becomes,
    scale,
  }: { readonly size: number; readonly becomes: number; readonly scale: number | undefined },
): Tensor {
  const identity = Array.from({ length: size * size }, (_, k) => (k % (size + 1) === 0 ? 1 : 0));
  const lines = graph.constant(arrayOf("float", identity), [size, size], "float");
  const targets =
    scale === undefined
      ? [undefined, graph.integers([becomes, size])]
      : [graph.constant(arrayOf("float", [scale, 1]), [2], "float")];
  return graph.apply(
    "Resize",
    [lines, undefined, ...targets],
    { shape: [becomes, size], type: "float" },
    { attributes },
  );
}

/** A product with a matrix along one axis: its rows are summed over. */
function along(tensor: Tensor, axis: number, matrix: Tensor): Tensor {
  const { rank } = tensor;
  const last = rank - 1;
  if (axis === last) return tensor.matmul(matrix);
  // The axis changes places with the last, and back.
  const order = tensor.shape.map((_, k) => (k === axis ? last : k === last ? axis : k));
  return tensor.transpose(order).matmul(matrix).transpose(order);
}

import type { Shape } from "../graph/shapes.ts";
import { concat, type Tensor } from "../graph/tensor.ts";
import type { Layouts } from "./layouts.ts";

/**
 * Blocked images whose rows and columns alternate between those of the parts, by row and column: up to two by two, all of one
 * shape. What is missing is 0.
 *
 * @param shape - of a part, n x channels x rows x cols
 * @returns blocked, in any shape of as many numbers
 */
export function interleaved(
  { block }: Layouts,
  parts: readonly (readonly (Tensor | undefined)[])[],
  [count = 0, channels = 0, rows = 0, cols = 0]: Shape,
): Tensor {
  const lines = ((count * channels) / block) * rows;
  const across = parts.map((row) => alternated(row, [lines, cols, 1, block], 2));
  const width = (parts[0]?.length ?? 1) * cols * block;
  return alternated(across, [lines, 1, width], 1) as Tensor; // safe: a gradient has at least one part
}

/** Tensors of this shape one after the other along an axis; of two, one may be missing. */
function alternated(parts: readonly (Tensor | undefined)[], shape: Shape, axis: number): Tensor | undefined {
  const given = parts.flatMap((part) => (part === undefined ? [] : [part.reshape(shape)]));
  const [first] = given;
  if (first === undefined || given.length === parts.length) return first && concat(given, axis);
  const missing = parts.indexOf(undefined);
  const edges = (place: number) => shape.map((_, k) => (k === axis && missing === place ? 1 : 0));
  return first.pad(edges(0), edges(1));
}

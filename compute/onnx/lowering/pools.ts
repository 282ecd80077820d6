import { numberOf } from "../gradients/rule.ts";
import { at, type Window, windowOf } from "../gradients/window.ts";
import { type Shape, sameShape } from "../graph/shapes.ts";
import type { Tensor } from "../graph/tensor.ts";
import { interleaved } from "./interleave.ts";
import type { CompositeRule, LoweringRule } from "./rule.ts";

/** Pooling, where its input is blocked. */
const pool: LoweringRule = (layouts, { op, inputs, outputs, attributes }) => {
  const [x] = inputs;
  const [y, indices] = outputs;
  if (x === undefined || y === undefined || indices !== undefined || !layouts.isBlocked(x)) return false;
  if (numberOf(attributes, "ceil_mode", 0) !== 0 || !layouts.fits(y)) return false;
  layouts.keep(y, layouts.apply(op, [layouts.blocked(x)], y.shape, attributes));
  return true;
};

export const poolRules: Readonly<Record<string, LoweringRule>> = { MaxPool: pool, AveragePool: pool };

/** For places of one remainder by the stride of 2: which windows hold them, by how many further on the window is. */
function shiftsOf(window: Window, axis: number, phase: number): readonly number[] {
  const taps = Array.from({ length: at(window.kernel, axis) }, (_, tap) => tap);
  return taps
    .filter((tap) => (phase + at(window.before, axis) - tap) % 2 === 0)
    .map((tap) => (phase + at(window.before, axis) - tap) / 2);
}

/**
 * The gradient of a maximum over windows two apart, in blocks: for each remainder by two, a place gets the gradient of every
 * window that holds it and whose maximum it is.
 */
export const lowerMaxPoolGradient: CompositeRule = (layouts, { inputs, output, attributes }) => {
  const [x, y, dy] = inputs;
  if (x === undefined || y === undefined || dy === undefined || !layouts.isBlocked(x)) return false;
  const window = windowOf(attributes);
  const [count = 0, channels = 0, rows = 0, cols = 0] = x.shape;
  const halves: Shape = [count, channels, rows / 2, cols / 2];
  const plain =
    [...window.strides].every((step) => step === 2) && window.dilations.every((step) => step === 1);
  const shifts = [0, 1].map((axis) => [0, 1].map((phase) => shiftsOf(window, axis, phase)));
  const near = shifts.flat(2).every((shift) => shift === 0 || shift === 1);
  if (window.kernel.length !== 2 || !plain || !near || !sameShape(y.shape, halves)) return false;
  const lines = (count * channels) / layouts.block;
  const size: Shape = [lines, rows / 2, cols / 2, layouts.block];
  const phases = phasesOf(layouts.blocked(x), size);
  const [maximum, flow] = [layouts.blocked(y).reshape(size), layouts.blocked(dy).reshape(size)];
  const parts = [0, 1].map((row) =>
    [0, 1].map((col) => {
      const place = phases[row]?.[col] as Tensor; // safe: two by two
      const terms = (shifts[0]?.[row] ?? []).flatMap((down) =>
        (shifts[1]?.[col] ?? []).map((right) => {
          const isMaximum = place.minus(shifted(maximum, [down, right], 3e38)).notNegative();
          return isMaximum.times(shifted(flow, [down, right], 0));
        }),
      );
      return terms.length === 0 ? undefined : terms.reduce((sum, term) => sum.plus(term));
    }),
  );
  layouts.keep(output, interleaved(layouts, parts, halves).reshape(output.shape));
  return true;
};

/** The places of each remainder by two, by row and column: [lines, rows / 2, cols / 2, block]. */
function phasesOf(x: Tensor, size: Shape): readonly (readonly Tensor[])[] {
  const [lines = 0, rows = 0, cols = 0, block = 0] = size;
  const pairs = x.reshape([lines * rows, 2, cols * 2 * block]);
  return [0, 1].map((row) => {
    const half = pairs.slice([row], [row + 1], [1]).reshape([lines * rows * cols, 2, block]);
    return [0, 1].map((col) => half.slice([col], [col + 1], [1]).reshape(size));
  });
}

/** What lies so many rows and columns further on; beyond the edge, `value`. */
function shifted(tensor: Tensor, [down = 0, right = 0]: readonly number[], value: number): Tensor {
  const [, rows = 0, cols = 0] = tensor.shape;
  const key = `${tensor.name} ${down} ${right} further on`;
  return tensor.graph.once(key, () =>
    tensor.slice([down, right], [rows, cols], [1, 2]).pad([0, 0, 0, 0], [0, down, right, 0], value),
  );
}

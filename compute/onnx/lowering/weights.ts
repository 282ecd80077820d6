import { sizeOf } from "../graph/shapes.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Layouts } from "./layouts.ts";

/** Shape of a convolution's weights: [out, in / group, ...k]. */
function sizesOf({ shape }: Tensor) {
  const [outputs = 0, inputs = 0, ...kernel] = shape;
  return { outputs, inputs, kernel, taps: sizeOf(kernel) };
}

/** A list of weights with its outputs as channels of an image of one row, in blocks: [out / block, rest, block]. */
function byOutputBlocks(layouts: Layouts, weights: Tensor): Tensor {
  const { outputs } = sizesOf(weights);
  const image = [1, outputs, 1, weights.size / outputs];
  return layouts.apply("ReorderInput", [layouts.plain(weights).reshape(image)], image);
}

/**
 * Weights as the blocked convolution reads them: [out / b, in / b, taps, b in, b out], or [out / b, in, taps, b out] where
 * there are fewer inputs than a block, as is so for each channel on its own too.
 */
export function forwardWeights(layouts: Layouts, weights: Tensor): Tensor {
  const { into, block } = layouts;
  return into.once(`blocked ${weights.name}`, () => {
    const { outputs, inputs, taps } = sizesOf(weights);
    const rows = byOutputBlocks(layouts, weights);
    if (inputs < block || taps === 1) return rows.reshape(weights.shape);
    return rows
      .reshape([outputs / block, inputs / block, block, taps, block])
      .transpose([0, 1, 3, 2, 4])
      .reshape(weights.shape);
  });
}

/**
 * Some taps of the weights with inputs and outputs changed about, as the blocked convolution of a gradient reads them:
 * [in / b, out / b, taps, b out, b in].
 *
 * @param taps - which, in order, counted row by row
 * @param kernel - the shape they make
 */
export function turnedWeights(
  layouts: Layouts,
  weights: Tensor,
  taps: readonly number[],
  kernel: readonly number[],
): Tensor {
  const { into, block } = layouts;
  const { outputs, inputs, taps: all } = sizesOf(weights);
  const [outBlocks, inBlocks] = [outputs / block, inputs / block];
  return into.once(`turned ${weights.name} ${taps.join()}`, () => {
    const count = outBlocks * inBlocks * all;
    // Each tile of b x b is turned as an image of b channels with b places; then the tiles change places.
    const tiles = into.once(`tiles ${weights.name}`, () =>
      layouts
        .apply(
          "ReorderInput",
          [forwardWeights(layouts, weights).reshape([count, block, 1, block])],
          [count, block, 1, block],
        )
        .reshape([count, block * block]),
    );
    const order: number[] = [];
    for (let i = 0; i < inBlocks; i += 1) {
      for (let o = 0; o < outBlocks; o += 1) {
        for (const tap of taps) order.push((o * inBlocks + i) * all + tap);
      }
    }
    return gathered(tiles, order).reshape([inputs, outputs, ...kernel]);
  });
}

/** Some taps of weights that filter each channel on its own: [channels / b, taps, b]. */
export function turnedDepthwiseWeights(
  layouts: Layouts,
  weights: Tensor,
  taps: readonly number[],
  kernel: readonly number[],
): Tensor {
  const { into, block } = layouts;
  const { outputs, taps: all } = sizesOf(weights);
  return into.once(`turned ${weights.name} ${taps.join()}`, () => {
    const rows = forwardWeights(layouts, weights).reshape([(outputs / block) * all, block]);
    const order = Array.from({ length: outputs / block }, (_, o) => taps.map((tap) => o * all + tap));
    return gathered(rows, order.flat()).reshape([outputs, 1, ...kernel]);
  });
}

/** Rows in another order. */
function gathered(rows: Tensor, order: readonly number[]): Tensor {
  const { graph, shape, type } = rows;
  const [, width = 0] = shape;
  const places = graph.integers(order);
  return graph.apply(
    "Gather",
    [rows, places],
    { shape: [order.length, width], type },
    { attributes: { axis: 0 } },
  );
}

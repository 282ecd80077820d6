import { axesOf } from "../graph/shapes.ts";
import type { Tensor } from "../graph/tensor.ts";
import { gradientOf, inputOf, numberOf, type Rule } from "./rule.ts";

/** A per-channel list as a tensor that broadcasts over images. */
export function overChannels(list: Tensor, rank: number): Tensor {
  return list.reshape([1, list.size, ...Array(Math.max(0, rank - 2)).fill(1)]);
}

/** Axes over which a channel's statistics are taken: all but the second. */
export function channelAxes(x: Tensor): readonly number[] {
  return x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
}

/** x normalised over axes by its own mean and variance, and the reciprocal deviation. */
function standardised(x: Tensor, axes: readonly number[], epsilon: number) {
  const centred = x.minus(x.mean(axes, true));
  const scale = centred.times(centred).mean(axes, true).plus(epsilon).sqrt().reciprocal();
  return { normal: centred.times(scale), scale };
}

/** The gradient through a normalisation over axes: what the mean and the deviation take back. */
function throughStandardised(g: Tensor, normal: Tensor, scale: Tensor, axes: readonly number[]): Tensor {
  const projected = normal.times(g.times(normal).mean(axes, true));
  return g.minus(g.mean(axes, true)).minus(projected).times(scale);
}

/** Normalisations. BatchNormalization is the inference form, by running statistics, which are constants to it. */
export const normalisationRules = {
  BatchNormalization: (call) => {
    const [x, gamma, beta] = [inputOf(call, 0), inputOf(call, 1), inputOf(call, 2)];
    const [mean, variance, dy] = [inputOf(call, 3), inputOf(call, 4), gradientOf(call)];
    const epsilon = numberOf(call.attributes, "epsilon", 1e-5);
    const scale = () =>
      call.graph.once(`deviation of ${variance.name} ${epsilon}`, () =>
        variance.plus(epsilon).sqrt().reciprocal(),
      );
    call.give(0, () => dy.times(overChannels(gamma.times(scale()), x.rank)));
    call.give(1, () => {
      const centred = x.minus(overChannels(mean, x.rank));
      return dy.times(centred).sum(channelAxes(x)).times(scale()).reshape(gamma.shape);
    });
    call.give(2, () => dy.sum(channelAxes(x)).reshape(beta.shape));
  },
  InstanceNormalization: (call) => {
    const [x, gamma, dy] = [inputOf(call, 0), inputOf(call, 1), gradientOf(call)];
    const axes = x.shape.slice(2).map((_, axis) => axis + 2);
    const epsilon = numberOf(call.attributes, "epsilon", 1e-5);
    const { normal, scale } = standardised(x, axes, epsilon);
    call.give(0, () => throughStandardised(dy.times(overChannels(gamma, x.rank)), normal, scale, axes));
    call.give(1, () => dy.times(normal).sum(channelAxes(x)));
    call.give(2, () => dy.sum(channelAxes(x)));
  },
  LayerNormalization: (call) => {
    const [x, gamma, dy] = [inputOf(call, 0), inputOf(call, 1), gradientOf(call)];
    const beta = call.inputs[2];
    const [first = 0] = axesOf([numberOf(call.attributes, "axis", -1)], x.rank);
    const axes = x.shape.flatMap((_, axis) => (axis >= first ? [axis] : []));
    const { normal, scale } = standardised(x, axes, numberOf(call.attributes, "epsilon", 1e-5));
    call.give(0, () => throughStandardised(dy.times(gamma), normal, scale, axes));
    call.give(1, () => dy.times(normal).sumTo(gamma.shape));
    if (beta !== undefined) call.give(2, () => dy.sumTo(beta.shape));
  },
} as const satisfies Record<string, Rule>;

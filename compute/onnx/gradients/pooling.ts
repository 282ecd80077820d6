import { concat, type Tensor } from "../graph/tensor.ts";
import { gradientOf, inputOf, numberOf, outputOf, type Rule, unary } from "./rule.ts";
import { at, perAxis, spanOf, type Window, windowOf } from "./window.ts";

/**
 * For every place of a padded input, the sum over the windows that hold it of `part(window's offset, tap)`.
 * Places of equal remainder by the stride are one strided tensor, whose taps are whole shifts: no scattering.
 *
 * @param part - the contribution of one tap: a tensor of the output's places, shifted to the input's.
 */
function gather(window: Window, places: readonly number[], part: (tap: readonly number[]) => Tensor): Tensor {
  return interleave(window, places, [], part);
}

function interleave(
  window: Window,
  places: readonly number[],
  phase: readonly number[],
  part: (tap: readonly number[]) => Tensor,
): Tensor {
  const axis = phase.length;
  if (axis === window.kernel.length) return sumOfTaps(window, phase, part);
  const stride = at(window.strides, axis);
  const phases = Array.from({ length: stride }, (_, k) => interleave(window, places, [...phase, k], part));
  // Stacked behind their axis and read in order, the phases alternate.
  const stacked = phases.map((tensor) => {
    const shape = [...tensor.shape.slice(0, axis + 3), 1, ...tensor.shape.slice(axis + 3)];
    return tensor.reshape(shape);
  });
  const joined = concat(stacked, axis + 3);
  const [first] = phases;
  const shape = (first as Tensor).shape.map((size, k) => (k === axis + 2 ? size * stride : size)); // safe: strides are 1 or more
  return joined.reshape(shape);
}

function sumOfTaps(
  window: Window,
  phase: readonly number[],
  part: (tap: readonly number[]) => Tensor,
): Tensor {
  const offsets = window.kernel.map((size, axis) =>
    Array.from({ length: size }, (_, tap) => tap * at(window.dilations, axis)).filter(
      (offset) => offset % at(window.strides, axis) === at(phase, axis),
    ),
  );
  const taps = offsets.reduce<readonly (readonly number[])[]>(
    (all, mine) => all.flatMap((tap) => mine.map((offset) => [...tap, offset])),
    [[]],
  );
  const parts = taps.map(part);
  return parts.length === 0 ? part([]) : parts.reduce((sum, each) => sum.plus(each));
}

/** The geometry that both kinds share: outputs, and the padded input in whole strides. */
function layoutOf(x: Tensor, y: Tensor, window: Window) {
  const places = y.shape.slice(2);
  const spans = perAxis(window, (axis) => spanOf(at(window.kernel, axis), at(window.dilations, axis)));
  const strided = perAxis(window, (axis) => {
    const stride = at(window.strides, axis);
    const needed = (at(places, axis) - 1) * stride + at(spans, axis);
    const held = at(window.before, axis) + at(x.shape.slice(2), axis);
    return Math.ceil(Math.max(needed, held) / stride);
  });
  const none = [0, 0];
  return {
    places,
    strided,
    /** The output's numbers at the places of one phase of the input, `shift` further on. */
    shifted: (tensor: Tensor, shift: readonly number[], value: number) =>
      tensor.pad(
        [...none, ...shift],
        [...none, ...strided.map((size, axis) => size - at(places, axis) - at(shift, axis))],
        value,
      ),
    /** Back from the padded input to the input. */
    cropped: (tensor: Tensor) =>
      tensor.pad(
        [...none, ...window.before.map((pad) => -pad)],
        [
          ...none,
          ...strided.map((size, axis) => {
            const whole = size * at(window.strides, axis);
            return at(x.shape.slice(2), axis) + at(window.before, axis) - whole;
          }),
        ],
      ),
  };
}

function shiftOf(window: Window, tap: readonly number[]): readonly number[] {
  return tap.map((offset, axis) => Math.floor(offset / at(window.strides, axis)));
}

/** How many elements each output averaged: those inside the image, and with `countPads` those of the pads. */
function divisors(x: Tensor, y: Tensor, window: Window, countPads: boolean): Float32Array {
  const [sides, places] = [x.shape.slice(2), y.shape.slice(2)];
  const counts = places.map((size, axis) =>
    Array.from({ length: size }, (_, place) => {
      const start = place * at(window.strides, axis) - at(window.before, axis);
      const [low, high] = countPads
        ? [-at(window.before, axis), at(sides, axis) + at(window.after, axis)]
        : [0, at(sides, axis)];
      const taps = Array.from(
        { length: at(window.kernel, axis) },
        (_, tap) => start + tap * at(window.dilations, axis),
      );
      return taps.filter((tap) => tap >= low && tap < high).length;
    }),
  );
  const all = counts.reduce<readonly number[]>((so, axis) => so.flatMap((a) => axis.map((b) => a * b)), [1]);
  return Float32Array.from(all);
}

/** Pooling of any rank, strides, dilations, pads and rounding. */
export const poolingRules = {
  GlobalAveragePool: unary((x, y, dy) => dy.times(y.size / x.size).expand(x.shape)),
  GlobalMaxPool: unary((x, y, dy) => {
    const mask = x.minus(y).notNegative();
    const over = x.shape.slice(2).map((_, axis) => axis + 2);
    return mask.times(dy).over(mask.sum(over, true));
  }),
  AveragePool: (call) => {
    const [x, y, dy] = [inputOf(call, 0), outputOf(call), gradientOf(call)];
    const window = windowOf(call.attributes);
    call.give(0, () => {
      const countPads = numberOf(call.attributes, "count_include_pad", 0) === 1;
      const shape = [1, 1, ...y.shape.slice(2)];
      const counts = call.graph.constant(divisors(x, y, window, countPads), shape, "float").cast(x.type);
      const share = dy.over(counts);
      const { places, shifted, cropped } = layoutOf(x, y, window);
      // No tap has this remainder: nothing flows there.
      const nothing = () =>
        shifted(
          share.times(0),
          places.map(() => 0),
          0,
        );
      return cropped(
        gather(window, places, (tap) =>
          tap.length === 0 ? nothing() : shifted(share, shiftOf(window, tap), 0),
        ),
      );
    });
  },
  // Every element equal to its window's maximum gets the gradient: equal maxima each get all of it.
  MaxPool: (call) => {
    const [x, y, dy] = [inputOf(call, 0), outputOf(call), gradientOf(call)];
    const window = windowOf(call.attributes);
    const gradient = () => {
      const { places, strided, shifted, cropped } = layoutOf(x, y, window);
      const none = [0, 0];
      const padded = x.pad(
        [...none, ...window.before],
        [
          ...none,
          ...strided.map(
            (size, axis) =>
              size * at(window.strides, axis) - at(window.before, axis) - at(x.shape.slice(2), axis),
          ),
        ],
        -3e38,
      );
      const phaseOf = (tap: readonly number[]) => {
        const phase = tap.map((offset, axis) => offset % at(window.strides, axis));
        const axes = phase.map((_, axis) => axis + 2);
        const ends = phase.map((_, axis) => padded.shape[axis + 2] ?? 0);
        return call.graph.once(`phase ${phase.join()} of ${padded.name}`, () =>
          padded.slice(phase, ends, axes, window.strides),
        );
      };
      const nothing = () =>
        shifted(
          dy.times(0),
          places.map(() => 0),
          0,
        );
      return cropped(
        gather(window, places, (tap) => {
          if (tap.length === 0) return nothing();
          const shift = shiftOf(window, tap);
          const isMaximum = phaseOf(tap)
            .minus(shifted(y, shift, 3e38))
            .notNegative();
          return isMaximum.times(shifted(dy, shift, 0));
        }),
      );
    };
    call.give(0, () => call.graph.composite("MaxPoolGradient", [x, y, dy], call.attributes, gradient));
  },
} as const satisfies Record<string, Rule>;

import { ComputeError } from "../../errors.ts";
import { axesOf, reducedShape, sizeOf } from "../graph/shapes.ts";
import { concat, type Tensor } from "../graph/tensor.ts";
import {
  constantNumbers,
  flat,
  gradientOf,
  inputOf,
  numberOf,
  numbersOf,
  outputOf,
  type Rule,
  type RuleCall,
  unary,
} from "./rule.ts";

const back: Rule = (call) => {
  const x = inputOf(call, 0);
  call.give(0, () => gradientOf(call).reshape(x.shape));
};

/** Axes of a reduction: an attribute up to opset 17, an input for ReduceSum from 13 on; none is all. */
function reducedAxes(call: RuleCall): readonly number[] {
  const { rank } = inputOf(call, 0);
  const given = constantNumbers(call, 1) ?? numbersOf(call.attributes, "axes", []);
  if (given.length === 0 && numberOf(call.attributes, "noop_with_empty_axes", 0) === 1) return [];
  return axesOf(given.length === 0 ? Array.from({ length: rank }, (_, axis) => axis) : given, rank);
}

function withAxes(call: RuleCall, tensor: Tensor): Tensor {
  return tensor.reshape(reducedShape(inputOf(call, 0).shape, reducedAxes(call), true));
}

/** The extreme gets the gradient; equal ones share it. */
const extreme: Rule = (call) => {
  const [x, y, dy] = [inputOf(call, 0), outputOf(call), gradientOf(call)];
  call.give(0, () => {
    const difference = x.minus(withAxes(call, y)).map("Abs").negated();
    const mask = difference.notNegative();
    return mask.times(withAxes(call, dy)).over(mask.sum(reducedAxes(call), true));
  });
};

/** Zeros between, before and after what a slice with steps took. */
function unslice(dy: Tensor, size: number, axis: number, start: number, step: number): Tensor {
  const taken = dy.shape[axis] ?? 0;
  const whole = [...dy.shape];
  let spread = dy;
  if (step > 1) {
    const apart = [...dy.shape.slice(0, axis + 1), 1, ...dy.shape.slice(axis + 1)];
    const after = apart.map((_, k) => (k === axis + 1 ? step - 1 : 0));
    whole[axis] = taken * step;
    spread = dy
      .reshape(apart)
      .pad(
        after.map(() => 0),
        after,
      )
      .reshape(whole);
  }
  const none = whole.map(() => 0);
  const before = none.map((_, k) => (k === axis ? start : 0));
  const after = none.map((_, k) => (k === axis ? size - start - (whole[axis] ?? 0) : 0));
  return spread.pad(before, after);
}

/** Operators that move, cut, join and reduce. */
export const shapeRules = {
  Reshape: back,
  Flatten: back,
  Squeeze: back,
  Unsqueeze: back,
  Transpose: unary((x, _y, dy, attributes) => {
    const order = numbersOf(
      attributes,
      "perm",
      x.shape.map((_, axis) => x.rank - 1 - axis),
    );
    const inverse = [...order];
    for (const [place, axis] of order.entries()) inverse[axis] = place;
    return dy.transpose(inverse);
  }),
  Expand: (call) => {
    const x = inputOf(call, 0);
    call.give(0, () => gradientOf(call).sumTo(x.shape));
  },
  Tile: (call) => {
    const [x, dy] = [inputOf(call, 0), gradientOf(call)];
    const repeats = constantNumbers(call, 1) ?? [];
    call.give(0, () =>
      dy
        .reshape(x.shape.flatMap((size, axis) => [repeats[axis] ?? 1, size]))
        .sum(x.shape.map((_, axis) => 2 * axis)),
    );
  },
  Concat: (call) => {
    const dy = gradientOf(call);
    const [axis = 0] = axesOf([numberOf(call.attributes, "axis", 0)], dy.rank);
    let from = 0;
    for (const [index, tensor] of call.inputs.entries()) {
      const [start, end] = [from, from + (tensor?.shape[axis] ?? 0)];
      call.give(index, () => dy.slice([start], [end], [axis]));
      from = end;
    }
  },
  Split: (call) => {
    const x = inputOf(call, 0);
    const [axis = 0] = axesOf([numberOf(call.attributes, "axis", 0)], x.rank);
    call.give(0, () => {
      const parts = call.outputs.map(
        (output, k) => call.outputGradients[k] ?? call.graph.scalar(0, x.type).expand(output.shape),
      );
      return concat(parts, axis);
    });
  },
  Slice: (call) => {
    const [x, dy] = [inputOf(call, 0), gradientOf(call)];
    const starts = constantNumbers(call, 1) ?? [];
    const axes = axesOf(constantNumbers(call, 3) ?? starts.map((_, k) => k), x.rank);
    const steps = constantNumbers(call, 4) ?? starts.map(() => 1);
    if (steps.some((step) => step < 1)) {
      throw new ComputeError("INVALID_INPUT", "Expected a slice forwards, got one with negative steps");
    }
    call.give(0, () =>
      axes.reduce((gradient, axis, k) => {
        const size = x.shape[axis] ?? 0;
        const start = starts[k] ?? 0;
        const from = Math.min(size, Math.max(0, start < 0 ? start + size : start));
        return unslice(gradient, size, axis, from, steps[k] ?? 1);
      }, dy),
    );
  },
  Pad: (call) => {
    const [x, dy] = [inputOf(call, 0), gradientOf(call)];
    if ((call.attributes["mode"] ?? "constant") !== "constant") {
      throw new ComputeError("INVALID_INPUT", "Expected padding with a constant, got another mode");
    }
    const pads = constantNumbers(call, 1) ?? [];
    const away = pads.map((size) => -size);
    call.give(0, () => dy.pad(away.slice(0, x.rank), away.slice(x.rank)));
  },
  Gather: (call) => {
    const [x, indices, dy] = [inputOf(call, 0), inputOf(call, 1), gradientOf(call)];
    const [axis = 0] = axesOf([numberOf(call.attributes, "axis", 0)], x.rank);
    // A matrix of ones at the places that were taken: exact, and dense only along this axis.
    call.give(0, () => {
      const size = x.shape[axis] ?? 0;
      const taken = sizeOf(indices.shape);
      const places = call.graph.apply(
        "OneHot",
        [
          indices.reshape([taken]),
          call.graph.integers([size]),
          call.graph.constant(arrayOfTwo(x.type), [2], x.type),
        ],
        { shape: [taken, size], type: x.type },
        { attributes: { axis: -1 } },
      );
      const front = x.shape.slice(0, axis);
      const rest = x.shape.slice(axis + 1);
      const flat3 = dy.reshape([sizeOf(front), taken, sizeOf(rest)]);
      return places.matrixTranspose().matmul(flat3).reshape(x.shape);
    });
  },
  DepthToSpace: unary((x, _y, dy, attributes) => {
    const block = numberOf(attributes, "blocksize", 1);
    const [n = 0, c = 0, h = 0, w = 0] = x.shape;
    const depth = c / block ** 2;
    const split = dy.reshape([n, depth, h, block, w, block]);
    const order = attributes["mode"] === "CRD" ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4];
    return split.transpose(order).reshape(x.shape);
  }),
  SpaceToDepth: unary((x, _y, dy, attributes) => {
    const block = numberOf(attributes, "blocksize", 1);
    const [n = 0, c = 0, h = 0, w = 0] = x.shape;
    return dy
      .reshape([n, block, block, c, h / block, w / block])
      .transpose([0, 3, 4, 1, 5, 2])
      .reshape(x.shape);
  }),
  ReduceSum: (call) => {
    const x = inputOf(call, 0);
    call.give(0, () => withAxes(call, gradientOf(call)).expand(x.shape));
  },
  ReduceMean: (call) => {
    const [x, y] = [inputOf(call, 0), outputOf(call)];
    call.give(0, () => withAxes(call, gradientOf(call).times(y.size / x.size)).expand(x.shape));
  },
  ReduceMax: extreme,
  ReduceMin: extreme,
  ReduceSumSquare: (call) => {
    const x = inputOf(call, 0);
    call.give(0, () => x.times(2).times(withAxes(call, gradientOf(call))));
  },
  ReduceL2: (call) => {
    const [x, y] = [inputOf(call, 0), outputOf(call)];
    call.give(0, () => x.times(withAxes(call, gradientOf(call).over(y))));
  },
  ReduceLogSumExp: (call) => {
    const [x, y] = [inputOf(call, 0), outputOf(call)];
    call.give(0, () =>
      x
        .minus(withAxes(call, y))
        .exp()
        .times(withAxes(call, gradientOf(call))),
    );
  },
  Shape: flat,
  Size: flat,
  ArgMax: flat,
  ArgMin: flat,
  Floor: flat,
  Ceil: flat,
  Round: flat,
  Sign: flat,
  Equal: flat,
  Greater: flat,
  GreaterOrEqual: flat,
  Less: flat,
  LessOrEqual: flat,
  Not: flat,
  ConstantOfShape: flat,
  Range: flat,
} as const satisfies Record<string, Rule>;

function arrayOfTwo(type: Tensor["type"]): Float32Array | Float64Array {
  return type === "double" ? Float64Array.of(0, 1) : Float32Array.of(0, 1);
}

import { axesOf } from "../graph/shapes.ts";
import type { Tensor } from "../graph/tensor.ts";
import { gradientOf, inputOf, numberOf, outputOf, type Rule, unary } from "./rule.ts";

/** 1 where a piecewise linear function rises: strictly between its flat ends. */
function between(y: Tensor, low: number, high: number): Tensor {
  return y.minus(low).positive().times(y.negated().plus(high).positive());
}

function lastAxis(y: Tensor, axis: number): readonly number[] {
  return axesOf([axis], y.rank);
}

/** Activations, as ONNX defines them. */
export const activationRules = {
  Relu: unary((_x, y, dy) => dy.times(y.positive())),
  LeakyRelu: unary((x, _y, dy, attributes) => {
    const slope = numberOf(attributes, "alpha", 0.01);
    return dy.times(
      x
        .positive()
        .times(1 - slope)
        .plus(slope),
    );
  }),
  PRelu: (call) => {
    const [x, slope, dy] = [inputOf(call, 0), inputOf(call, 1), gradientOf(call)];
    const positive = () => call.graph.once(`positive ${x.name}`, () => x.positive());
    call.give(0, () => dy.times(positive().plus(positive().negated().plus(1).times(slope))));
    call.give(1, () => dy.times(x).times(positive().negated().plus(1)).sumTo(slope.shape));
  },
  // alpha * (exp(x) - 1) below 0, so that y + alpha is the slope there.
  Elu: unary((x, y, dy, attributes) => {
    const positive = x.positive();
    const below = y.plus(numberOf(attributes, "alpha", 1)).times(positive.negated().plus(1));
    return dy.times(positive.plus(below));
  }),
  Selu: unary((x, y, dy, attributes) => {
    const alpha = numberOf(attributes, "alpha", 1.6732631921768188);
    const gamma = numberOf(attributes, "gamma", 1.0507010221481323);
    const positive = x.positive();
    const below = y.plus(alpha * gamma).times(positive.negated().plus(1));
    return dy.times(positive.times(gamma).plus(below));
  }),
  Sigmoid: unary((_x, y, dy) => dy.times(y.times(y.negated().plus(1)))),
  Tanh: unary((_x, y, dy) => dy.times(y.times(y).negated().plus(1))),
  Softplus: unary((x, _y, dy) => dy.times(x.sigmoid())),
  // x / (1 + |x|)
  Softsign: unary((x, _y, dy) => {
    const below = x.map("Abs").plus(1);
    return dy.over(below.times(below));
  }),
  HardSigmoid: unary((_x, y, dy, attributes) =>
    dy.times(between(y, 0, 1).times(numberOf(attributes, "alpha", 0.2))),
  ),
  // x * clip(x / 6 + 1 / 2, 0, 1)
  HardSwish: unary((x, _y, dy) => {
    const gate = x.map("HardSigmoid", { alpha: 1 / 6, beta: 0.5 });
    return dy.times(gate.plus(x.times(1 / 6).times(between(gate, 0, 1))));
  }),
  Clip: (call) => {
    const [x, dy] = [inputOf(call, 0), gradientOf(call)];
    const [, low, high] = call.inputs;
    call.give(0, () => {
      let kept = dy;
      if (low !== undefined) kept = kept.times(x.minus(low).positive());
      if (high !== undefined) kept = kept.times(high.minus(x).positive());
      return kept;
    });
  },
  Softmax: unary((_x, y, dy, attributes) => {
    const over = lastAxis(y, numberOf(attributes, "axis", -1));
    const weighted = dy.times(y);
    return weighted.minus(y.times(weighted.sum(over, true)));
  }),
  LogSoftmax: unary((_x, y, dy, attributes) => {
    const over = lastAxis(y, numberOf(attributes, "axis", -1));
    return dy.minus(y.exp().times(dy.sum(over, true)));
  }),
  Identity: unary((_x, _y, dy) => dy),
  // Differentiated graphs are in inference form, where dropout passes everything.
  Dropout: (call) => {
    call.give(0, () => gradientOf(call));
  },
  Cast: (call) => {
    const x = inputOf(call, 0);
    const isFloating = x.type === "float" || x.type === "double";
    if (isFloating && outputOf(call).type !== "int64") call.give(0, () => gradientOf(call).cast(x.type));
  },
} as const satisfies Record<string, Rule>;

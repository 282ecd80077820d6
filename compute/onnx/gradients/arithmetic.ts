import type { Tensor } from "../graph/tensor.ts";
import { gradientOf, inputOf, outputOf, type Rule, type RuleCall, unary } from "./rule.ts";

function pair(call: RuleCall): readonly [Tensor, Tensor, Tensor, Tensor] {
  return [inputOf(call, 0), inputOf(call, 1), outputOf(call), gradientOf(call)];
}

/** Of two, the one that was taken gets the gradient; where they are equal, each gets half. */
function chosen(sign: 1 | -1): Rule {
  return (call) => {
    const { inputs } = call;
    const dy = gradientOf(call);
    const y = outputOf(call);
    const rank = (tensor: Tensor) => (sign === 1 ? tensor.minus(y) : y.minus(tensor)).notNegative();
    const given = inputs.filter((tensor) => tensor !== undefined);
    const winners = () => call.graph.once(`winners of ${y.name}`, () => sumOf(given.map(rank)));
    for (const [index, tensor] of inputs.entries()) {
      if (tensor !== undefined) {
        call.give(index, () => dy.times(rank(tensor)).over(winners()).sumTo(tensor.shape));
      }
    }
  };
}

function sumOf(tensors: readonly Tensor[]): Tensor {
  return tensors.reduce((sum, tensor) => sum.plus(tensor));
}

/** Element-wise arithmetic with broadcasting. */
export const arithmeticRules = {
  Add: (call) => {
    const [a, b, , dy] = pair(call);
    call.give(0, () => dy.sumTo(a.shape));
    call.give(1, () => dy.sumTo(b.shape));
  },
  Sub: (call) => {
    const [a, b, , dy] = pair(call);
    call.give(0, () => dy.sumTo(a.shape));
    call.give(1, () => dy.sumTo(b.shape).negated());
  },
  Mul: (call) => {
    const [a, b, , dy] = pair(call);
    call.give(0, () => dy.times(b).sumTo(a.shape));
    call.give(1, () => dy.times(a).sumTo(b.shape));
  },
  Div: (call) => {
    const [a, b, y, dy] = pair(call);
    call.give(0, () => dy.over(b).sumTo(a.shape));
    call.give(1, () => dy.times(y).over(b).sumTo(b.shape).negated());
  },
  Pow: (call) => {
    const [a, b, y, dy] = pair(call);
    call.give(0, () =>
      dy
        .times(b)
        .times(a.power(b.minus(1)))
        .sumTo(a.shape),
    );
    call.give(1, () => dy.times(y).times(a.log()).sumTo(b.shape));
  },
  Sum: (call) => {
    const dy = gradientOf(call);
    for (const [index, tensor] of call.inputs.entries()) {
      if (tensor !== undefined) call.give(index, () => dy.sumTo(tensor.shape));
    }
  },
  Mean: (call) => {
    const dy = gradientOf(call);
    const share = 1 / call.inputs.length;
    for (const [index, tensor] of call.inputs.entries()) {
      if (tensor !== undefined) call.give(index, () => dy.times(share).sumTo(tensor.shape));
    }
  },
  Max: chosen(1),
  Min: chosen(-1),
  Neg: unary((_x, _y, dy) => dy.negated()),
  Abs: unary((x, _y, dy) => dy.times(x.positive().minus(x.negated().positive()))),
  Exp: unary((_x, y, dy) => dy.times(y)),
  Log: unary((x, _y, dy) => dy.over(x)),
  Sqrt: unary((_x, y, dy) => dy.times(0.5).over(y)),
  Reciprocal: unary((_x, y, dy) => dy.times(y).times(y).negated()),
  Sin: unary((x, _y, dy) => dy.times(x.map("Cos"))),
  Cos: unary((x, _y, dy) => dy.times(x.map("Sin")).negated()),
  // 2 / sqrt(pi) * exp(-x * x)
  Erf: unary((x, _y, dy) => dy.times(2 / Math.sqrt(Math.PI)).times(x.times(x).negated().exp())),
  Where: (call) => {
    const condition = inputOf(call, 0);
    const [a, b, dy] = [inputOf(call, 1), inputOf(call, 2), gradientOf(call)];
    const mask = () => call.graph.once(`mask of ${condition.name} ${dy.type}`, () => condition.cast(dy.type));
    call.give(1, () => dy.times(mask()).sumTo(a.shape));
    call.give(2, () => dy.times(mask().negated().plus(1)).sumTo(b.shape));
  },
} as const satisfies Record<string, Rule>;

import { ComputeError } from "../../errors.ts";
import type { Attributes, Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";

/** One operation on its way back. */
export interface RuleCall {
  readonly graph: Graph;
  readonly inputs: readonly (Tensor | undefined)[];
  readonly outputs: readonly Tensor[];
  readonly attributes: Attributes;
  /** The gradient of each output; undefined where none flows. */
  readonly outputGradients: readonly (Tensor | undefined)[];
  /** Gives the gradient of an input; made only where it is wanted. */
  give(input: number, make: () => Tensor): void;
}

/** How gradients flow back through one operator: a vector-Jacobian product. */
export type Rule = (call: RuleCall) => void;

/** A rule for an operator of one input and one output: x, y = f(x) and dy to dx. */
export function unary(gradient: (x: Tensor, y: Tensor, dy: Tensor, attributes: Attributes) => Tensor): Rule {
  return (call) => {
    const [x, y, dy] = [inputOf(call, 0), outputOf(call), gradientOf(call)];
    call.give(0, () => gradient(x, y, dy, call.attributes));
  };
}

/** Gradients do not flow through it: its result is constant almost everywhere, or whole numbers. */
export const flat: Rule = () => {};

/** An input that the operator cannot do without. */
export function inputOf({ inputs }: RuleCall, index: number): Tensor {
  const tensor = inputs[index];
  if (tensor === undefined) throw new ComputeError("INVALID_INPUT", `Expected input ${index}, got none`);
  return tensor;
}

/** The first output. */
export function outputOf({ outputs }: RuleCall): Tensor {
  return outputs[0] as Tensor; // safe: every node has an output
}

/** The gradient of the first output. */
export function gradientOf({ outputGradients }: RuleCall): Tensor {
  return outputGradients[0] as Tensor; // safe: rules of one output are called when its gradient is there
}

/** A whole or float attribute, or its default. */
export function numberOf(attributes: Attributes, name: string, otherwise: number): number {
  const value = attributes[name];
  return typeof value === "number" ? value : otherwise;
}

/** A list of whole numbers, or its default. */
export function numbersOf(
  attributes: Attributes,
  name: string,
  otherwise: readonly number[],
): readonly number[] {
  const value = attributes[name];
  return Array.isArray(value) ? (value as readonly number[]) : otherwise; // safe: the only attribute that is an array
}

/** A word, or its default. */
export function wordOf(attributes: Attributes, name: string, otherwise: string): string {
  const value = attributes[name];
  return typeof value === "string" ? value : otherwise;
}

/** The numbers of a constant input. @throws {ComputeError} INVALID_INPUT when it is computed or fed. */
export function constantNumbers({ graph, inputs }: RuleCall, index: number): readonly number[] | undefined {
  const tensor = inputs[index];
  if (tensor === undefined) return undefined;
  const numbers = graph.numbersOf(tensor);
  if (numbers === undefined) {
    throw new ComputeError(
      "INVALID_INPUT",
      `Expected input ${index} to be constant, got a computed one; fold it first`,
    );
  }
  return numbers;
}

import { ModelError } from "./model-error.ts";
import type { Dimension, ModelSignature, TensorSignature } from "./model-signature.ts";
import type { ModelOutput, Preprocessing } from "./preprocessing.ts";

/** How a model is fed and read, as far as its signature says. */
export interface ModelPorts {
  /** Name of its input n x planes x rows x cols. */
  readonly input: string;
  /** Name of its output n x classes. */
  readonly output: string;
  /** Images it takes at once, where its signature fixes them. */
  readonly batch?: number;
}

/**
 * Holds a signature to what a model is said to do: one float32 input n x planes x rows x cols, one float32 output of
 * `classes` numbers an image. A model of two classes may give one number, the score of the second.
 *
 * @throws {ModelError} MODEL_SIGNATURE_MISMATCH
 */
export function checkSignature(
  signature: ModelSignature,
  preprocessing: Preprocessing,
  output: ModelOutput,
  classes: number,
): ModelPorts {
  const [input, ...others] = signature.inputs;
  if (input === undefined || others.length > 0) {
    throw mismatch("one input", `${signature.inputs.length}`);
  }
  const { planes, rows, cols } = preprocessing;
  const [n = null] = fits(input, [null, planes, rows, cols]);
  const found = signature.outputs.find(({ name }) => name === output.name);
  if (found === undefined) {
    throw mismatch(`one of the outputs ${signature.outputs.map(({ name }) => name).join(", ")}`, output.name);
  }
  checkOutput(found, classes);
  const { activation } = output;
  if (activation !== "none" && (found.madeBy === "Softmax" || found.madeBy === "Sigmoid")) {
    throw mismatch(
      `logits for a ${activation}`,
      `${found.name}, which a ${found.madeBy} has made; use activation none`,
    );
  }
  return { input: input.name, output: found.name, ...(typeof n === "number" ? { batch: n } : {}) };
}

/** The numbers of an output that an image has: n x classes, perhaps with sizes of 1 behind, or with a map a class. */
function checkOutput(output: TensorSignature, classes: number): void {
  if (output.type !== "float") throw mismatch("an output of float32", output.type);
  const [, ...sizes] = output.shape ?? [];
  // What the model leaves open shows when it runs.
  if (output.shape === undefined || !sizes.every((size) => typeof size === "number")) return;
  const numbers = sizes.reduce((product, size) => product * size, 1);
  if (numbers === classes || (numbers === 1 && classes === 2)) return;
  const [channels] = sizes;
  if (sizes.length === 3 && (channels === classes || (channels === 1 && classes === 2))) return;
  throw mismatch(`an output of ${classes} numbers or maps an image, one a class`, show(output));
}

function fits(input: TensorSignature, expected: readonly Dimension[]): readonly Dimension[] {
  const shape = input.shape ?? expected;
  const isSame = expected.every(
    (size, i) => size === null || typeof shape[i] !== "number" || shape[i] === size,
  );
  if (input.type === "float" && shape.length === expected.length && isSame && shape[0] !== 0) return shape;
  throw mismatch(`an input of float32 n x ${expected.slice(1).join(" x ")}`, show(input));
}

function show({ name, type, shape }: TensorSignature): string {
  return `${name}, ${type} ${shape?.map((size) => size ?? "?").join(" x ") ?? "of unknown shape"}`;
}

function mismatch(expected: string, got: string): ModelError {
  return new ModelError("MODEL_SIGNATURE_MISMATCH", `Expected ${expected}, got ${got}`);
}

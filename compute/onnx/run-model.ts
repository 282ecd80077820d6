import { InferenceSession, Tensor, type TypedTensor } from "onnxruntime-node";
import type { Constant, ElementArray, ElementType } from "./graph/graph.ts";
import { ModelError } from "./model-error.ts";
import { toSessionError } from "./session-error.ts";
import { sessionOptions } from "./session-options.ts";

/** What onnxruntime calls the element types of our graphs. */
export const runtimeTypes = {
  float: "float32",
  double: "float64",
  int64: "int64",
  int32: "int32",
  bool: "bool",
} as const satisfies Record<ElementType, string>;

const elementTypes: Readonly<Record<string, ElementType>> = Object.fromEntries(
  Object.entries(runtimeTypes).map(([type, name]) => [name, type as ElementType]), // safe: the keys of the table
);

/** Numbers as onnxruntime takes them; nothing is copied. */
export function runtimeTensor({ type, shape, data }: Constant): Tensor {
  return new Tensor(runtimeTypes[type], data as never, [...shape]); // safe: `elementArrays` pairs types with arrays
}

/** A result of onnxruntime with its numbers on the processor. @throws {ModelError} MODEL_INVALID for other types */
export function constantOfTensor(tensor: Tensor): Constant {
  const type = elementTypes[tensor.type];
  if (type === undefined) {
    throw new ModelError("MODEL_INVALID", `Expected floats, whole numbers or bools, got ${tensor.type}`);
  }
  // Safe: the element types of the table have these arrays.
  const { data, dims } = tensor as TypedTensor<"float32">;
  return { type, shape: dims, data: data as ElementArray };
}

/**
 * Runs a model once on the processor, unoptimised, and gives every output: the probe that importing needs.
 *
 * @throws {ModelError} MODEL_INVALID, PROVIDER_OUT_OF_MEMORY
 */
export async function runModelOnce(
  bytes: Uint8Array,
  feeds: Readonly<Record<string, Constant>>,
  threads = 1,
): Promise<Readonly<Record<string, Constant>>> {
  const options = { ...sessionOptions("cpu", threads), graphOptimizationLevel: "disabled" } as const;
  const session = await InferenceSession.create(bytes, options).catch((cause: unknown) => {
    throw toSessionError(cause, "cpu", "open");
  });
  try {
    const given = Object.fromEntries(
      Object.entries(feeds).map(([name, constant]) => [name, runtimeTensor(constant)]),
    );
    const results = await session.run(given);
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [name, constantOfTensor(tensor)]),
    );
  } catch (cause) {
    throw toSessionError(cause, "cpu", "run");
  } finally {
    await session.release();
  }
}

import { readModel, writeModel } from "./model-bytes.ts";
import { ModelError } from "./model-error.ts";
import type { ModelProto, NodeProto } from "./onnx-messages.ts";

/**
 * The value that a person means by the name of a layer: a value of that name, or the first of an operator of that name.
 *
 * @throws {ModelError} MODEL_SIGNATURE_MISMATCH when the graph makes no such value
 */
export function findValue({ graph }: ModelProto, name: string): string {
  const nodes = graph?.node ?? [];
  if (name !== "" && nodes.some(({ output }) => output.includes(name))) return name;
  const [value] = nodes.find((node) => node.name === name && name !== "")?.output ?? [];
  if (value !== undefined) return value;
  throw new ModelError(
    "MODEL_SIGNATURE_MISMATCH",
    "Expected the name of a value or an operator within the model, got another",
  );
}

/** Stands for the name of the value that the last linear layer reads. */
export const PENULTIMATE = "penultimate";

/** Operators between a linear layer and the scores. */
const afterLinear = new Set([
  "Softmax",
  "LogSoftmax",
  "Sigmoid",
  "Identity",
  "Flatten",
  "Reshape",
  "Squeeze",
  "Add",
  "Cast",
]);

/**
 * The value that the last linear layer of a classifier reads.
 *
 * @param output - the name of the output that holds the scores
 * @throws {ModelError} MODEL_SIGNATURE_MISMATCH for a model that does not end in a linear layer of something it has made
 */
export function findPenultimate({ graph }: ModelProto, output: string): string {
  const makers = new Map(
    (graph?.node ?? []).flatMap((node) => node.output.map((name) => [name, node] as const)),
  );
  let [node, steps] = [makers.get(output), 0];
  // Of a sum with a bias, the side that an operator has made.
  while (node !== undefined && afterLinear.has(node.opType ?? "") && steps < makers.size) {
    node = makers.get(node.input.find((input) => makers.has(input) && !isConstant(makers.get(input))) ?? "");
    steps += 1;
  }
  const isLinear = node !== undefined && ["Gemm", "MatMul", "Conv"].includes(node.opType ?? "");
  const value = isLinear
    ? node?.input.find((input) => makers.has(input) && !isConstant(makers.get(input)))
    : undefined;
  if (value !== undefined) return value;
  throw new ModelError(
    "MODEL_SIGNATURE_MISMATCH",
    "Expected a model that ends in a linear layer, whose input is its penultimate value, got another; name a layer",
  );
}

function isConstant(node: NodeProto | undefined): boolean {
  return node?.opType === "Constant";
}

/** Whether a model has a value or an operator of that name. */
export function hasValue({ graph }: ModelProto, name: string): boolean {
  return (graph?.node ?? []).some((node) => node.name === name || node.output.includes(name));
}

/** The same model with values from within it as further outputs, of float32. Copies the weights. */
export function exposeValues(bytes: Uint8Array, names: readonly string[]): Uint8Array<ArrayBuffer> {
  const model = readModel(bytes);
  const { graph } = model;
  if (graph === undefined) return writeModel(model);
  const output = [...graph.output];
  for (const name of names) {
    if (output.some((each) => each.name === name)) continue;
    output.push({ name, type: { tensorType: { elemType: 1 } }, metadataProps: [] });
  }
  return writeModel({ ...model, graph: { ...graph, output } });
}

import { readModel, writeModel } from "./model-bytes.ts";
import { ModelError } from "./model-error.ts";
import type { ModelProto } from "./onnx-messages.ts";

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

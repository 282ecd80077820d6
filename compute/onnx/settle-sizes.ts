import { readModel, writeModel } from "./model-bytes.ts";
import type { ValueInfoProto } from "./onnx-messages.ts";

/**
 * The same model for an input of one size, so that a runtime can work out every other size beforehand: what exporters
 * compute from shapes while a model runs becomes constant, and nothing is left that a graphics device cannot do.
 * (onnxruntime's own overrides of free dimensions stop at the input.) Copies the weights.
 *
 * @param shape - of the input of this name
 */
export function settleSizes(
  bytes: Uint8Array,
  input: string,
  shape: readonly number[],
): Uint8Array<ArrayBuffer> {
  const model = readModel(bytes);
  const { graph } = model;
  if (graph === undefined) return writeModel(model);
  const settle = (value: ValueInfoProto): ValueInfoProto => {
    if (value.name !== input) return value;
    const dim = shape.map((size) => ({ dimValue: BigInt(size) }));
    return { ...value, type: { ...value.type, tensorType: { ...value.type?.tensorType, shape: { dim } } } };
  };
  // What the file says of values in between was said of any size.
  return writeModel({ ...model, graph: { ...graph, input: graph.input.map(settle), valueInfo: [] } });
}

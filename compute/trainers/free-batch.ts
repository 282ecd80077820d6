import { readModel, writeModel } from "../onnx/model-bytes.ts";
import type { ModelProto, TensorProto, ValueInfoProto } from "../onnx/onnx-messages.ts";

const INT64 = 7;

/**
 * A model that was exported for `fixed` images at once, for `batch` of them: its input says so, and shapes that begin with
 * `fixed` begin with "as it comes" instead. What else depends on the number stays, and shows when the model runs.
 */
export function freeBatch(bytes: Uint8Array, input: string, fixed: number, batch: number): Uint8Array {
  const model = readModel(bytes);
  const { graph } = model;
  if (graph === undefined || fixed === batch) return bytes;
  const shapes = new Set(
    graph.node.flatMap((node) => (node.opType === "Reshape" ? node.input.slice(1, 2) : [])),
  );
  const opened: ModelProto = {
    ...model,
    graph: {
      ...graph,
      input: graph.input.map((value) => (value.name === input ? ofBatch(value, batch) : value)),
      // Sizes of results are found anew.
      output: graph.output.map(({ type: _, ...value }) => value),
      valueInfo: [],
      initializer: graph.initializer.map((tensor) =>
        shapes.has(tensor.name ?? "") ? fromInput(tensor, fixed) : tensor,
      ),
      node: graph.node.map((node) =>
        node.opType === "Constant" && node.output.some((name) => shapes.has(name))
          ? {
              ...node,
              attribute: node.attribute.map((each) =>
                each.t ? { ...each, t: fromInput(each.t, fixed) } : each,
              ),
            }
          : node,
      ),
    },
  };
  return writeModel(opened);
}

function ofBatch(value: ValueInfoProto, batch: number): ValueInfoProto {
  const tensor = value.type?.tensorType;
  if (tensor?.shape === undefined) return value;
  const dim = [{ dimValue: BigInt(batch) }, ...tensor.shape.dim.slice(1)];
  return { ...value, type: { ...value.type, tensorType: { ...tensor, shape: { ...tensor.shape, dim } } } };
}

/** A list of sizes whose first is the input's own. */
function fromInput(tensor: TensorProto, fixed: number): TensorProto {
  if (tensor.dataType !== INT64 || tensor.dims.length !== 1) return tensor;
  const raw = tensor.rawData;
  const sizes =
    raw !== undefined && raw.length > 0
      ? [...new BigInt64Array(Uint8Array.from(raw).buffer)]
      : [...(tensor.int64Data ?? [])];
  if (sizes.length < 2 || sizes[0] !== BigInt(fixed)) return tensor;
  const { int64Data: _, ...rest } = tensor;
  return { ...rest, rawData: new Uint8Array(BigInt64Array.from([0n, ...sizes.slice(1)]).buffer) };
}

import * as ort from "onnxruntime-node";
import type { Constant, ElementType } from "../../compute/onnx/graph/graph.ts";
import type { Probe } from "../../compute/onnx/import/import-graph.ts";

const types: Readonly<Record<string, ElementType>> = {
  float32: "float",
  float64: "double",
  int64: "int64",
  int32: "int32",
  bool: "bool",
};

/** Runs a model once in ONNX Runtime on the CPU, unoptimised. For tests. */
export const probeModel: Probe = async (model, feeds) => {
  const session = await ort.InferenceSession.create(model, {
    graphOptimizationLevel: "disabled",
    logSeverityLevel: 3,
  });
  const given = Object.fromEntries(
    Object.entries(feeds).map(([name, { data, shape }]) => [
      name,
      new ort.Tensor("float32", data as Float32Array, [...shape]),
    ]),
  );
  const results = await session.run(given);
  return Object.fromEntries(
    Object.entries(results).map(([name, tensor]): [string, Constant] => {
      const type = types[tensor.type];
      if (type === undefined) throw new Error(`Expected an element type of ours, got ${tensor.type}`);
      const data = tensor.data as unknown as Constant["data"];
      return [name, { type, shape: tensor.dims, data }];
    }),
  );
};

import * as ort from "onnxruntime-node";
import type { ElementArray, Graph } from "../../compute/onnx/graph/graph.ts";
import { modelOf } from "../../compute/onnx/graph/to-model.ts";

const names = {
  float: "float32",
  double: "float64",
  int64: "int64",
  int32: "int32",
  bool: "bool",
} as const;

/** Runs a graph in ONNX Runtime on the CPU, unoptimised, and gives its outputs by name. For tests. */
export async function runGraph(
  graph: Graph,
  feeds: Readonly<Record<string, ElementArray>>,
): Promise<Readonly<Record<string, ElementArray>>> {
  const run = await prepareGraph(graph);
  return run(feeds);
}

/** Opens a session for a graph, to run it often. */
export async function prepareGraph(
  graph: Graph,
  options: ort.InferenceSession.SessionOptions = {},
): Promise<
  (feeds: Readonly<Record<string, ElementArray>>) => Promise<Readonly<Record<string, ElementArray>>>
> {
  const session = await ort.InferenceSession.create(modelOf(graph), {
    graphOptimizationLevel: "disabled",
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
    ...options,
  });
  return async (feeds) => {
    const tensors = Object.fromEntries(
      graph.inputs.map((tensor) => {
        const data = feeds[tensor.name];
        if (data === undefined) throw new Error(`Expected a feed for ${tensor.name}`);
        return [tensor.name, new ort.Tensor(names[tensor.type], data as never, [...tensor.shape])];
      }),
    );
    const results = await session.run(tensors);
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [name, tensor.data as unknown as ElementArray]),
    );
  };
}

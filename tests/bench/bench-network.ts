import { modelOf } from "../../compute/onnx/graph/to-model.ts";
import { readModel, writeModel } from "../../compute/onnx/model-bytes.ts";
import { type ArchitectureName, architectures } from "../../compute/onnx/networks/architectures.ts";
import { initialNumbers } from "../../compute/onnx/networks/initialise.ts";
import { buildNetwork } from "../../compute/onnx/networks/network.ts";
import { floats } from "../support/onnx-models.ts";

/** A network with weights by chance, as a model file and as tensors by name. */
export interface BenchNetwork {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly weights: ReadonlyMap<
    string,
    { readonly shape: readonly number[]; readonly numbers: Float32Array }
  >;
}

/** A published architecture for evaluation: images of `side` x `side`, batches of `batch`, logits of `classes`. */
export function benchNetwork(
  name: ArchitectureName,
  {
    side,
    batch,
    classes,
    planes = 3,
  }: { readonly side: number; readonly batch: number; readonly classes: number; readonly planes?: number },
): BenchNetwork {
  const shape = { batch, planes, rows: side, cols: side, classes };
  const { network, logits } = buildNetwork(architectures[name], "inference", shape);
  network.graph.output("logits", logits);
  const weights = new Map<string, { readonly shape: readonly number[]; readonly numbers: Float32Array }>();
  for (const { name: tensor, shape: dims, initial } of network.parameters) {
    weights.set(tensor, { shape: dims, numbers: initialNumbers(tensor, dims, initial, 7) });
  }
  for (const { name: tensor, shape: dims, initial } of network.statistics) {
    const count = dims.reduce((product, dim) => product * dim, 1);
    weights.set(tensor, { shape: dims, numbers: new Float32Array(count).fill(initial) });
  }
  const model = readModel(modelOf(network.graph));
  if (model.graph === undefined) throw new Error("Expected a graph, got none");
  const initializer = [...model.graph.initializer];
  for (const [tensor, { shape: dims, numbers }] of weights) initializer.push(floats(tensor, dims, numbers));
  // As exporters leave it: weights are constants, so that onnxruntime may fold and pack them.
  const input = model.graph.input.filter((value) => !weights.has(value.name ?? ""));
  return { bytes: writeModel({ ...model, graph: { ...model.graph, input, initializer } }), weights };
}

import type { Graph } from "../onnx/graph/graph.ts";
import { modelOf } from "../onnx/graph/to-model.ts";
import { readModel, writeModel } from "../onnx/model-bytes.ts";
import type { ValueInfoProto } from "../onnx/onnx-messages.ts";

/** The name of the first size of images and scores: as many as come. */
const IMAGES = "n";

/**
 * The file of a baked network: plain ONNX that any runtime takes.
 *
 * @param open - whether it takes any number of images; otherwise as many as the graph was built for
 */
export function modelFile(
  graph: Graph,
  metadata: Readonly<Record<string, string>>,
  open: boolean,
): Uint8Array<ArrayBuffer> {
  const bytes = modelOf(graph, { metadata });
  if (!open) return bytes;
  const model = readModel(bytes);
  if (model.graph === undefined) throw new Error("Expected the graph that was written");
  const { input, output } = model.graph;
  return writeModel({
    ...model,
    graph: { ...model.graph, input: input.map(anyNumber), output: output.map(anyNumber) },
  });
}

function anyNumber(value: ValueInfoProto): ValueInfoProto {
  const tensor = value.type?.tensorType;
  if (tensor?.shape === undefined) return value;
  const [, ...sizes] = tensor.shape.dim;
  const dim = [{ dimParam: IMAGES }, ...sizes];
  return { ...value, type: { ...value.type, tensorType: { ...tensor, shape: { ...tensor.shape, dim } } } };
}

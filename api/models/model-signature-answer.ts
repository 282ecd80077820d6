import type { GraphSummary, OutputSignature } from "./model.table.ts";
import type { ModelGraph, ModelTensor } from "./model-signature.type.ts";

/** A stored tensor as GraphQL shows it: every size is a text. */
export function toModelTensor({ name, type, shape, madeBy, activation }: OutputSignature): ModelTensor {
  return {
    name,
    type,
    ...(shape === undefined ? {} : { shape: shape.map((size) => String(size ?? "?")) }),
    ...(madeBy === undefined ? {} : { madeBy }),
    ...(activation === undefined ? {} : { activation }),
  };
}

/** A stored summary of a graph as GraphQL shows it. */
export function toModelGraph({
  parameters,
  byteLength,
  producer,
  opsets,
  operators,
}: GraphSummary): ModelGraph {
  return {
    parameters,
    byteLength,
    producer,
    opset: opsets[""] ?? opsets["ai.onnx"] ?? null,
    operators: Object.entries(operators).map(([operator, count]) => ({ operator, count })),
  };
}

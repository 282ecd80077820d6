import type {
  AttributeProto,
  GraphProto,
  ModelProto,
  NodeProto,
  SparseTensorProto,
  TensorProto,
} from "./onnx-messages.ts";

/** What a walk meets. */
export interface ModelVisitor {
  tensor?(tensor: TensorProto): void;
  node?(node: NodeProto, graph: Pick<GraphProto, "node" | "initializer">): void;
}

/** Visits every tensor and node of a model, wherever it may hide: subgraphs, functions, sparse tensors, attributes, training. */
export function walkModel(model: ModelProto, visitor: ModelVisitor): void {
  if (model.graph) walkGraph(model.graph, visitor);
  for (const { initialization, algorithm } of model.trainingInfo) {
    if (initialization) walkGraph(initialization, visitor);
    if (algorithm) walkGraph(algorithm, visitor);
  }
  for (const { node: nodes, attributeProto } of model.functions) {
    for (const node of nodes) walkNode(node, { node: nodes, initializer: [] }, visitor);
    for (const attribute of attributeProto) walkAttribute(attribute, visitor);
  }
}

function walkGraph(graph: GraphProto, visitor: ModelVisitor): void {
  for (const tensor of graph.initializer) visitor.tensor?.(tensor);
  for (const sparse of graph.sparseInitializer) walkSparse(sparse, visitor);
  for (const node of graph.node) walkNode(node, graph, visitor);
}

function walkNode(
  node: NodeProto,
  graph: Pick<GraphProto, "node" | "initializer">,
  visitor: ModelVisitor,
): void {
  visitor.node?.(node, graph);
  for (const attribute of node.attribute) walkAttribute(attribute, visitor);
}

function walkAttribute(attribute: AttributeProto, visitor: ModelVisitor): void {
  // Whatever its declared type says: a reader that looks elsewhere than we do must find nothing there.
  for (const tensor of [attribute.t, ...attribute.tensors]) if (tensor) visitor.tensor?.(tensor);
  for (const graph of [attribute.g, ...attribute.graphs]) if (graph) walkGraph(graph, visitor);
  for (const sparse of [attribute.sparseTensor, ...attribute.sparseTensors]) {
    if (sparse) walkSparse(sparse, visitor);
  }
}

function walkSparse({ values, indices }: SparseTensorProto, visitor: ModelVisitor): void {
  for (const tensor of [values, indices]) if (tensor) visitor.tensor?.(tensor);
}

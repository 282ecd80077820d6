import { writeModel } from "../model-bytes.ts";
import type { AttributeProto, GraphProto, TensorProto, ValueInfoProto } from "../onnx-messages.ts";
import { type Attribute, type Constant, Graph, type GraphNode } from "./graph.ts";
import type { Shape } from "./shapes.ts";
import { castCodes, type Tensor } from "./tensor.ts";

/** The operator set that graphs of ours are written in: reductions still have their axes as attributes there. */
export const GRAPH_OPSET = 17;
const IR_VERSION = 8n;
const PRODUCER = "stratum";

/** Attributes that ONNX declares as floats; all other numbers are whole. */
export const floatAttributes: ReadonlySet<string> = new Set([
  "alpha",
  "beta",
  "gamma",
  "lambd",
  "bias",
  "epsilon",
  "momentum",
  "cubic_coeff_a",
  "extrapolation_value",
]);

/** What a model carries beside its graph. */
export interface ModelOptions {
  /** Pairs kept in the file, such as the preprocessing record. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Operator sets of other domains, such as onnxruntime's own; 1 for those that the graph uses and that are not named. */
  readonly domains?: Readonly<Record<string, number>>;
}

/** The bytes of a model file that holds this graph. */
export function modelOf(
  graph: Graph,
  { metadata = {}, domains = {} }: ModelOptions = {},
): Uint8Array<ArrayBuffer> {
  return writeModel({
    irVersion: IR_VERSION,
    producerName: PRODUCER,
    graph: graphProto(graph),
    opsetImport: [
      { domain: "", version: BigInt(GRAPH_OPSET) },
      ...Object.entries({ ...domainsOf(graph), ...domains }).map(([domain, version]) => ({
        domain,
        version: BigInt(version),
      })),
    ],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    trainingInfo: [],
    functions: [],
    configuration: [],
  });
}

function domainsOf({ nodes }: Graph): Readonly<Record<string, number>> {
  const within = nodes.flatMap(({ attributes }) =>
    Object.values(attributes).flatMap((value) => (value instanceof Graph ? [value] : [])),
  );
  const own = nodes.flatMap(({ domain }) => (domain === "" ? [] : [[domain, 1]]));
  return Object.assign(Object.fromEntries(own), ...within.map(domainsOf));
}

function graphProto(graph: Graph): GraphProto {
  const names = outputNames(graph);
  const nameOf = (tensor: Tensor) => names.get(tensor) ?? tensor.name;
  const node = graph.nodes.map((each) => nodeProto(each, nameOf));
  // An output that is an input, a constant or another output already needs an operation that gives it the name.
  for (const { name, tensor } of graph.outputs) {
    if (nameOf(tensor) !== name) node.push(plainNode("Identity", [nameOf(tensor)], [name]));
  }
  return {
    name: graph.name,
    node,
    initializer: [...graph.constants].map(([tensor, constant]) => tensorProto(constant, tensor.name)),
    input: graph.inputs.map((tensor) => valueInfo(tensor.name, tensor)),
    output: graph.outputs.map(({ name, tensor }) => valueInfo(name, tensor)),
    valueInfo: [],
    quantizationAnnotation: [],
    sparseInitializer: [],
    metadataProps: [],
  };
}

/** Results bear their names where they are computed: a copy to rename them would cost as much as any operation. */
function outputNames(graph: Graph): ReadonlyMap<Tensor, string> {
  const computed = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const names = new Map<Tensor, string>();
  for (const { name, tensor } of graph.outputs) {
    if (computed.has(tensor) && !names.has(tensor)) names.set(tensor, name);
  }
  return names;
}

function plainNode(opType: string, input: string[], output: string[]): GraphProto["node"][number] {
  return { opType, input, output, domain: "", attribute: [], metadataProps: [], deviceConfigurations: [] };
}

function nodeProto(
  { op, domain, inputs, outputs, attributes }: GraphNode,
  nameOf: (tensor: Tensor) => string,
): GraphProto["node"][number] {
  const input = inputs.map((tensor) => (tensor === undefined ? "" : nameOf(tensor)));
  return {
    ...plainNode(op, input, outputs.map(nameOf)),
    domain,
    attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
  };
}

// AttributeProto.AttributeType
const kinds = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7 } as const;

function attributeProto(name: string, value: Attribute): AttributeProto {
  const empty = {
    name,
    floats: [],
    ints: [],
    strings: [],
    tensors: [],
    graphs: [],
    typeProtos: [],
    sparseTensors: [],
  };
  if (value instanceof Graph) return { ...empty, type: kinds.graph, g: graphProto(value) };
  if (typeof value === "string") return { ...empty, type: kinds.string, s: new TextEncoder().encode(value) };
  if (typeof value === "number") {
    return floatAttributes.has(name)
      ? { ...empty, type: kinds.float, f: value }
      : { ...empty, type: kinds.int, i: BigInt(value) };
  }
  if (isNumbers(value)) return { ...empty, type: kinds.ints, ints: value.map(BigInt) };
  return { ...empty, type: kinds.tensor, t: tensorProto(value) };
}

function isNumbers(value: readonly number[] | Constant): value is readonly number[] {
  return Array.isArray(value);
}

function tensorProto({ type, shape, data }: Constant, name?: string): TensorProto {
  return {
    ...(name === undefined ? {} : { name }),
    dims: shape.map(BigInt),
    dataType: castCodes[type],
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    stringData: [],
    externalData: [],
    metadataProps: [],
  };
}

function valueInfo(
  name: string,
  { shape, type }: { readonly shape: Shape; readonly type: Tensor["type"] },
): ValueInfoProto {
  return {
    name,
    type: {
      tensorType: {
        elemType: castCodes[type],
        shape: { dim: shape.map((size) => ({ dimValue: BigInt(size) })) },
      },
    },
    metadataProps: [],
  };
}

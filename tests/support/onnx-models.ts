import { writeModel } from "../../compute/onnx/model-bytes.ts";
import {
  type AttributeProto,
  type ElementType,
  elementTypes,
  type GraphProto,
  type Message,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from "../../compute/onnx/onnx-messages.ts";

/** Small ONNX models, so that tests need no files: values in, real model bytes out. */

type Attribute = number | bigint | string | readonly bigint[] | Float32Array | TensorProto | GraphProto;

/** A float32 tensor of these dimensions; the values repeat when they are too few. */
export function floats(name: string, dims: readonly number[], values: ArrayLike<number>): TensorProto {
  const count = dims.reduce((product, dim) => product * dim, 1);
  const raw = Float32Array.from({ length: count }, (_, i) => values[i % values.length] ?? 0);
  return tensor(name, "float", dims, new Uint8Array(raw.buffer));
}

/** An int64 tensor of one dimension. */
export function int64s(name: string, values: readonly bigint[]): TensorProto {
  return tensor(name, "int64", [values.length], new Uint8Array(BigInt64Array.from(values).buffer));
}

/** A tensor of raw bytes. */
export function tensor(
  name: string,
  type: ElementType,
  dims: readonly number[],
  rawData: Uint8Array,
): TensorProto {
  return {
    name,
    dataType: elementTypes.indexOf(type),
    dims: dims.map(BigInt),
    rawData,
    stringData: [],
    externalData: [],
    metadataProps: [],
  };
}

/** One operator. Numbers become floats, bigints integers. */
export function node(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
  domain?: string,
): NodeProto {
  return {
    opType,
    input,
    output,
    ...(domain === undefined ? {} : { domain }),
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    metadataProps: [],
    deviceConfigurations: [],
  };
}

function attribute(name: string, value: Attribute): AttributeProto {
  const none = {
    floats: [],
    ints: [],
    strings: [],
    tensors: [],
    graphs: [],
    typeProtos: [],
    sparseTensors: [],
  };
  if (typeof value === "number") return { ...none, name, type: 1, f: value };
  if (typeof value === "bigint") return { ...none, name, type: 2, i: value };
  if (typeof value === "string") return { ...none, name, type: 3, s: new TextEncoder().encode(value) };
  if (value instanceof Float32Array) return { ...none, name, type: 6, floats: [...value] };
  if (isList(value)) return { ...none, name, type: 7, ints: value };
  if ("node" in value) return { ...none, name, type: 5, g: value };
  return { ...none, name, type: 4, t: value };
}

function isList(value: Attribute): value is readonly bigint[] {
  return Array.isArray(value);
}

/** A tensor that goes in or out; a text is a symbolic size. */
export function value(
  name: string,
  shape: readonly (number | string)[],
  type: ElementType = "float",
): ValueInfoProto {
  const dim = shape.map((size) =>
    typeof size === "string" ? { dimParam: size } : { dimValue: BigInt(size) },
  );
  return {
    name,
    type: { tensorType: { elemType: elementTypes.indexOf(type), shape: { dim } } },
    metadataProps: [],
  };
}

/** A graph of these nodes. */
export function graph(parts: Partial<GraphProto>): GraphProto {
  return {
    node: [],
    name: "graph",
    initializer: [],
    input: [],
    output: [],
    valueInfo: [],
    quantizationAnnotation: [],
    sparseInitializer: [],
    metadataProps: [],
    ...parts,
  };
}

/** A model around a graph, of operator set 17. */
export function model(of: GraphProto, parts: Partial<ModelProto> = {}): ModelProto {
  const opset: Message<"OperatorSetIdProto"> = { domain: "", version: 17n };
  return {
    irVersion: 8n,
    producerName: "stratum-tests",
    graph: of,
    opsetImport: [opset],
    metadataProps: [],
    trainingInfo: [],
    functions: [],
    configuration: [],
    ...parts,
  };
}

/** How the classifier of `classifier` is made. */
export interface ClassifierOptions {
  readonly size?: number;
  readonly planes?: 1 | 3;
  readonly classes?: number;
  /** Filters of its one convolution. */
  readonly filters?: number;
  /** Size of the batch dimension; absent: any. */
  readonly batch?: number;
  readonly seed?: number;
  readonly parts?: Partial<ModelProto>;
}

/** Convolution 3 x 3, ReLU, mean over the image, linear layer: logits n x classes. Weights from a simple recurrence. */
export function classifier(options: ClassifierOptions = {}): ModelProto {
  const { size = 16, planes = 1, classes = 2, filters = 4, batch, seed = 1, parts } = options;
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  const many = (count: number) => Float32Array.from({ length: count }, random);
  const n = batch ?? "batch";
  return model(
    graph({
      node: [
        node("Conv", ["image", "kernel"], ["features"], { kernel_shape: [3n, 3n], pads: [1n, 1n, 1n, 1n] }),
        node("Relu", ["features"], ["kept"]),
        node("GlobalAveragePool", ["kept"], ["pooled"]),
        node("Flatten", ["pooled"], ["flat"]),
        node("Gemm", ["flat", "weights", "bias"], ["logits"]),
      ],
      initializer: [
        floats("kernel", [filters, planes, 3, 3], many(filters * planes * 9)),
        floats("weights", [filters, classes], many(filters * classes)),
        floats("bias", [classes], many(classes)),
      ],
      input: [value("image", [n, planes, size, size])],
      output: [value("logits", [n, classes])],
    }),
    parts,
  );
}

/** The bytes of `classifier`. */
export function classifierBytes(options: ClassifierOptions = {}): Uint8Array<ArrayBuffer> {
  return writeModel(classifier(options));
}

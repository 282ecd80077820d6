/**
 * The messages of ONNX files as a table: names, numbers and kinds of their fields (ONNX IR specification,
 * https://onnx.ai/onnx/repo-docs/IR.html). The types follow from the table.
 */

type Field =
  | { readonly no: number; readonly scalar: keyof Scalars; readonly repeated?: true }
  | { readonly no: number; readonly message: string; readonly repeated?: true }
  | { readonly no: number; readonly packed: keyof PackedArrays };

const text = (no: number) => ({ no, scalar: "string" }) as const;
const int64 = (no: number) => ({ no, scalar: "int64" }) as const;
const int32 = (no: number) => ({ no, scalar: "int32" }) as const;
const texts = (no: number) => ({ no, scalar: "string", repeated: true }) as const;
const int64s = (no: number) => ({ no, scalar: "int64", repeated: true }) as const;
const one = <const Name extends string>(no: number, message: Name) => ({ no, message });
const many = <const Name extends string>(no: number, message: Name) =>
  ({ no, message, repeated: true }) as const;

/** Every message of a model file; a message refers to others by name. Fields stand in order of number. */
export const onnxMessages = {
  ModelProto: {
    irVersion: int64(1),
    producerName: text(2),
    producerVersion: text(3),
    domain: text(4),
    modelVersion: int64(5),
    docString: text(6),
    graph: one(7, "GraphProto"),
    opsetImport: many(8, "OperatorSetIdProto"),
    metadataProps: many(14, "StringStringEntryProto"),
    trainingInfo: many(20, "TrainingInfoProto"),
    functions: many(25, "FunctionProto"),
    configuration: many(26, "DeviceConfigurationProto"),
  },
  OperatorSetIdProto: { domain: text(1), version: int64(2) },
  StringStringEntryProto: { key: text(1), value: text(2) },
  GraphProto: {
    node: many(1, "NodeProto"),
    name: text(2),
    initializer: many(5, "TensorProto"),
    docString: text(10),
    input: many(11, "ValueInfoProto"),
    output: many(12, "ValueInfoProto"),
    valueInfo: many(13, "ValueInfoProto"),
    quantizationAnnotation: many(14, "TensorAnnotation"),
    sparseInitializer: many(15, "SparseTensorProto"),
    metadataProps: many(16, "StringStringEntryProto"),
  },
  NodeProto: {
    input: texts(1),
    output: texts(2),
    name: text(3),
    opType: text(4),
    attribute: many(5, "AttributeProto"),
    docString: text(6),
    domain: text(7),
    overload: text(8),
    metadataProps: many(9, "StringStringEntryProto"),
    deviceConfigurations: many(10, "NodeDeviceConfigurationProto"),
  },
  AttributeProto: {
    name: text(1),
    f: { no: 2, scalar: "float" },
    i: int64(3),
    s: { no: 4, scalar: "bytes" },
    t: one(5, "TensorProto"),
    g: one(6, "GraphProto"),
    floats: { no: 7, scalar: "float", repeated: true },
    ints: int64s(8),
    strings: { no: 9, scalar: "bytes", repeated: true },
    tensors: many(10, "TensorProto"),
    graphs: many(11, "GraphProto"),
    docString: text(13),
    tp: one(14, "TypeProto"),
    typeProtos: many(15, "TypeProto"),
    type: int32(20),
    refAttrName: text(21),
    sparseTensor: one(22, "SparseTensorProto"),
    sparseTensors: many(23, "SparseTensorProto"),
  },
  TensorProto: {
    dims: int64s(1),
    dataType: int32(2),
    segment: one(3, "SegmentProto"),
    floatData: { no: 4, packed: "float" },
    int32Data: { no: 5, packed: "int32" },
    stringData: { no: 6, scalar: "bytes", repeated: true },
    int64Data: { no: 7, packed: "int64" },
    name: text(8),
    rawData: { no: 9, scalar: "bytes" },
    doubleData: { no: 10, packed: "double" },
    uint64Data: { no: 11, packed: "uint64" },
    docString: text(12),
    externalData: many(13, "StringStringEntryProto"),
    dataLocation: int32(14),
    metadataProps: many(16, "StringStringEntryProto"),
  },
  SegmentProto: { begin: int64(1), end: int64(2) },
  SparseTensorProto: { values: one(1, "TensorProto"), indices: one(2, "TensorProto"), dims: int64s(3) },
  ValueInfoProto: {
    name: text(1),
    type: one(2, "TypeProto"),
    docString: text(3),
    metadataProps: many(4, "StringStringEntryProto"),
  },
  TypeProto: {
    tensorType: one(1, "TensorTypeProto"),
    sequenceType: one(4, "ElementTypeProto"),
    mapType: one(5, "MapTypeProto"),
    denotation: text(6),
    opaqueType: one(7, "OpaqueTypeProto"),
    sparseTensorType: one(8, "TensorTypeProto"),
    optionalType: one(9, "ElementTypeProto"),
  },
  TensorTypeProto: { elemType: int32(1), shape: one(2, "TensorShapeProto") },
  ElementTypeProto: { elemType: one(1, "TypeProto") },
  MapTypeProto: { keyType: int32(1), valueType: one(2, "TypeProto") },
  OpaqueTypeProto: { domain: text(1), name: text(2) },
  TensorShapeProto: { dim: many(1, "DimensionProto") },
  DimensionProto: { dimValue: int64(1), dimParam: text(2), denotation: text(3) },
  TensorAnnotation: {
    tensorName: text(1),
    quantParameterTensorNames: many(2, "StringStringEntryProto"),
  },
  TrainingInfoProto: {
    initialization: one(1, "GraphProto"),
    algorithm: one(2, "GraphProto"),
    initializationBinding: many(3, "StringStringEntryProto"),
    updateBinding: many(4, "StringStringEntryProto"),
  },
  FunctionProto: {
    name: text(1),
    input: texts(4),
    output: texts(5),
    attribute: texts(6),
    node: many(7, "NodeProto"),
    docString: text(8),
    opsetImport: many(9, "OperatorSetIdProto"),
    domain: text(10),
    attributeProto: many(11, "AttributeProto"),
    valueInfo: many(12, "ValueInfoProto"),
    overload: text(13),
    metadataProps: many(14, "StringStringEntryProto"),
  },
  DeviceConfigurationProto: { name: text(1), numDevices: int32(2), device: texts(3) },
  NodeDeviceConfigurationProto: {
    configurationId: text(1),
    shardingSpec: many(2, "ShardingSpecProto"),
    pipelineStage: int32(3),
  },
  ShardingSpecProto: {
    tensorName: text(1),
    device: int64s(2),
    indexToDeviceGroupMap: many(3, "IntIntListEntryProto"),
    shardedDim: many(4, "ShardedDimProto"),
  },
  IntIntListEntryProto: { key: int64(1), value: int64s(2) },
  ShardedDimProto: { axis: int64(1), simpleSharding: many(2, "SimpleShardedDimProto") },
  SimpleShardedDimProto: { dimValue: int64(1), dimParam: text(2), numShards: int64(3) },
} as const satisfies Record<string, Record<string, Field>>;

type Messages = typeof onnxMessages;
export type MessageName = keyof Messages;

/** What a single value of each kind reads as. */
export interface Scalars {
  readonly string: string;
  readonly int64: bigint;
  readonly int32: number;
  readonly float: number;
  readonly bytes: Uint8Array;
}

/** What a packed field reads as: one array, not a value each. */
export interface PackedArrays {
  readonly float: Float32Array;
  readonly double: Float64Array;
  readonly int32: Int32Array;
  readonly int64: BigInt64Array;
  readonly uint64: BigUint64Array;
}

/** A field that the table does not know, kept as it came. */
export interface UnknownField {
  readonly no: number;
  readonly wireType: number;
  /** Its bytes after the tag. */
  readonly bytes: Uint8Array;
}

type One<F> = F extends { message: infer Name extends MessageName }
  ? Message<Name>
  : F extends { scalar: infer Kind extends keyof Scalars }
    ? Scalars[Kind]
    : F extends { packed: infer Kind extends keyof PackedArrays }
      ? PackedArrays[Kind]
      : never;

type ManyKeys<Fields> = {
  [Key in keyof Fields]: Fields[Key] extends { repeated: true } ? Key : never;
}[keyof Fields];

/** A message of the table as a value: repeated fields are arrays, perhaps empty; absent ones are absent. */
export type Message<Name extends MessageName> = {
  readonly [Key in ManyKeys<Messages[Name]>]: readonly One<Messages[Name][Key]>[];
} & {
  readonly [Key in Exclude<keyof Messages[Name], ManyKeys<Messages[Name]>>]?: One<Messages[Name][Key]>;
} & { readonly unknownFields?: readonly UnknownField[] };

export type ModelProto = Message<"ModelProto">;
export type GraphProto = Message<"GraphProto">;
export type NodeProto = Message<"NodeProto">;
export type AttributeProto = Message<"AttributeProto">;
export type TensorProto = Message<"TensorProto">;
export type SparseTensorProto = Message<"SparseTensorProto">;
export type ValueInfoProto = Message<"ValueInfoProto">;
export type TypeProto = Message<"TypeProto">;

/** Names of ONNX's element types by number. */
export const elementTypes = [
  "undefined",
  "float",
  "uint8",
  "int8",
  "uint16",
  "int16",
  "int32",
  "int64",
  "string",
  "bool",
  "float16",
  "double",
  "uint32",
  "uint64",
  "complex64",
  "complex128",
  "bfloat16",
] as const;
export type ElementType = (typeof elementTypes)[number];

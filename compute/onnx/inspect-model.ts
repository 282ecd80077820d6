import { readModel } from "./model-bytes.ts";
import { ModelError } from "./model-error.ts";
import type { Dimension, ModelSignature, TensorSignature } from "./model-signature.ts";
import type { ModelProto, TensorProto, ValueInfoProto } from "./onnx-messages.ts";
import { elementTypes } from "./onnx-messages.ts";
import { refuseModel } from "./refuse-model.ts";
import { walkModel } from "./walk-model.ts";

/** Largest model file: Protocol Buffers end at 2 GiB. */
export const MOST_MODEL_BYTES = 2 ** 31 - 1;
/** Inputs, outputs and characters of a name: what is shown of a signature stays small. */
const MOST_ENTRIES = 200;
const MOST_CHARACTERS = 1_000;
/** Metadata is for people: what is longer is left out, not refused. */
const MOST_PAIRS = 100;
const MOST_VALUE_CHARACTERS = 10_000;

/** How far a model is believed. */
export interface InspectOptions {
  /** Trained here: its graph may hold any operator of ONNX and of onnxruntime. */
  readonly trusted?: boolean;
  /** Longest file; absent: `MOST_MODEL_BYTES`. */
  readonly maxBytes?: number;
}

/**
 * Reads what a model says of itself, without running anything, and refuses what may not be run.
 * Time is linear in the length of the file; weights are not copied.
 *
 * @throws {ModelError} MODEL_TOO_LARGE, MODEL_INVALID, MODEL_EXTERNAL_DATA_FORBIDDEN, MODEL_OP_FORBIDDEN, MODEL_LIMIT
 */
export function inspectModel(bytes: Uint8Array, options: InspectOptions = {}): ModelSignature {
  const most = options.maxBytes ?? MOST_MODEL_BYTES;
  if (bytes.length > most) {
    throw new ModelError("MODEL_TOO_LARGE", `Expected a model of at most ${most} bytes, got ${bytes.length}`);
  }
  const model = readModel(bytes);
  const { graph, irVersion, opsetImport } = model;
  if (graph === undefined || irVersion === undefined || opsetImport.length === 0) {
    throw new ModelError(
      "MODEL_INVALID",
      "Expected a graph, an IR version and operator sets, got a part of them",
    );
  }
  if (graph.node.length === 0 || graph.output.length === 0) {
    throw new ModelError("MODEL_INVALID", "Expected a graph that computes something, got an empty one");
  }
  refuseModel(model, options.trusted ?? false);
  const weights = new Set(graph.initializer.map(({ name }) => name));
  return {
    inputs: signatures(graph.input.filter(({ name }) => !weights.has(name))),
    outputs: signatures(graph.output).map((output) => {
      const opType = graph.node.find((node) => node.output.includes(output.name))?.opType;
      return opType === undefined ? output : { ...output, madeBy: bounded(opType) };
    }),
    irVersion: Number(irVersion),
    opsets: Object.fromEntries(
      limited(opsetImport).map(({ domain = "", version = 0n }) => [bounded(domain), Number(version)]),
    ),
    ...countsOf(model),
    byteLength: bytes.length,
    producer: bounded(`${model.producerName ?? ""} ${model.producerVersion ?? ""}`.trim()),
    metadata: Object.fromEntries(
      model.metadataProps
        .map(({ key = "", value = "" }) => [key, value] as const)
        .filter(([key, value]) => isShort(key, MOST_CHARACTERS) && isShort(value, MOST_VALUE_CHARACTERS))
        .slice(0, MOST_PAIRS),
    ),
  };
}

function countsOf(model: ModelProto): Pick<ModelSignature, "operators" | "parameters"> {
  const operators = new Map<string, number>();
  let parameters = 0;
  walkModel(model, {
    node: ({ domain = "", opType = "" }) => {
      const name = domain === "" ? opType : `${domain}.${opType}`;
      operators.set(name, (operators.get(name) ?? 0) + 1);
    },
    tensor: (tensor) => {
      if (isFloating(tensor)) parameters += tensor.dims.reduce((product, dim) => product * Number(dim), 1);
    },
  });
  return { operators: Object.fromEntries([...operators].sort()), parameters };
}

function isFloating({ dataType = 0 }: TensorProto): boolean {
  return ["float", "float16", "bfloat16", "double"].includes(elementTypes[dataType] ?? "");
}

function signatures(values: readonly ValueInfoProto[]): readonly TensorSignature[] {
  return limited(values).map(({ name = "", type }) => {
    const tensor = type?.tensorType;
    const kind = elementTypes[tensor?.elemType ?? 0] ?? "undefined";
    const shape = tensor?.shape?.dim.map(({ dimValue, dimParam }): Dimension => {
      if (dimValue !== undefined) return Number(dimValue);
      return dimParam === undefined ? null : bounded(dimParam);
    });
    return { name: bounded(name), type: kind, ...(shape === undefined ? {} : { shape }) };
  });
}

function limited<Value>(values: readonly Value[]): readonly Value[] {
  if (values.length <= MOST_ENTRIES) return values;
  throw new ModelError("MODEL_LIMIT", `Expected at most ${MOST_ENTRIES} inputs, outputs and sets, got more`);
}

function bounded(text: string): string {
  if (isShort(text, MOST_CHARACTERS)) return text;
  throw new ModelError("MODEL_LIMIT", `Expected names of at most ${MOST_CHARACTERS} characters, got another`);
}

/** Also without NUL, which Postgres does not take. */
function isShort(text: string, most: number): boolean {
  return text.length <= most && !text.includes("\0");
}

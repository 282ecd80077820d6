import { allowedOperators, trustedDomains } from "./allowed-operators.ts";
import { knownIntegers } from "./known-integers.ts";
import { ModelError } from "./model-error.ts";
import type { ElementType, ModelProto, NodeProto, TensorProto } from "./onnx-messages.ts";
import { elementTypes } from "./onnx-messages.ts";
import { walkModel } from "./walk-model.ts";

/** Operators of one model: the largest networks in use have some ten thousand. */
export const MOST_NODES = 200_000;
/** Elements that one operator may be told to make out of nothing: 256 MiB of float32. */
export const MOST_ELEMENTS = 2 ** 26;
/** Elements that all operators together may be told to make out of nothing. */
export const MOST_ELEMENTS_IN_ALL = 2 ** 28;

/** Bits of an element, where an element has a fixed size of its own in raw_data. */
const elementBytes: Readonly<Partial<Record<ElementType, number>>> = {
  float: 4,
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  int32: 4,
  int64: 8,
  bool: 1,
  float16: 2,
  double: 8,
  uint32: 4,
  uint64: 8,
  complex64: 8,
  complex128: 16,
  bfloat16: 2,
};

/**
 * Refuses a model that reads files, could run without end, could compute by chance, or would fill the memory by its own
 * account. What it lets pass runs in a compute child all the same, under limits of memory and time.
 *
 * @param trusted - trained here: any operator of ONNX and of onnxruntime
 * @throws {ModelError} MODEL_EXTERNAL_DATA_FORBIDDEN, MODEL_OP_FORBIDDEN, MODEL_LIMIT, MODEL_INVALID
 */
export function refuseModel(model: ModelProto, trusted: boolean): void {
  walkModel(model, { tensor: refuseExternalData });
  if (!trusted && model.functions.length > 0) {
    throw new ModelError(
      "MODEL_OP_FORBIDDEN",
      "Expected operators of ONNX only, got functions of the model's own; inline them before the export",
    );
  }
  let nodes = 0;
  let elements = 0;
  const known = new Map<object, ReturnType<typeof knownIntegers>>();
  walkModel(model, {
    tensor: refuseTensor,
    node: (node, graph) => {
      nodes += 1;
      if (nodes > MOST_NODES)
        throw new ModelError("MODEL_LIMIT", `Expected at most ${MOST_NODES} operators, got more`);
      refuseOperator(node, trusted);
      if (trusted) return;
      const integers = known.get(graph) ?? knownIntegers(graph);
      known.set(graph, integers);
      refuseChance(node, integers);
      elements += madeFromNothing(node, integers);
      if (elements > MOST_ELEMENTS_IN_ALL) throw tooManyElements(node.opType ?? "", MOST_ELEMENTS_IN_ALL);
    },
  });
}

function refuseExternalData({ dataLocation = 0, externalData }: TensorProto): void {
  if (dataLocation === 0 && externalData.length === 0) return;
  throw new ModelError(
    "MODEL_EXTERNAL_DATA_FORBIDDEN",
    "Expected all weights within the model file, got a tensor kept in another file; save it as one file",
  );
}

/** Sizes that a tensor claims must be the sizes it has. */
function refuseTensor(tensor: TensorProto): void {
  const type = elementTypes[tensor.dataType ?? 0];
  const count = productOf(tensor.dims.map(Number));
  const bytes = type === undefined ? undefined : elementBytes[type];
  const raw = tensor.rawData?.length ?? 0;
  // Complex numbers are two entries each; 4-bit and 8-bit floats have no name here and are left to the runtime.
  const listed = [tensor.floatData, tensor.int32Data, tensor.int64Data, tensor.doubleData, tensor.uint64Data]
    .map((values) => values?.length ?? 0)
    .concat(tensor.stringData.length)
    .reduce((sum, length) => sum + length, 0);
  const entries = type === "complex64" || type === "complex128" ? count * 2 : count;
  const fits =
    bytes === undefined ? count <= (raw + listed) * 2 : raw > 0 ? raw === count * bytes : listed === entries;
  if (fits) return;
  throw new ModelError(
    "MODEL_INVALID",
    "Expected tensors as long as their dimensions say, got another length",
  );
}

function refuseOperator({ domain = "", opType = "", attribute }: NodeProto, trusted: boolean): void {
  const isOnnx = domain === "" || domain === "ai.onnx";
  if (trusted ? isOnnx || trustedDomains.includes(domain) : isOnnx && allowedOperators.has(opType)) {
    const holdsGraph = attribute.some(({ g, graphs }) => g !== undefined || graphs.length > 0);
    if (trusted || !holdsGraph) return;
  }
  throw new ModelError(
    "MODEL_OP_FORBIDDEN",
    `Expected operators that compute values from values, got ${printable(domain === "" ? opType : `${domain}.${opType}`)}`,
  );
}

/** Layers left in training mode: one draws lots, the other makes a score depend on its batch. */
function refuseChance(node: NodeProto, integers: ReturnType<typeof knownIntegers>): void {
  const isDrawing =
    node.opType === "Dropout" && (node.input[2] ?? "") !== "" && integers.get(node.input[2] ?? "")?.[0] !== 0;
  const mode = node.attribute.find(({ name }) => name === "training_mode")?.i ?? 0n;
  if (!isDrawing && !(node.opType === "BatchNormalization" && mode !== 0n)) return;
  throw new ModelError(
    "MODEL_OP_FORBIDDEN",
    `Expected a model for evaluation, got ${node.opType} in training mode; export it in evaluation mode`,
  );
}

/** Elements of an output whose size is written in the model and not in its inputs; 0 when it follows from the inputs. */
function madeFromNothing(node: NodeProto, integers: ReturnType<typeof knownIntegers>): number {
  const at = (input: number) => integers.get(node.input[input] ?? "");
  const elements = sizesOf(node, at);
  if (elements <= MOST_ELEMENTS) return elements;
  throw tooManyElements(node.opType ?? "", MOST_ELEMENTS);
}

function sizesOf({ opType }: NodeProto, at: (input: number) => readonly number[] | undefined): number {
  if (opType === "ConstantOfShape") return productOf(at(0) ?? []);
  if (opType === "Expand" || opType === "Tile") return productOf(at(1) ?? []);
  if (opType === "OneHot") return productOf(at(1) ?? []);
  if (opType === "Resize") return productOf(at(3) ?? []);
  if (opType === "Pad") return productOf((at(1) ?? []).map((pad) => Math.max(Math.abs(pad), 1)));
  if (opType === "CenterCropPad") return productOf(at(1) ?? []);
  if (opType !== "Range") return 0;
  const [start, limit, step] = [at(0)?.[0], at(1)?.[0], at(2)?.[0]];
  return start === undefined || limit === undefined || !step ? 0 : Math.max(0, (limit - start) / step);
}

function tooManyElements(opType: string, most: number): ModelError {
  return new ModelError(
    "MODEL_LIMIT",
    `Expected at most ${most} elements made without an input, got more from ${printable(opType)}`,
  );
}

/** 1 for no sizes; a size below 0 stands for itself without its sign. */
function productOf(sizes: readonly number[]): number {
  return sizes.reduce((product, size) => product * Math.abs(size), 1);
}

/** Names in a hostile file may hold anything; what is shown of them are letters. */
function printable(name: string): string {
  return name.replace(/[^\w.]/g, "?").slice(0, 60) || "an operator without a name";
}

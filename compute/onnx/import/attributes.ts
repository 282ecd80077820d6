import type { Attribute, Attributes, Constant, ElementArray, ElementType } from "../graph/graph.ts";
import { elementArrays } from "../graph/graph.ts";
import { castCodes } from "../graph/tensor.ts";
import { ModelError } from "../model-error.ts";
import type { AttributeProto, TensorProto } from "../onnx-messages.ts";

/** The attributes of a node as graphs of ours hold them. @throws {ModelError} MODEL_INVALID for a kind that none of ours has. */
export function attributesOf(given: readonly AttributeProto[]): Attributes {
  return Object.fromEntries(given.map((attribute) => [attribute.name ?? "", numbersAndWords(attribute)]));
}

function numbersAndWords({ name, f, i, s, t, ints, floats }: AttributeProto): Attribute {
  if (i !== undefined) return Number(i);
  if (f !== undefined) return f;
  if (s !== undefined) return new TextDecoder().decode(s);
  if (t !== undefined) return constantOf(t);
  if (ints.length > 0) return ints.map(Number);
  if (floats.length > 0) return floats;
  // A list without entries, such as the axes of a reduction over none.
  if (name !== undefined) return [];
  throw new ModelError("MODEL_INVALID", "Expected attributes of numbers, words and tensors, got another");
}

const typeOfCode: ReadonlyMap<number, ElementType> = new Map(
  Object.entries(castCodes).map(([type, code]) => [code, type as ElementType]), // safe: the keys of the table
);

/**
 * The numbers of a tensor in a file.
 *
 * @throws {ModelError} MODEL_INVALID for element types that graphs of ours do not compute with, or too few bytes.
 */
export function constantOf(tensor: TensorProto): Constant {
  const type = typeOfCode.get(tensor.dataType ?? 0);
  if (type === undefined) {
    throw new ModelError(
      "MODEL_INVALID",
      `Expected tensors of ${Object.keys(castCodes).join(", ")}, got element type ${tensor.dataType ?? 0}; convert the model`,
    );
  }
  const shape = tensor.dims.map(Number);
  const size = shape.reduce((product, dim) => product * dim, 1);
  const data = numbersOf(tensor, type);
  if (data.length !== size) {
    throw new ModelError("MODEL_INVALID", `Expected ${size} numbers of a tensor, got ${data.length}`);
  }
  return { type, shape, data };
}

function numbersOf(tensor: TensorProto, type: ElementType): ElementArray {
  const raw = tensor.rawData;
  if (raw !== undefined && raw.length > 0) {
    const { BYTES_PER_ELEMENT } = elementArrays[type];
    if (raw.length % BYTES_PER_ELEMENT !== 0) {
      throw new ModelError("MODEL_INVALID", "Expected whole numbers of bytes in a tensor, got a part of one");
    }
    // A copy, since the bytes in a file lie at any address; not by slice, which of a Buffer is a view.
    return new elementArrays[type](Uint8Array.from(raw).buffer);
  }
  if (type === "float") return Float32Array.from(tensor.floatData ?? []);
  if (type === "double") return Float64Array.from(tensor.doubleData ?? []);
  if (type === "int64") return BigInt64Array.from(tensor.int64Data ?? []);
  return elementArrays[type].from(tensor.int32Data ?? []);
}

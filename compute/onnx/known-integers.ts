import type { GraphProto, TensorProto } from "./onnx-messages.ts";
import { elementTypes } from "./onnx-messages.ts";

/** Longest list of numbers that is read: sizes and pads have a few entries. */
const MOST_ENTRIES = 64;

/**
 * The short integer or truth tensors that a graph states outright, by name: initializers and constants.
 * What it computes from them is not followed.
 */
export function knownIntegers(
  graph: Pick<GraphProto, "node" | "initializer">,
): ReadonlyMap<string, readonly number[]> {
  const known = new Map<string, readonly number[]>();
  const keep = (name: string | undefined, values: readonly number[] | undefined) => {
    if (name !== undefined && values !== undefined) known.set(name, values);
  };
  for (const tensor of graph.initializer) keep(tensor.name, integersOf(tensor));
  for (const { opType, output, attribute } of graph.node) {
    if (opType !== "Constant") continue;
    for (const { t, i, ints } of attribute) {
      if (t !== undefined) keep(output[0], integersOf(t));
      else if (i !== undefined) keep(output[0], [Number(i)]);
      else if (ints.length > 0 && ints.length <= MOST_ENTRIES) keep(output[0], ints.map(Number));
    }
  }
  return known;
}

/** The numbers of a short tensor of int32, int64 or bool. */
function integersOf(tensor: TensorProto): readonly number[] | undefined {
  const type = elementTypes[tensor.dataType ?? 0];
  const raw = tensor.rawData ?? new Uint8Array();
  if (raw.length > MOST_ENTRIES * 8) return undefined;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  if (type === "int64") {
    if (raw.length === 0) return short(tensor.int64Data);
    return Array.from({ length: raw.length >> 3 }, (_, i) => Number(view.getBigInt64(i * 8, true)));
  }
  if (type === "int32" && raw.length > 0) {
    return Array.from({ length: raw.length >> 2 }, (_, i) => view.getInt32(i * 4, true));
  }
  if (type === "bool" && raw.length > 0) return [...raw];
  return type === "int32" || type === "bool" ? short(tensor.int32Data) : undefined;
}

function short(values: BigInt64Array | Int32Array | undefined): readonly number[] | undefined {
  if (values === undefined || values.length > MOST_ENTRIES) return undefined;
  return Array.from<bigint | number, number>(values, Number);
}

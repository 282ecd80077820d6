import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { ModelError } from "./model-error.ts";
import type { Message, MessageName, PackedArrays, Scalars, UnknownField } from "./onnx-messages.ts";
import { onnxMessages } from "./onnx-messages.ts";

/**
 * Values that are not mere views of the file, a message counted as 16: a small file of many small fields would otherwise
 * fill the memory.
 */
export const MOST_VALUES = 32 * 1024 ** 2;
const MESSAGE_VALUES = 16;
/** Messages within messages; a subgraph is three deeper than the graph it is in. */
export const MOST_DEPTH = 40;

interface FieldSpec {
  readonly key: string;
  readonly no: number;
  readonly scalar?: keyof Scalars;
  readonly message?: MessageName;
  readonly packed?: keyof PackedArrays;
  readonly repeated?: boolean;
}

/** What a loosely typed message is while it is read and written. */
type Fields = Record<string, unknown>;

interface MessageSpec {
  readonly byNumber: readonly (FieldSpec | undefined)[];
  readonly inOrder: readonly FieldSpec[];
  readonly repeated: readonly string[];
}

const specs: ReadonlyMap<string, MessageSpec> = new Map(
  Object.entries(onnxMessages).map(([name, fields]) => {
    // Safe: the table satisfies this shape, which loses only which names are messages.
    const inOrder = Object.entries(fields).map(([key, field]) => ({
      key,
      ...(field as Omit<FieldSpec, "key">),
    }));
    inOrder.sort((a, b) => a.no - b.no);
    const byNumber: (FieldSpec | undefined)[] = [];
    for (const field of inOrder) byNumber[field.no] = field;
    return [name, { byNumber, inOrder, repeated: inOrder.filter((f) => f.repeated).map((f) => f.key) }];
  }),
);

const wireOf = {
  string: WireType.LengthDelimited,
  bytes: WireType.LengthDelimited,
  int64: WireType.Varint,
  int32: WireType.Varint,
  float: WireType.Bit32,
} as const satisfies Record<keyof Scalars, WireType>;

const readScalar = {
  string: (reader) => reader.string(true),
  bytes: (reader) => reader.bytes(),
  int64: (reader) => BigInt(reader.int64()),
  int32: (reader) => reader.int32(),
  float: (reader) => reader.float(),
} as const satisfies { [Kind in keyof Scalars]: (reader: BinaryReader) => Scalars[Kind] };

const packedElements = {
  float: { wire: WireType.Bit32, bytes: 4, from: (bytes) => new Float32Array(bytes) },
  double: { wire: WireType.Bit64, bytes: 8, from: (bytes) => new Float64Array(bytes) },
  int32: { wire: WireType.Varint },
  int64: { wire: WireType.Varint },
  uint64: { wire: WireType.Varint },
} as const satisfies Record<
  keyof PackedArrays,
  { wire: WireType; bytes?: number; from?: (bytes: ArrayBuffer) => Float32Array | Float64Array }
>;

/**
 * Reads a model file. Weights in raw_data stay views of `bytes`; unknown fields are kept.
 * Time is linear in the file's length, memory bounded by `MOST_VALUES`.
 *
 * @throws {ModelError} MODEL_INVALID when the bytes are no such message; MODEL_LIMIT when they hold too many values or nest
 *   too deep.
 */
export function readModel(bytes: Uint8Array): Message<"ModelProto"> {
  return readMessage("ModelProto", bytes);
}

/**
 * Writes a model in order of field number, as Protocol Buffers' own libraries do: what they wrote reads and writes back to
 * the same bytes.
 */
export function writeModel(model: Message<"ModelProto">): Uint8Array<ArrayBuffer> {
  return writeMessage("ModelProto", model);
}

/**
 * Reads any message of the table, for example a TensorProto from a .pb file.
 *
 * @throws {ModelError} MODEL_INVALID, MODEL_LIMIT
 */
export function readMessage<Name extends MessageName>(name: Name, bytes: Uint8Array): Message<Name> {
  const budget = { left: MOST_VALUES };
  try {
    // Safe: readFields fills exactly the fields of the table that the type is made of.
    return readFields(name, bytes, budget, 0) as Message<Name>;
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw new ModelError("MODEL_INVALID", "Expected an ONNX model, got bytes that do not read as one", {
      cause: error,
    });
  }
}

/** Writes any message of the table. */
export function writeMessage<Name extends MessageName>(
  name: Name,
  message: Message<Name>,
): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  writeFields(writer, name, message as Fields); // safe: the mapped type of the same table
  return writer.finish();
}

function readFields(name: MessageName, bytes: Uint8Array, budget: { left: number }, depth: number): Fields {
  if (depth > MOST_DEPTH) {
    throw new ModelError("MODEL_LIMIT", `Expected at most ${MOST_DEPTH} nested messages, got more`);
  }
  spend(budget, MESSAGE_VALUES);
  const spec = specOf(name);
  const reader = new BinaryReader(bytes);
  const fields: Fields = {};
  for (const key of spec.repeated) fields[key] = [];
  while (reader.pos < reader.len) {
    const [no, wireType] = reader.tag();
    const field = spec.byNumber[no];
    spend(budget, 1);
    if (field === undefined || !isWiredSo(field, wireType)) {
      keepUnknown(fields, { no, wireType, bytes: reader.skip(wireType, no) });
    } else if (field.packed !== undefined) {
      readPacked(fields, field.key, field.packed, reader, wireType, budget);
    } else if (field.repeated && field.scalar !== undefined && wireType !== wireOf[field.scalar]) {
      readPackedScalars(fields[field.key] as unknown[], field.scalar, reader.bytes(), budget); // safe: made above
    } else {
      const value =
        field.message === undefined
          ? readScalar[field.scalar as keyof Scalars](reader) // safe: every other field is a scalar
          : readFields(field.message, reader.bytes(), budget, depth + 1);
      if (field.repeated)
        (fields[field.key] as unknown[]).push(value); // safe: made above
      // Others merge or take the last: what a scan sees must be what a runtime sees, so neither is allowed.
      else if (field.key in fields) throw new RangeError(`field ${no} of ${name} occurs twice`);
      else fields[field.key] = value;
    }
  }
  return fields;
}

function isWiredSo({ message, scalar, packed, repeated }: FieldSpec, wireType: WireType): boolean {
  if (message !== undefined) return wireType === WireType.LengthDelimited;
  // Repeated numbers come packed or one by one; readers of Protocol Buffers take both.
  const many = packed !== undefined || repeated === true;
  const wire = packed === undefined ? wireOf[scalar as keyof Scalars] : packedElements[packed].wire; // safe: a scalar
  return wireType === wire || (many && wireType === WireType.LengthDelimited);
}

function readPackedScalars(
  into: unknown[],
  scalar: keyof Scalars,
  bytes: Uint8Array,
  budget: { left: number },
): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    spend(budget, 1);
    into.push(readScalar[scalar](reader));
  }
}

function readPacked(
  fields: Fields,
  key: string,
  kind: keyof PackedArrays,
  reader: BinaryReader,
  wireType: WireType,
  budget: { left: number },
): void {
  const isWhole = wireType === WireType.LengthDelimited;
  const bytes = isWhole ? reader.bytes() : reader.skip(wireType);
  const more = packedArrayOf(kind, bytes, budget);
  const before = fields[key] as PackedArrays[typeof kind] | undefined; // safe: only this function sets it
  if (before === undefined) {
    fields[key] = more;
    return;
  }
  // One by one, each a message of its own: the budget bounds what this copying costs.
  spend(budget, before.length);
  const joined = new (before.constructor as new (n: number) => Float32Array)(before.length + more.length); // safe: alike
  joined.set(before as Float32Array);
  joined.set(more as Float32Array, before.length);
  fields[key] = joined;
}

function packedArrayOf(
  kind: keyof PackedArrays,
  bytes: Uint8Array,
  budget: { left: number },
): PackedArrays[keyof PackedArrays] {
  const element = packedElements[kind];
  if ("from" in element) {
    if (bytes.length % element.bytes !== 0) throw new RangeError("packed field ends within a number");
    // A copy: within the file the numbers are seldom aligned.
    return element.from(new Uint8Array(bytes).buffer);
  }
  // Every varint ends in the one byte of it without the high bit.
  let count = 0;
  for (const byte of bytes) if (byte < 0x80) count++;
  spend(budget, count);
  const reader = new BinaryReader(bytes);
  const values =
    kind === "int32"
      ? Int32Array.from({ length: count }, () => reader.int32())
      : kind === "int64"
        ? BigInt64Array.from({ length: count }, () => BigInt(reader.int64()))
        : BigUint64Array.from({ length: count }, () => BigInt(reader.uint64()));
  if (reader.pos !== reader.len) throw new RangeError("packed field ends within a number");
  return values;
}

function keepUnknown(fields: Fields, field: UnknownField): void {
  const kept = fields["unknownFields"];
  if (Array.isArray(kept)) kept.push(field);
  else fields["unknownFields"] = [field];
}

function spend(budget: { left: number }, values: number): void {
  budget.left -= values;
  if (budget.left < 0) {
    throw new ModelError("MODEL_LIMIT", `Expected at most ${MOST_VALUES} values in a model, got more`);
  }
}

function writeFields(writer: BinaryWriter, name: MessageName, fields: Fields): void {
  // Safe in every cast below: the value has the type that the same table gives the field.
  for (const field of specOf(name).inOrder) {
    const value = fields[field.key];
    if (value === undefined) continue;
    if (field.packed !== undefined) {
      writePacked(writer, field.no, value as PackedArrays[typeof field.packed]);
    } else {
      for (const each of field.repeated ? (value as unknown[]) : [value]) writeOne(writer, field, each);
    }
  }
  for (const { no, wireType, bytes } of (fields["unknownFields"] ?? []) as readonly UnknownField[]) {
    writer.tag(no, wireType).raw(bytes);
  }
}

function writeOne(writer: BinaryWriter, { no, scalar, message }: FieldSpec, value: unknown): void {
  if (message !== undefined) {
    writer.tag(no, WireType.LengthDelimited).fork();
    writeFields(writer, message, value as Fields); // safe as above
    writer.join();
    return;
  }
  const kind = scalar as keyof Scalars; // safe: what is no message and not packed is a scalar
  writer.tag(no, wireOf[kind]);
  // Safe: readScalar and the table's types give each kind exactly this type.
  if (kind === "string") writer.string(value as string);
  else if (kind === "bytes") writer.bytes(value as Uint8Array);
  else if (kind === "int64") writer.int64(value as bigint);
  else if (kind === "int32") writer.int32(value as number);
  else writer.float(value as number);
}

function writePacked(writer: BinaryWriter, no: number, values: PackedArrays[keyof PackedArrays]): void {
  if (values.length === 0) return;
  writer.tag(no, WireType.LengthDelimited);
  if (values instanceof Float32Array || values instanceof Float64Array) {
    writer.bytes(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return;
  }
  writer.fork();
  if (values instanceof Int32Array) for (const value of values) writer.int32(value);
  else if (values instanceof BigInt64Array) for (const value of values) writer.int64(value);
  else for (const value of values) writer.uint64(value);
  writer.join();
}

function specOf(name: MessageName): MessageSpec {
  const spec = specs.get(name);
  if (spec === undefined) throw new RangeError(`no message ${name}`);
  return spec;
}

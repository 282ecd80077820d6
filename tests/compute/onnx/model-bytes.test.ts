import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readMessage, readModel, writeMessage, writeModel } from "../../../compute/onnx/model-bytes.ts";
import { ModelError } from "../../../compute/onnx/model-error.ts";
import { classifierBytes, floats, graph, int64s, model, node } from "../../support/onnx-models.ts";
import { findSharedData } from "../../support/shared-data.ts";

const sharedModels = findSharedData("onnx", "reading and writing other people's models");

/** Bytes of a field: its tag, then what follows. */
const field = (no: number, wire: number, ...rest: number[]) => [(no << 3) | wire, ...rest];

describe("model bytes", () => {
  test("read and write back to the same bytes", () => {
    const bytes = classifierBytes();
    expect(writeModel(readModel(bytes))).toEqual(bytes);
  });

  test.skipIf(sharedModels === undefined)(
    "of other people's models read and write back to the same bytes",
    () => {
      const folder = sharedModels ?? "";
      for (const name of readdirSync(folder).filter((file) => file.endsWith(".onnx"))) {
        const bytes = readFileSync(join(folder, name));
        const read = readModel(bytes);
        expect(read.graph?.node.length).toBeGreaterThan(100);
        expect(Buffer.compare(writeModel(read), bytes), name).toBe(0);
      }
      for (const name of readdirSync(folder).filter((file) => file.endsWith(".pb"))) {
        const bytes = readFileSync(join(folder, name));
        expect(
          Buffer.compare(writeMessage("TensorProto", readMessage("TensorProto", bytes)), bytes),
          name,
        ).toBe(0);
      }
    },
  );

  test("keep integers beyond 2^53, negative ones and the bits of floats", () => {
    const original = model(
      graph({
        node: [node("Slice", ["x"], ["y"], { ends: [9223372036854775807n, -1n], alpha: Math.fround(0.1) })],
        initializer: [
          int64s("huge", [-9223372036854775808n]),
          { ...floats("f", [0], []), floatData: Float32Array.of(0.1, -0), rawData: new Uint8Array() },
          { ...floats("i", [2], []), int64Data: BigInt64Array.of(-1n, 1n << 62n), rawData: new Uint8Array() },
          {
            ...floats("u", [1], []),
            uint64Data: BigUint64Array.of(2n ** 64n - 1n),
            rawData: new Uint8Array(),
          },
          { ...floats("d", [1], []), doubleData: Float64Array.of(Math.PI), int32Data: Int32Array.of(-5) },
        ],
      }),
    );
    expect(readModel(writeModel(original))).toEqual(original);
  });

  test("keep fields of numbers they do not know, at every depth", () => {
    const unknown = { no: 1000, wireType: 2, bytes: Uint8Array.of(2, 7, 8) };
    const original = model(graph({ node: [{ ...node("Relu", ["x"], ["y"]), unknownFields: [unknown] }] }), {
      unknownFields: [unknown],
    });
    const bytes = writeModel(original);
    expect(readModel(bytes)).toEqual(original);
    expect(writeModel(readModel(bytes))).toEqual(bytes);
  });

  test("read numbers whether packed or one by one", () => {
    // dims (1): packed 2, 3; float_data (4): two fields of four bytes each.
    const bytes = Uint8Array.from([
      ...field(1, 2, 2, 2, 3),
      ...field(4, 5, 0, 0, 0x80, 0x3f),
      ...field(4, 5, 0, 0, 0, 0x40),
    ]);
    const read = readMessage("TensorProto", bytes);
    expect(read.dims).toEqual([2n, 3n]);
    expect(read.floatData).toEqual(Float32Array.of(1, 2));
  });

  test.each([
    ["a field that may occur once, twice", Uint8Array.from([...field(1, 0, 1), ...field(1, 0, 1)])],
    [
      "a graph of two parts, which others would merge",
      Uint8Array.from([...field(7, 2, 0), ...field(7, 2, 0)]),
    ],
    ["a length beyond the end", Uint8Array.from(field(7, 2, 5, 1))],
    ["field number 0", Uint8Array.of(0, 0)],
    ["text that is not UTF-8", Uint8Array.from(field(2, 2, 1, 0xff))],
    ["an unclosed group", Uint8Array.of(0x83, 0x06)],
  ])("refuse %s", (_what, bytes) => {
    expect(() => readModel(bytes)).toThrow(expect.objectContaining({ code: "MODEL_INVALID" }));
  });

  test("refuse packed numbers that end within one", () => {
    expect(() => readMessage("TensorProto", Uint8Array.from(field(4, 2, 3, 0, 0, 0)))).toThrow(ModelError);
    expect(() => readMessage("TensorProto", Uint8Array.from(field(7, 2, 1, 0x80)))).toThrow(ModelError);
  });

  test("refuse to nest without end", () => {
    // TypeProto (sequence_type 4) of an element type (1) that is a TypeProto, and so on.
    let bytes: number[] = [];
    for (let depth = 0; depth < 25; depth++) {
      bytes = field(4, 2, bytes.length + 2, ...field(1, 2, bytes.length, ...bytes));
    }
    expect(() => readMessage("TypeProto", Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({ code: "MODEL_LIMIT" }),
    );
  });

  test("refuse a small file of more messages than memory holds", () => {
    const bytes = new Uint8Array(8 * 1024 ** 2);
    for (let at = 0; at < bytes.length; at += 2) bytes[at] = (8 << 3) | 2; // empty operator sets
    expect(() => readModel(bytes)).toThrow(expect.objectContaining({ code: "MODEL_LIMIT" }));
  });

  test("are refused or read, never anything else, whatever they are", () => {
    const check = (bytes: Uint8Array) => {
      try {
        readModel(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(ModelError);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), check), { numRuns: 2_000 });
    const bytes = classifierBytes();
    for (let end = 0; end < bytes.length; end++) check(bytes.subarray(0, end));
    const flipped = Uint8Array.from(bytes);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const at = bit >> 3;
      flipped[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
      check(flipped);
      flipped[at] = bytes[at] ?? 0;
    }
  });
});

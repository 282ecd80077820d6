import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inspectModel } from "../../../compute/onnx/inspect-model.ts";
import { writeModel } from "../../../compute/onnx/model-bytes.ts";
import { ModelError, type ModelErrorCode } from "../../../compute/onnx/model-error.ts";
import type { ModelProto, NodeProto, TensorProto } from "../../../compute/onnx/onnx-messages.ts";
import {
  classifier,
  classifierBytes,
  floats,
  graph,
  int64s,
  model,
  node,
  tensor,
  value,
} from "../../support/onnx-models.ts";
import { findSharedData } from "../../support/shared-data.ts";

const sharedModels = findSharedData("onnx", "inspecting other people's models");

const refusal = (code: ModelErrorCode) =>
  expect.objectContaining({ name: "ModelError", code, message: expect.stringMatching(/^Expected .*, got /) });

/** A model of these operators between x and y, with these weights. */
function modelOf(nodes: readonly NodeProto[], initializer: readonly TensorProto[] = []): Uint8Array {
  return writeModel(
    model(graph({ node: nodes, initializer, input: [value("x", [1, 4])], output: [value("y", [1, 4])] })),
  );
}

describe("inspectModel", () => {
  test("reads inputs, outputs, operators, weights and metadata", () => {
    const bytes = classifierBytes({
      planes: 3,
      classes: 5,
      filters: 8,
      parts: { metadataProps: [{ key: "stratum.preprocessing", value: "{}" }], producerVersion: "1" },
    });
    expect(inspectModel(bytes)).toEqual({
      inputs: [{ name: "image", type: "float", shape: ["batch", 3, 16, 16] }],
      outputs: [{ name: "logits", type: "float", shape: ["batch", 5], madeBy: "Gemm" }],
      irVersion: 8,
      opsets: { "": 17 },
      operators: { Conv: 1, Flatten: 1, Gemm: 1, GlobalAveragePool: 1, Relu: 1 },
      parameters: 8 * 3 * 9 + 8 * 5 + 5,
      byteLength: bytes.length,
      producer: "stratum-tests 1",
      metadata: { "stratum.preprocessing": "{}" },
    });
  });

  test("leaves long metadata out, and refuses long or countless names", () => {
    const pairs = [
      { key: "long", value: "x".repeat(10_001) },
      { key: "nul", value: "\0" },
      ...Array.from({ length: 200 }, (_, i) => ({ key: `key ${i}`, value: "v" })),
    ];
    const { metadata } = inspectModel(classifierBytes({ parts: { metadataProps: pairs } }));
    expect(Object.keys(metadata)).toHaveLength(100);
    expect(metadata).not.toHaveProperty("long");
    expect(metadata).not.toHaveProperty("nul");
    const many = Array.from({ length: 201 }, (_, i) => value(`y${i}`, [1]));
    const relu = node("Relu", ["x"], ["y"]);
    for (const output of [many, [value("y".repeat(1_001), [1])], [value("y\0", [1])]]) {
      expect(() => inspectModel(writeModel(model(graph({ node: [relu], output }))))).toThrow(
        refusal("MODEL_LIMIT"),
      );
    }
  });

  test("takes weights that are listed as inputs, as old exporters do, for weights", () => {
    const { graph: of, ...rest } = classifier();
    const listed = value("bias", [2]);
    const bytes = writeModel({ ...rest, ...(of && { graph: { ...of, input: [...of.input, listed] } }) });
    expect(inspectModel(bytes).inputs.map(({ name }) => name)).toEqual(["image"]);
  });

  test.skipIf(sharedModels === undefined)("reads other people's models", () => {
    const { inputs, outputs, operators } = inspectModel(
      readFileSync(join(sharedModels ?? "", "light_densenet121.onnx")),
    );
    expect(inputs).toEqual([{ name: "data_0", type: "float", shape: [1, 3, 224, 224] }]);
    expect(outputs).toEqual([{ name: "fc6_1", type: "float", shape: [1, 1000, 1, 1], madeBy: "Conv" }]);
    expect(operators).toMatchObject({ Conv: 121 });
    expect(
      inspectModel(readFileSync(join(sharedModels ?? "", "light_resnet50.onnx"))).operators,
    ).toMatchObject({ Conv: 53 });
  });

  test.each([
    ["nothing", new Uint8Array()],
    ["text", new TextEncoder().encode("not a model at all")],
    ["an empty graph", writeModel(model(graph({})))],
    [
      "a model without operator sets",
      writeModel(model(classifier().graph ?? graph({}), { opsetImport: [] })),
    ],
    [
      "weights shorter than their dimensions",
      modelOf([node("Relu", ["x"], ["y"])], [tensor("w", "float", [1e6], new Uint8Array(4))]),
    ],
  ])("refuses %s", (_what, bytes) => {
    expect(() => inspectModel(bytes)).toThrow(refusal("MODEL_INVALID"));
  });

  test("refuses a longer file than it was told to", () => {
    const bytes = classifierBytes();
    expect(() => inspectModel(bytes, { maxBytes: bytes.length - 1 })).toThrow(refusal("MODEL_TOO_LARGE"));
    expect(inspectModel(bytes, { maxBytes: bytes.length }).byteLength).toBe(bytes.length);
  });

  test("is right or refuses at every truncation and every flipped bit", () => {
    const bytes = classifierBytes();
    const attempt = (bad: Uint8Array) => {
      try {
        inspectModel(bad);
        return "read";
      } catch (error) {
        expect(error).toBeInstanceOf(ModelError);
        return "refused";
      }
    };
    for (let end = 0; end < bytes.length; end++) {
      // Only a cut between the last fields leaves a whole model; this one ends with its operator sets.
      expect(attempt(bytes.subarray(0, end)), `cut at ${end}`).toBe("refused");
    }
    const flipped = Uint8Array.from(bytes);
    let refused = 0;
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const at = bit >> 3;
      flipped[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
      if (attempt(flipped) === "refused") refused += 1;
      flipped[at] = bytes[at] ?? 0;
    }
    expect(refused).toBeGreaterThan(0);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => void attempt(noise)));
  });
});

describe("external data", () => {
  const locations = {
    parent: "../secret.bin",
    "far parent": "../../../../etc/passwd",
    absolute: "/etc/passwd",
    device: "/dev/zero",
    here: "weights.bin",
    symlink: "link.bin",
    "symlinked folder": "folder/weights.bin",
    "hard link": "hard.bin",
    "with a NUL": "weights.bin\0.txt",
    "memory marker": "*/_ORT_MEM_ADDR_/*",
    windows: "..\\..\\secret.bin",
    "url encoded": "%2e%2e/secret.bin",
    empty: "",
    proc: "/proc/self/environ",
  };
  const pairs = Object.entries(locations).map(
    ([name, location]) => [name, [{ key: "location", value: location }]] as const,
  );
  const kinds: readonly (readonly [string, Partial<TensorProto>])[] = [
    ...pairs.map(([name, externalData]) => [name, { dataLocation: 1, externalData }] as const),
    [
      "offset below 0",
      {
        dataLocation: 1,
        externalData: [
          { key: "location", value: "w" },
          { key: "offset", value: "-1" },
        ],
      },
    ],
    ["no location at all", { dataLocation: 1 }],
    ["a location without the mark", { externalData: [{ key: "location", value: "w" }] }],
    ["an unknown mark", { dataLocation: 7 }],
  ];
  const relu = node("Relu", ["x"], ["y"]);
  const subgraph = (bad: TensorProto) =>
    node("If", ["c"], ["y"], { then_branch: graph({ initializer: [bad] }), else_branch: graph({}) });
  const sparse = (bad: TensorProto) => ({ values: bad, indices: int64s("i", [0n]), dims: [1n] });
  const [constant] = node("Constant", [], ["c"], { value: 1n }).attribute;
  const places: Readonly<Record<string, (bad: TensorProto) => ModelProto>> = {
    "an initializer": (bad) => model(graph({ node: [relu], initializer: [bad], output: [value("y", [1])] })),
    "an attribute": (bad) =>
      model(graph({ node: [relu, node("Constant", [], ["c"], { value: bad })], output: [value("y", [1])] })),
    "a list in an attribute": (bad) =>
      model(
        graph({
          node: [
            relu,
            { ...node("Constant", [], ["c"]), attribute: constant ? [{ ...constant, tensors: [bad] }] : [] },
          ],
          output: [value("y", [1])],
        }),
      ),
    "a subgraph": (bad) => model(graph({ node: [relu, subgraph(bad)], output: [value("y", [1])] })),
    "a sparse tensor's values": (bad) =>
      model(graph({ node: [relu], sparseInitializer: [sparse(bad)], output: [value("y", [1])] })),
    "a sparse tensor's indices": (bad) =>
      model(
        graph({
          node: [relu],
          sparseInitializer: [{ values: floats("v", [1], [1]), indices: bad, dims: [1n] }],
          output: [value("y", [1])],
        }),
      ),
    "a sparse attribute": (bad) =>
      model(
        graph({
          node: [
            relu,
            {
              ...node("Constant", [], ["c"]),
              attribute: constant ? [{ ...constant, sparseTensor: sparse(bad) }] : [],
            },
          ],
          output: [value("y", [1])],
        }),
      ),
    "a function": (bad) =>
      model(graph({ node: [relu], output: [value("y", [1])] }), {
        functions: [
          {
            name: "f",
            input: [],
            output: [],
            attribute: [],
            node: [node("Constant", [], ["c"], { value: bad })],
            opsetImport: [],
            attributeProto: [],
            valueInfo: [],
            metadataProps: [],
          },
        ],
      }),
    "training information": (bad) =>
      model(graph({ node: [relu], output: [value("y", [1])] }), {
        trainingInfo: [
          { initialization: graph({ initializer: [bad] }), initializationBinding: [], updateBinding: [] },
        ],
      }),
  };
  const cases = Object.entries(places).flatMap(([place, build]) =>
    kinds.map(([kind, parts]) => [kind, place, build, parts] as const),
  );

  test.each(cases)("is refused: %s in %s", (_kind, _place, build, parts) => {
    const bad: TensorProto = { ...tensor("w", "float", [1], new Uint8Array(4)), ...parts };
    for (const trusted of [false, true]) {
      expect(() => inspectModel(writeModel(build(bad)), { trusted })).toThrow(
        refusal("MODEL_EXTERNAL_DATA_FORBIDDEN"),
      );
    }
  });

  test("is not seen where there is none", () => {
    const good = tensor("w", "float", [1], new Uint8Array(4));
    const initializer = places["an initializer"];
    expect(initializer && inspectModel(writeModel(initializer(good))).parameters).toBe(1);
  });
});

describe("operators", () => {
  test.each([
    ["a loop", node("Loop", ["x"], ["y"], { body: graph({}) })],
    ["a branch", node("If", ["x"], ["y"], { then_branch: graph({}), else_branch: graph({}) })],
    ["a scan", node("Scan", ["x"], ["y"], { body: graph({}) })],
    ["a graph within a harmless one", node("Relu", ["x"], ["y"], { body: graph({}) })],
    ["chance", node("RandomNormalLike", ["x"], ["y"])],
    ["a custom domain", node("Conv", ["x"], ["y"], {}, "evil.example")],
    ["another library's domain", node("FusedConv", ["x"], ["y"], {}, "com.microsoft")],
    ["one without a name", node("", ["x"], ["y"])],
    [
      "normalisation by the batch",
      node("BatchNormalization", ["x", "a", "b", "c", "d"], ["y"], { training_mode: 1n }),
    ],
    ["dropout that drops", node("Dropout", ["x", "ratio", "on"], ["y"])],
  ])("refuse %s", (_what, bad) => {
    expect(() => inspectModel(modelOf([bad]))).toThrow(refusal("MODEL_OP_FORBIDDEN"));
  });

  test("refuse the model's own functions", () => {
    const bytes = writeModel({
      ...classifier(),
      functions: [
        {
          name: "f",
          input: [],
          output: [],
          attribute: [],
          node: [],
          opsetImport: [],
          attributeProto: [],
          valueInfo: [],
          metadataProps: [],
        },
      ],
    });
    expect(() => inspectModel(bytes)).toThrow(refusal("MODEL_OP_FORBIDDEN"));
    expect(inspectModel(bytes, { trusted: true }).parameters).toBeGreaterThan(0);
  });

  test("show no control characters of a hostile name", () => {
    expect(() => inspectModel(modelOf([node("\u001b[2Jrm -rf", ["x"], ["y"])]))).toThrow(
      /got \?\?2Jrm\?\?rf$/,
    );
  });

  test("allow dropout that is switched off, and a loop trained here", () => {
    const off = tensor("on", "bool", [], Uint8Array.of(0));
    expect(inspectModel(modelOf([node("Dropout", ["x", "", "on"], ["y"])], [off])).operators).toEqual({
      Dropout: 1,
    });
    const loop = modelOf([node("Loop", ["x"], ["y"], { body: graph({}) })]);
    expect(inspectModel(loop, { trusted: true }).operators).toEqual({ Loop: 1 });
  });
});

describe("bombs", () => {
  test.each([
    ["ConstantOfShape", node("ConstantOfShape", ["s"], ["y"]), int64s("s", [3_000_000_000n])],
    ["Expand", node("Expand", ["x", "s"], ["y"]), int64s("s", [100_000n, 100_000n])],
    ["Tile", node("Tile", ["x", "s"], ["y"]), int64s("s", [1n << 40n])],
    ["Resize", node("Resize", ["x", "", "", "s"], ["y"]), int64s("s", [1n, 1n, 1n << 20n, 1n << 20n])],
    ["Pad", node("Pad", ["x", "s"], ["y"]), int64s("s", [0n, 1n << 40n])],
    ["Range", node("Range", ["a", "s", "b"], ["y"]), int64s("s", [1n << 50n])],
    ["OneHot", node("OneHot", ["x", "s", "v"], ["y"]), int64s("s", [1n << 40n])],
  ])("of %s are refused", (_what, bomb, size) => {
    const more = [int64s("a", [0n]), int64s("b", [1n])];
    expect(() => inspectModel(modelOf([bomb], [size, ...more]))).toThrow(refusal("MODEL_LIMIT"));
    const constant = node("Constant", [], ["s"], { value: size });
    expect(() => inspectModel(modelOf([constant, bomb], more))).toThrow(refusal("MODEL_LIMIT"));
  });

  test("in many small parts are refused", () => {
    const size = int64s("s", [50_000_000n]);
    const parts = Array.from({ length: 6 }, (_, i) => node("ConstantOfShape", ["s"], [`y${i}`]));
    expect(inspectModel(modelOf(parts.slice(0, 5), [size])).operators).toEqual({ ConstantOfShape: 5 });
    expect(() => inspectModel(modelOf(parts, [size]))).toThrow(refusal("MODEL_LIMIT"));
  });

  test("of operators without number are refused", () => {
    const relu = node("Relu", ["x"], ["y"]);
    expect(() => inspectModel(modelOf(Array.from({ length: 200_001 }, () => relu)))).toThrow(
      refusal("MODEL_LIMIT"),
    );
  });
});

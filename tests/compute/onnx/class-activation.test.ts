import { describe, expect, test } from "vitest";
import { classActivation, findClassHead } from "../../../compute/onnx/class-activation.ts";
import type { NodeProto, TensorProto } from "../../../compute/onnx/onnx-messages.ts";
import { floats, graph, int64s, model, node } from "../../support/onnx-models.ts";

// Two channels, three classes: row by row the classes' weights.
const rows = [1, 2, 3, 4, 5, 6];
const columns = [1, 3, 5, 2, 4, 6];
const head = (nodes: readonly NodeProto[], initializer: readonly TensorProto[]) =>
  findClassHead(model(graph({ node: nodes, initializer })), "y");

const pool = node("GlobalAveragePool", ["f"], ["p"]);
const flat = node("Flatten", ["p"], ["v"]);
const cases: readonly (readonly [string, readonly NodeProto[], readonly TensorProto[]])[] = [
  ["Gemm", [pool, flat, node("Gemm", ["v", "w", "b"], ["y"])], [floats("w", [2, 3], columns)]],
  [
    "Gemm transposed, as PyTorch exports it",
    [pool, flat, node("Gemm", ["v", "w", "b"], ["y"], { transB: 1n, alpha: 1 })],
    [floats("w", [3, 2], rows)],
  ],
  [
    "MatMul with a bias and a softmax",
    [
      pool,
      flat,
      node("MatMul", ["v", "w"], ["m"]),
      node("Add", ["b", "m"], ["a"]),
      node("Softmax", ["a"], ["y"]),
    ],
    [floats("w", [2, 3], columns), floats("b", [3], [9])],
  ],
  [
    "a convolution of single pixels",
    [pool, node("Conv", ["p", "w"], ["c"]), node("Flatten", ["c"], ["y"])],
    [floats("w", [3, 2, 1, 1], rows)],
  ],
  [
    "a mean by axes in an attribute",
    [node("ReduceMean", ["f"], ["v"], { axes: [2n, 3n] }), node("MatMul", ["v", "w"], ["y"])],
    [floats("w", [2, 3], columns)],
  ],
  [
    "a mean by axes in an input, counted from behind",
    [node("ReduceMean", ["f", "axes"], ["v"]), node("MatMul", ["v", "w"], ["y"])],
    [floats("w", [2, 3], columns), int64s("axes", [-1n, -2n])],
  ],
];

describe("findClassHead", () => {
  test.each(cases)("finds %s", (_what, nodes, initializer) => {
    const { features, weights } = head(nodes, initializer);
    expect(features).toBe("f");
    expect([...(weights ?? [])]).toEqual(rows);
  });

  test("takes the channels for the classes where nothing follows the mean", () => {
    expect(head([pool, node("Flatten", ["p"], ["y"])], [])).toEqual({ features: "f" });
  });

  test.each([
    [
      "a mean over channels",
      [node("ReduceMean", ["f"], ["v"], { axes: [1n] }), node("MatMul", ["v", "w"], ["y"])],
    ],
    ["no mean", [node("Flatten", ["f"], ["v"]), node("MatMul", ["v", "w"], ["y"])]],
    ["weights that are worked out", [pool, flat, node("MatMul", ["v", "v"], ["y"])]],
    ["a circle", [node("Flatten", ["y"], ["y"])]],
    ["nothing", [node("Relu", ["x"], ["z"])]],
  ])("refuses %s", (_what, nodes) => {
    expect(() => head(nodes, [floats("w", [2, 3], columns)])).toThrow(
      expect.objectContaining({ code: "MODEL_SIGNATURE_MISMATCH" }),
    );
  });
});

describe("classActivation", () => {
  const features = Float32Array.of(1, 2, 10, 20, 3, 4, 30, 40, 0, 0, 0, 0);
  const shape = { images: 2, channels: 2, size: 2 };
  const weights = Float32Array.from([1, 0, 0.5, -1]);

  test("weighs the channels by what they add to the class", () => {
    expect([...classActivation(features, shape, { features: "f", weights }, 0)]).toEqual([1, 2, 3, 4]);
    expect([...classActivation(features, shape, { features: "f", weights }, 1)]).toEqual([
      -9.5, -19, -28.5, -38,
    ]);
  });

  test("is the channel itself where channels are classes", () => {
    expect([...classActivation(features, shape, { features: "f" }, 1)]).toEqual([10, 20, 30, 40]);
  });

  test("is the opposite for the first of two classes that come as one number", () => {
    const one = { features: "f", weights: Float32Array.of(1, 0) };
    expect([...classActivation(features, shape, one, 1)]).toEqual([1, 2, 3, 4]);
    expect([...classActivation(features, shape, one, 0)]).toEqual([-1, -2, -3, -4]);
  });
});

import { describe, expect, test } from "vitest";
import { findPenultimate } from "../../../compute/onnx/expose-values.ts";
import { floats, graph, model, node } from "../../support/onnx-models.ts";

const weights = [floats("w", [2, 3], [1]), floats("b", [3], [9])];
const of = (nodes: readonly ReturnType<typeof node>[]) =>
  findPenultimate(model(graph({ node: nodes, initializer: weights })), "y");
const features = node("Relu", ["x"], ["f"]);

describe("findPenultimate", () => {
  test.each([
    ["Gemm", [node("Gemm", ["f", "w", "b"], ["y"])]],
    ["a Gemm with a sigmoid", [node("Gemm", ["f", "w", "b"], ["g"]), node("Sigmoid", ["g"], ["y"])]],
    [
      "MatMul with its bias on either side",
      [node("MatMul", ["f", "w"], ["m"]), node("Add", ["b", "m"], ["a"]), node("Softmax", ["a"], ["y"])],
    ],
    ["a convolution of single pixels", [node("Conv", ["f", "w"], ["c"]), node("Flatten", ["c"], ["y"])]],
    ["weights on the left", [node("MatMul", ["w", "f"], ["y"])]],
  ])("is what the last linear layer reads: %s", (_what, end) => {
    expect(of([features, ...end])).toBe("f");
  });

  test("passes over layers before the last", () => {
    const first = node("Gemm", ["f", "w"], ["h"]);
    expect(of([features, first, node("Relu", ["h"], ["r"]), node("Gemm", ["r", "w"], ["y"])])).toBe("r");
  });

  test.each([
    ["another end", [features, node("Relu", ["f"], ["y"])]],
    ["a layer of the input itself", [node("Gemm", ["x", "w"], ["y"])]],
  ])("refuses a model with %s", (_what, nodes) => {
    expect(() => of(nodes)).toThrow(/ends in a linear layer/);
  });
});

import { describe, expect, test } from "vitest";
import { checkSignature } from "../../../compute/onnx/check-signature.ts";
import { inspectModel } from "../../../compute/onnx/inspect-model.ts";
import { writeModel } from "../../../compute/onnx/model-bytes.ts";
import type { GraphProto } from "../../../compute/onnx/onnx-messages.ts";
import { parsePreprocessing } from "../../../compute/onnx/parse-preprocessing.ts";
import type { Activation } from "../../../compute/onnx/preprocessing.ts";
import { graph, model, node, value } from "../../support/onnx-models.ts";

const preprocessing = parsePreprocessing({ rows: 8, cols: 8, planes: 1 });

function ports(parts: Partial<GraphProto>, classes = 3, activation: Activation = "none") {
  const output = { name: "y", activation };
  const whole = {
    node: [node("Relu", ["x"], ["y"])],
    input: [value("x", ["n", 1, 8, 8])],
    output: [value("y", ["n", 3])],
    ...parts,
  };
  return checkSignature(inspectModel(writeModel(model(graph(whole)))), preprocessing, output, classes);
}

describe("checkSignature", () => {
  test("finds the input and the output", () => {
    expect(ports({})).toEqual({ input: "x", output: "y" });
  });

  test.each([
    ["a batch of its own", { input: [value("x", [4, 1, 8, 8])] }, 4],
    ["symbolic sizes", { input: [value("x", ["n", "c", "h", "w"])] }, undefined],
    [
      "no shape at all",
      { input: [{ name: "x", type: { tensorType: { elemType: 1 } }, metadataProps: [] }] },
      undefined,
    ],
    ["sizes of 1 behind the classes", { output: [value("y", ["n", 3, 1, 1])] }, undefined],
    ["an output of unknown size", { output: [value("y", ["n", "classes"])] }, undefined],
    ["another output beside", { output: [value("z", ["n", 7]), value("y", ["n", 3])] }, undefined],
  ])("takes %s", (_what, parts, batch) => {
    expect(ports(parts).batch).toBe(batch);
  });

  test("takes one number for two classes", () => {
    expect(ports({ output: [value("y", ["n", 1])] }, 2)).toEqual({ input: "x", output: "y" });
    expect(ports({ output: [value("y", ["n"])] }, 2)).toEqual({ input: "x", output: "y" });
  });

  test("refuses to make probabilities of probabilities", () => {
    const softmax = { node: [node("Softmax", ["x"], ["y"])] };
    expect(ports(softmax)).toEqual({ input: "x", output: "y" });
    expect(() => ports(softmax, 3, "softmax")).toThrow(
      expect.objectContaining({ code: "MODEL_SIGNATURE_MISMATCH" }),
    );
  });

  test.each([
    ["two inputs", { input: [value("x", ["n", 1, 8, 8]), value("z", ["n"])] }],
    ["no input", { input: [] }],
    ["bytes for an input", { input: [value("x", ["n", 1, 8, 8], "uint8")] }],
    ["another size", { input: [value("x", ["n", 1, 8, 9])] }],
    ["more planes", { input: [value("x", ["n", 3, 8, 8])] }],
    ["fewer dimensions", { input: [value("x", ["n", 64])] }],
    ["batches of none", { input: [value("x", [0, 1, 8, 8])] }],
    ["no such output", { output: [value("z", ["n", 3])] }],
    ["more classes", { output: [value("y", ["n", 4])] }],
    ["one number for three classes", { output: [value("y", ["n", 1])] }],
    ["integers for scores", { output: [value("y", ["n", 3], "int64")] }],
  ])("refuses %s", (_what, parts) => {
    expect(() => ports(parts)).toThrow(expect.objectContaining({ code: "MODEL_SIGNATURE_MISMATCH" }));
  });
});

import { describe, expect, test } from "vitest";
import { sizeOf } from "../../../../compute/onnx/graph/shapes.ts";
import { modelOf } from "../../../../compute/onnx/graph/to-model.ts";
import { readModel } from "../../../../compute/onnx/model-bytes.ts";
import { type ArchitectureName, architectures } from "../../../../compute/onnx/networks/architectures.ts";
import { heNormal, initialNumbers } from "../../../../compute/onnx/networks/initialise.ts";
import { buildNetwork } from "../../../../compute/onnx/networks/network.ts";
import { refuseModel } from "../../../../compute/onnx/refuse-model.ts";

const imagenet = { batch: 1, planes: 3, rows: 224, cols: 224, classes: 1000 };

describe("architectures", () => {
  // Numbers of parameters as torchvision's documentation of its models gives them (version 0.14), for 1,000 classes.
  test.each<[ArchitectureName, number]>([
    ["resnet18", 11_689_512],
    ["resnet34", 21_797_672],
    ["resnet50", 25_557_032],
    ["densenet121", 7_978_856],
    ["mobilenet_v2", 3_504_872],
    ["efficientnet_b0", 5_288_548],
  ])("%s has as many weights as its paper's implementation", (name, expected) => {
    const { network, logits } = buildNetwork(architectures[name], "inference", imagenet);
    expect(network.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0)).toBe(expected);
    expect(logits.shape).toEqual([1, 1000]);
  });

  const names = Object.keys(architectures) as readonly ArchitectureName[]; // safe: the keys of the table
  test.each(names)("%s takes any size, one plane or three, and is a valid model in both modes", (name) => {
    for (const mode of ["training", "inference"] as const) {
      const shape = { batch: 2, planes: 1, rows: 64, cols: 80, classes: 3 };
      const { network, logits } = buildNetwork(architectures[name], mode, shape);
      expect(logits.shape).toEqual([2, 3]);
      network.graph.output("logits", logits);
      const model = readModel(modelOf(network.graph));
      // Nothing in it that a model of a stranger would be refused for.
      refuseModel(model, false);
      expect(model.graph?.input.length).toBe(1 + network.parameters.length + network.statistics.length);
      const carried = network.statistics.every(({ next }) => (next !== undefined) === (mode === "training"));
      expect(carried).toBe(true);
    }
  });

  test.each([
    ["batch", { ...imagenet, batch: 0 }],
    ["classes", { ...imagenet, classes: 1.5 }],
  ])("refuse a bad %s", (name, shape) => {
    expect(() => buildNetwork(architectures.small_cnn, "training", shape)).toThrow(`Expected ${name}`);
  });
});

describe("first weights", () => {
  const shape = [64, 32, 3, 3];

  test("have the variance that He et al. 2015 ask for", () => {
    const numbers = initialNumbers("layer", shape, heNormal(shape, "out"), 1);
    const variance = numbers.reduce((sum, value) => sum + value * value, 0) / numbers.length;
    // The relative standard error of a variance of 18,432 normals is sqrt(2 / n), 1 %.
    expect(variance / (2 / (9 * 64))).toBeCloseTo(1, 1);
    expect(heNormal(shape, "in")).toEqual({ kind: "normal", deviation: Math.sqrt(2 / (9 * 32)) });
  });

  test("depend on seed and name alone", () => {
    const draw = (name: string, seed: number) =>
      initialNumbers(name, [5], { kind: "uniform", bound: 2 }, seed);
    expect(draw("a", 1)).toEqual(draw("a", 1));
    expect(draw("a", 1)).not.toEqual(draw("b", 1));
    expect(draw("a", 1)).not.toEqual(draw("a", 2));
    expect(draw("a", 1).every((value) => Math.abs(value) < 2)).toBe(true);
    expect([...initialNumbers("a", [2], { kind: "constant", value: 1 }, 1)]).toEqual([1, 1]);
  });
});

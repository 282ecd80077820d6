import { describe, expect, test } from "vitest";
import type { Constant } from "../../../compute/onnx/graph/graph.ts";
import { modelOf } from "../../../compute/onnx/graph/to-model.ts";
import { inspectModel } from "../../../compute/onnx/inspect-model.ts";
import { type ArchitectureName, architectures } from "../../../compute/onnx/networks/architectures.ts";
import { initialNumbers } from "../../../compute/onnx/networks/initialise.ts";
import { buildNetwork } from "../../../compute/onnx/networks/network.ts";
import { runModelOnce } from "../../../compute/onnx/run-model.ts";
import { RandomStream } from "../../../compute/random.ts";
import { bakedNetwork } from "../../../compute/trainers/baked-network.ts";
import { modelFile } from "../../../compute/trainers/model-file.ts";
import { probabilities } from "../../../compute/trainers/targets.ts";

const shape = { batch: 2, planes: 1, rows: 32, cols: 32, classes: 3 };

/** Numbers as after some training: no norm is what it began as. */
function network(name: ArchitectureName) {
  const { network: built, logits } = buildNetwork(architectures[name], "inference", shape);
  built.graph.output("logits", logits);
  const random = new RandomStream(4);
  const numbers = new Map<string, Float32Array>();
  for (const { name: key, shape: size, initial } of built.parameters) {
    const begin = initialNumbers(key, size, initial, 2);
    numbers.set(
      key,
      size.length === 1 ? begin.map((value) => value + 0.2 * (random.uniform() - 0.5)) : begin,
    );
  }
  for (const { name: key, shape: size, initial } of built.statistics) {
    numbers.set(
      key,
      Float32Array.from({ length: size[0] ?? 0 }, () => initial + 0.5 * random.uniform()),
    );
  }
  return { graph: built.graph, numbers };
}

describe("a network with its numbers inside", () => {
  // Norms that no convolution comes straight before stay: those that DenseNet has in front of its layers.
  test.each<[ArchitectureName, number]>([
    ["small_cnn", 0],
    ["linear_probe", 0],
    ["resnet18", 0],
    ["mobilenet_v2", 0],
    ["efficientnet_b0", 0],
    ["densenet121", 62],
  ])("%s scores as it did with its norms, for any number of images", async (name, norms) => {
    const { graph, numbers } = network(name);
    const random = new RandomStream(8);
    const images = Float32Array.from({ length: 3 * 1024 }, () => random.normal());
    const two: Constant = { type: "float", shape: [2, 1, 32, 32], data: images.slice(0, 2048) };
    const given = [...numbers].map(([key, data]): [string, Constant] => {
      const input = graph.inputs.find((each) => each.name === key);
      return [key, { type: "float", shape: input?.shape ?? [], data }];
    });
    const plain = await runModelOnce(modelOf(graph), { ...Object.fromEntries(given), images: two });
    const expected = probabilities("exclusive", plain["logits"]?.data as Float32Array, 3);
    const bytes = modelFile(bakedNetwork(graph, numbers, "Softmax"), { key: "value" }, true);
    const { operators, opsets, metadata, inputs, outputs } = inspectModel(bytes);
    expect(operators["BatchNormalization"] ?? 0).toBe(norms);
    expect(opsets).toEqual({ "": 17 });
    expect(metadata).toEqual({ key: "value" });
    expect(inputs).toEqual([{ name: "images", type: "float", shape: ["n", 1, 32, 32] }]);
    expect(outputs).toEqual([{ name: "scores", type: "float", shape: ["n", 3], madeBy: "Softmax" }]);
    for (const count of [1, 2, 3]) {
      const some: Constant = {
        type: "float",
        shape: [count, 1, 32, 32],
        data: images.slice(0, count * 1024),
      };
      const { scores } = await runModelOnce(bytes, { images: some });
      expect(scores?.shape).toEqual([count, 3]);
      for (let k = 0; k < Math.min(count, 2) * 3; k += 1) {
        expect(Math.abs(Number(scores?.data[k]) - (expected[k] ?? 0))).toBeLessThan(1e-5);
      }
    }
  });
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { differentiate } from "../../../../compute/onnx/gradients/differentiate.ts";
import { Graph } from "../../../../compute/onnx/graph/graph.ts";
import type { Tensor } from "../../../../compute/onnx/graph/tensor.ts";
import { modelOf } from "../../../../compute/onnx/graph/to-model.ts";
import { bakedModel, importGraph } from "../../../../compute/onnx/import/import-graph.ts";
import { readMessage, writeModel } from "../../../../compute/onnx/model-bytes.ts";
import { type ArchitectureName, architectures } from "../../../../compute/onnx/networks/architectures.ts";
import { initialNumbers } from "../../../../compute/onnx/networks/initialise.ts";
import { buildNetwork } from "../../../../compute/onnx/networks/network.ts";
import { RandomStream } from "../../../../compute/random.ts";
import { floats, graph as graphMessage, int64s, model, node } from "../../../support/onnx-models.ts";
import { probeModel } from "../../../support/probe.ts";
import { prepareGraph, runGraph } from "../../../support/run-graph.ts";
import { findSharedData } from "../../../support/shared-data.ts";

const shared = findSharedData("onnx", "importing and differentiating other people's models");

/** Feeds of an imported graph: its weights, and what is given. */
function feedsOf(
  imported: Awaited<ReturnType<typeof importGraph>>,
  given: Readonly<Record<string, Float32Array>>,
): Readonly<Record<string, Float32Array>> {
  const weights = imported.weights.map(({ tensor, numbers }) => [tensor.name, numbers]);
  return { ...Object.fromEntries(weights), ...given };
}

describe("importing a model", () => {
  test.each<ArchitectureName>(["small_cnn", "mobilenet_v2", "efficientnet_b0"])(
    "reads %s as it was written, weights and all",
    async (name) => {
      const shape = { batch: 2, planes: 1, rows: 32, cols: 32, classes: 3 };
      const { network, logits } = buildNetwork(architectures[name], "inference", shape);
      network.graph.output("logits", logits);
      const stream = new RandomStream(5);
      const numbers: Record<string, Float32Array> = {};
      for (const { name: key, shape: size, initial } of network.parameters)
        numbers[key] = initialNumbers(key, size, initial, 1);
      for (const {
        name: key,
        shape: [size = 0],
        initial,
      } of network.statistics)
        numbers[key] = Float32Array.from({ length: size }, () => initial + 0.1 * stream.uniform());
      const images = Float32Array.from({ length: 2 * 32 * 32 }, () => stream.normal());
      const expected = (await runGraph(network.graph, { ...numbers, images }))["logits"];
      // What was fed becomes part of the file.
      const { graph } = network;
      const whole = bakedModel({
        graph,
        inputs: [],
        outputs: graph.outputs,
        weights: graph.inputs.flatMap((tensor) =>
          tensor.name === "images" ? [] : [{ tensor, numbers: numbers[tensor.name] as Float32Array }],
        ),
      });
      const imported = await importGraph(whole, { images: [2, 1, 32, 32] }, probeModel);
      expect(imported.weights.length).toBe(network.parameters.length);
      for (const { name: output, tensor } of imported.outputs) imported.graph.output(output, tensor);
      const again = await runGraph(imported.graph, feedsOf(imported, { images }));
      expect(again["logits"]).toEqual(expected);
    },
  );

  test("says the forms of older operator sets in the words of ours", async () => {
    const bytes = writeModel(
      model(
        graphMessage({
          node: [
            node("Clip", ["x"], ["clipped"], { min: -1.5, max: 1.5 }),
            node("Pad", ["clipped"], ["padded"], { pads: [0n, 0n, 1n, 1n, 0n, 0n, 0n, 0n], value: 0.25 }),
            node("Dropout", ["padded"], ["kept", "mask"], { ratio: 0.5 }),
            node("Slice", ["kept"], ["cut"], { starts: [1n], ends: [3n], axes: [3n] }),
            node("ReduceMean", ["cut"], ["mean"], { axes: [2n], keepdims: 1n }),
            node("Squeeze", ["mean"], ["flat"], { axes: [2n] }),
            node("Unsqueeze", ["flat"], ["wide"], { axes: [0n] }),
            node("Softmax", ["wide"], ["soft"], { axis: 2n }),
            node("Split", ["soft"], ["first", "second"], { axis: 2n, split: [1n, 1n] }),
            node("Sub", ["first", "second"], ["y"]),
          ],
          input: [{ name: "x", type: floatType([1n, 2n, 2n, 2n]), metadataProps: [] }],
          output: [{ name: "y", type: floatType([]), metadataProps: [] }],
        }),
        { opsetImport: [{ domain: "", version: 9n }], irVersion: 4n },
      ),
    );
    const x = Float32Array.of(3, -0.5, 0.25, -4, 1, 2, -1, 0.5);
    const direct = await probeModel(bytes, { x: { type: "float", shape: [1, 2, 2, 2], data: x } });
    const imported = await importGraph(bytes, { x: [1, 2, 2, 2] }, probeModel);
    for (const { name, tensor } of imported.outputs) imported.graph.output(name, tensor);
    const again = await runGraph(imported.graph, { x });
    expect(again["y"]?.length).toBe(2);
    for (const [k, value] of Array.from(again["y"] ?? [], Number).entries())
      expect(value).toBeCloseTo(Number(direct["y"]?.data[k]), 6);
  });

  const scales = (values: readonly number[]) => floats("scales", [values.length], [...values]);
  test.each([
    [
      "Upsample of 7",
      7n,
      node("Upsample", ["x"], ["y"], { scales: Float32Array.of(1, 1, 2, 1.5), mode: "nearest" }),
      [],
    ],
    ["Upsample of 9", 9n, node("Upsample", ["x", "scales"], ["y"], { mode: "linear" }), [1, 1, 2, 2]],
    ["Resize of 10", 10n, node("Resize", ["x", "scales"], ["y"], {}), [1, 1, 3, 1.5]],
    ["Resize of 10 that shrinks", 10n, node("Resize", ["x", "scales"], ["y"], {}), [1, 1, 0.5, 0.75]],
    ["Resize of 11", 11n, node("Resize", ["x", "roi", "scales"], ["y"], { mode: "cubic" }), [1, 1, 1.5, 2]],
    ["Resize of 18", 18n, node("Resize", ["x", "", "scales"], ["y"], { axes: [3n, 2n] }), [2, 0.5]],
  ] as const)("takes %s, whose scales are no weights", async (_name, version, resize, by) => {
    const bytes = writeModel(
      model(
        graphMessage({
          node: [resize],
          initializer: by.length === 0 ? [] : [scales(by), floats("roi", [0], [])],
          input: [{ name: "x", type: floatType([1n, 2n, 4n, 6n]), metadataProps: [] }],
          output: [{ name: "y", type: floatType([]), metadataProps: [] }],
        }),
        { opsetImport: [{ domain: "", version }], irVersion: 8n },
      ),
    );
    const x = Float32Array.from({ length: 48 }, (_, k) => Math.sin(3 * k));
    const direct = await probeModel(bytes, { x: { type: "float", shape: [1, 2, 4, 6], data: x } });
    const imported = await importGraph(bytes, { x: [1, 2, 4, 6] }, probeModel);
    expect(imported.weights).toEqual([]);
    const y = imported.outputs[0]?.tensor as Tensor; // safe: it has one output
    expect(y.shape).toEqual(direct["y"]?.shape);
    imported.graph.output("y", y);
    const [given] = imported.inputs;
    const [gradient] = differentiate(imported.graph, y.sum(), given === undefined ? [] : [given]);
    expect(gradient?.shape).toEqual([1, 2, 4, 6]);
    expect((await runGraph(imported.graph, { x }))["y"]).toEqual(direct["y"]?.data);
  });

  test.each(["SAME_UPPER", "SAME_LOWER", "VALID"])("turns %s padding into numbers", async (padding) => {
    const weights = floats("w", [1, 1, 2, 3], [1, 2, 3, 4, 5, 6]);
    const attributes = { auto_pad: padding, strides: [2n, 1n], kernel_shape: [2n, 3n] };
    const bytes = writeModel(
      model(
        graphMessage({
          node: [node("Conv", ["x", "w"], ["y"], attributes)],
          initializer: [weights],
          input: [{ name: "x", type: floatType([1n, 1n, 5n, 4n]), metadataProps: [] }],
          output: [{ name: "y", type: floatType([]), metadataProps: [] }],
        }),
      ),
    );
    const x = Float32Array.from({ length: 20 }, (_, k) => Math.sin(k));
    const direct = await probeModel(bytes, { x: { type: "float", shape: [1, 1, 5, 4], data: x } });
    const imported = await importGraph(bytes, { x: [1, 1, 5, 4] }, probeModel);
    imported.graph.output("y", imported.outputs[0]?.tensor as never);
    const again = await runGraph(imported.graph, feedsOf(imported, { x }));
    expect(again["y"]).toEqual(direct["y"]?.data);
  });

  test("folds what depends on nothing that is fed", async () => {
    const bytes = writeModel(
      model(
        graphMessage({
          node: [
            node("Shape", ["x"], ["shape"]),
            node("Concat", ["shape", "more"], ["sizes"], { axis: 0n }),
            node("Reshape", ["x", "sizes"], ["y"]),
          ],
          initializer: [int64s("more", [1n])],
          input: [{ name: "x", type: floatType([2n, 3n]), metadataProps: [] }],
          output: [{ name: "y", type: floatType([]), metadataProps: [] }],
        }),
      ),
    );
    const { graph, weights } = await importGraph(bytes, { x: [2, 3] }, probeModel);
    expect(graph.nodes.map(({ op }) => op)).toEqual(["Reshape"]);
    expect(weights).toEqual([]);
  });

  test.each([
    ["an input without a shape", {}, "MODEL_SIGNATURE_MISMATCH"],
    ["no graph", undefined, "MODEL_INVALID"],
  ])("refuses %s", async (_name, shapes, code) => {
    const graph = new Graph();
    graph.output("y", graph.input("x", [1]).exp());
    const bytes = shapes === undefined ? new Uint8Array() : modelOf(graph);
    await expect(importGraph(bytes, shapes ?? {}, probeModel)).rejects.toEqual(
      expect.objectContaining({ code }),
    );
  });

  test.skipIf(shared === undefined).each(["light_resnet50", "light_densenet121"])(
    "takes %s of the ONNX project to its expected output, and through a step",
    async (name) => {
      const bytes = readFileSync(join(shared ?? "", `${name}.onnx`));
      const input = "data_0";
      const shape = [1, 3, 224, 224];
      const inputName = name === "light_resnet50" ? "gpu_0/data_0" : input;
      const imported = await importGraph(bytes, { [inputName]: shape }, probeModel);
      const [output] = imported.outputs;
      const result = output?.tensor as NonNullable<typeof output>["tensor"];
      const learning = imported.weights.map(({ tensor }) => tensor);
      const gradients = differentiate(imported.graph, result.log().sum(), learning);
      imported.graph.output("y", result);
      const [last] = [...gradients.entries()].filter(([, gradient]) => gradient !== undefined).slice(-1);
      imported.graph.output("gradient", last?.[1] as never);
      expect(gradients.filter((gradient) => gradient === undefined)).toEqual([]);
      const size = 3 * 224 * 224;
      const data = Float32Array.from({ length: size }, (_, k) => k / size);
      const run = await prepareGraph(imported.graph, { intraOpNumThreads: 2 });
      const { y, gradient } = await run(feedsOf(imported, { [inputName]: data }));
      const pb = readMessage("TensorProto", readFileSync(join(shared ?? "", `${name}_output_0.pb`)));
      const raw = pb.rawData ?? new Uint8Array();
      const expected = new Float32Array(Uint8Array.from(raw).buffer);
      for (const [k, value] of expected.entries()) expect(Number(y?.[k])).toBeCloseTo(value, 5);
      expect(Array.from(gradient ?? [], Number).every(Number.isFinite)).toBe(true);
    },
    120_000,
  );
});

function floatType(dims: readonly bigint[]) {
  return {
    tensorType: {
      elemType: 1,
      ...(dims.length === 0 ? {} : { shape: { dim: dims.map((dimValue) => ({ dimValue })) } }),
    },
  };
}

import { describe, expect, test } from "vitest";
import { Graph } from "../../../../compute/onnx/graph/graph.ts";
import { printGraph } from "../../../../compute/onnx/graph/print-graph.ts";
import { broadcast } from "../../../../compute/onnx/graph/shapes.ts";
import { concat } from "../../../../compute/onnx/graph/tensor.ts";
import { modelOf } from "../../../../compute/onnx/graph/to-model.ts";
import { inspectModel } from "../../../../compute/onnx/inspect-model.ts";
import { runGraph } from "../../../support/run-graph.ts";

describe("a graph", () => {
  test("computes what its formula says", async () => {
    const graph = new Graph();
    const x = graph.input("x", [2, 3]);
    const y = x
      .minus(x.mean([1], true))
      .times(2)
      .plus(1);
    graph.output("y", y);
    graph.output("root", x.times(x).sum().sqrt());
    const { y: got, root } = await runGraph(graph, { x: Float32Array.of(1, 2, 3, 4, 6, 8) });
    expect([...(got ?? [])]).toEqual([-1, 1, 3, -3, 1, 5]);
    expect(Number(root?.[0])).toBeCloseTo(Math.sqrt(130), 5);
  });

  test("knows the shape of every step", () => {
    const graph = new Graph();
    const x = graph.input("x", [2, 1, 6]);
    expect(x.plus(graph.input("b", [4, 1])).shape).toEqual([2, 4, 6]);
    expect(x.sum([-1]).shape).toEqual([2, 1]);
    expect(x.mean(undefined, true).shape).toEqual([1, 1, 1]);
    expect(x.slice([1, -9], [9, 5], [2, 0], [2, 1]).shape).toEqual([2, 1, 3]);
    expect(x.pad([0, 1, -2], [1, 0, 0]).shape).toEqual([3, 2, 4]);
    expect(x.transpose([2, 0, 1]).shape).toEqual([6, 2, 1]);
    expect(x.matmul(graph.input("w", [6, 5])).shape).toEqual([2, 1, 5]);
    expect(concat([x, x, x], -2).shape).toEqual([2, 3, 6]);
    expect(x.expand([3, 6]).shape).toEqual([2, 3, 6]);
    expect(broadcast([], [2, 1], [3])).toEqual([2, 3]);
  });

  test("adds nothing for what changes nothing, and keeps equal constants once", () => {
    const graph = new Graph();
    const x = graph.input("x", [2, 3]);
    for (const same of [
      x.reshape([2, 3]),
      x.transpose([0, 1]),
      x.expand([2, 3]),
      x.slice([0], [9], [0]),
      x.cast("float"),
    ])
      expect(same).toBe(x);
    expect(graph.scalar(0.5)).toBe(graph.scalar(0.5));
    expect(graph.scalar(-0)).not.toBe(graph.scalar(0));
    expect(graph.nodes).toHaveLength(0);
  });

  test.each([
    ["shapes that do not broadcast", (g: Graph) => g.input("a", [2]).plus(g.input("b", [3])), "[2] and [3]"],
    ["a reshape to another size", (g: Graph) => g.input("a", [2]).reshape([3]), "2 elements"],
    ["an axis that is not there", (g: Graph) => g.input("a", [2]).sum([1]), "axis of 1"],
    [
      "matrices that do not fit",
      (g: Graph) => g.input("a", [2, 3]).matmul(g.input("b", [2, 3])),
      "matrices that fit",
    ],
    ["too few numbers", (g: Graph) => g.constant(Float32Array.of(1), [2], "float"), "Expected 2 numbers"],
    ["a name twice", (g: Graph) => [g.input("a", []), g.input("a", [])], '"a" again'],
    [
      "an output's name twice",
      (g: Graph) => [g.output("y", g.scalar(1)), g.output("y", g.scalar(2))],
      '"y" again',
    ],
    ["an output named as an input", (g: Graph) => g.output("x", g.input("x", []).exp()), '"x" again'],
    [
      "tensors of another graph",
      (g: Graph) => g.input("a", []).plus(new Graph().input("b", [])),
      "of another",
    ],
  ])("refuses %s", (_name, make, part) => {
    expect(() => make(new Graph())).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT", message: expect.stringContaining(part) }),
    );
  });

  test("names results where they are computed, also those that are given twice or are inputs", async () => {
    const graph = new Graph();
    const x = graph.input("x", [1]);
    const y = x.exp();
    for (const [name, tensor] of [
      ["y", y],
      ["again", y],
      ["same", x],
      ["constant", graph.scalar(4)],
    ] as const)
      graph.output(name, tensor);
    const results = await runGraph(graph, { x: Float32Array.of(0) });
    expect(Object.fromEntries(Object.entries(results).map(([name, data]) => [name, [...data]]))).toEqual({
      y: [1],
      again: [1],
      same: [0],
      constant: [4],
    });
    const { operators } = inspectModel(modelOf(graph));
    expect(operators).toEqual({ Exp: 1, Identity: 3 });
  });

  test("takes its metadata into the file", () => {
    const graph = new Graph();
    graph.output("y", graph.input("x", [3]).relu());
    const { metadata, opsets, inputs } = inspectModel(modelOf(graph, { metadata: { origin: "a test" } }));
    expect({ metadata, opsets, inputs }).toEqual({
      metadata: { origin: "a test" },
      opsets: { "": 17 },
      inputs: [{ name: "x", type: "float", shape: [3] }],
    });
  });

  test("prints as text", () => {
    const graph = new Graph("small");
    const x = graph.input("x", [2, 3]);
    graph.output("y", x.times(2).sum([1]));
    expect(printGraph(graph)).toBe(
      [
        "graph small(x [2, 3])",
        "  t2 [2, 3] = Mul(x, 2)",
        "  t4 [2] = ReduceSum(t2, {1}) keepdims 0",
        "  output y = t4",
      ].join("\n"),
    );
  });
});

import { describe, expect, test } from "vitest";
import { differentiate } from "../../../../compute/onnx/gradients/differentiate.ts";
import { Graph } from "../../../../compute/onnx/graph/graph.ts";
import type { Tensor } from "../../../../compute/onnx/graph/tensor.ts";
import { runGraph } from "../../../support/run-graph.ts";

/** The gradients of sum(y * (1, 2, 3, ...)) by the tensors, as plain numbers. */
async function gradientsOf(
  graph: Graph,
  y: Tensor,
  of: readonly Tensor[],
  feeds: Readonly<Record<string, Float32Array | Float64Array | Uint8Array>>,
): Promise<readonly (readonly number[])[]> {
  const weights = Float32Array.from({ length: y.size }, (_, k) => k + 1);
  const weighted = y.times(graph.constant(weights, y.shape, "float").cast(y.type));
  const found = differentiate(graph, weighted.sum(), of);
  for (const [k, gradient] of found.entries()) graph.output(`g${k}`, gradient as Tensor);
  const results = await runGraph(graph, feeds);
  return found.map((_, k) => Array.from<number | bigint, number>(results[`g${k}`] ?? [], Number));
}

describe("differentiation", () => {
  test("adds up what reaches a tensor along several ways", async () => {
    const graph = new Graph();
    const x = graph.input("x", [2]);
    const y = x.times(x).plus(x.times(3));
    expect(await gradientsOf(graph, y, [x], { x: Float32Array.of(5, 7) })).toEqual([[13, 34]]);
  });

  test("gives the gradient of what lies in between, and of constants", async () => {
    const graph = new Graph();
    const x = graph.input("x", [2]);
    const weights = graph.constant(Float32Array.of(2, 3), [2], "float");
    const middle = x.times(weights);
    const found = await gradientsOf(graph, middle.exp().log(), [middle, weights], {
      x: Float32Array.of(1, 1),
    });
    for (const [k, values] of [
      [1, 2],
      [1, 2],
    ].entries())
      for (const [i, value] of values.entries()) expect(found[k]?.[i]).toBeCloseTo(value, 5);
  });

  test("says undefined where the loss does not depend on it", () => {
    const graph = new Graph();
    const [x, other] = [graph.input("x", [2]), graph.input("other", [2])];
    expect(differentiate(graph, x.sum(), [other])).toEqual([undefined]);
  });

  test("does no work for what nobody asked", () => {
    const graph = new Graph();
    const [x, weights] = [graph.input("x", [4, 8]), graph.input("w", [8, 2])];
    const loss = x.matmul(weights).sum();
    const before = graph.nodes.length;
    differentiate(graph, loss, [weights]);
    const added = graph.nodes.slice(before).filter(({ op }) => op === "MatMul");
    expect(added).toHaveLength(1);
  });

  test("refuses an operator without a rule, by name, and a loss of several numbers", () => {
    const graph = new Graph();
    const x = graph.input("x", [2]);
    const strange = graph.apply("Strange", [x], { shape: [], type: "float" }, { domain: "of.others" });
    expect(() => differentiate(graph, strange, [x])).toThrow("of.others.Strange");
    expect(() => differentiate(graph, x, [x])).toThrow("a loss of one number");
  });

  test("goes through a choice by condition", async () => {
    const graph = new Graph();
    const [a, b] = [graph.input("a", [3]), graph.input("b", [1])];
    const condition = graph.input("c", [3], "bool");
    const y = graph.apply("Where", [condition, a, b], { shape: [3], type: "float" });
    const feeds = { a: Float32Array.of(1, 2, 3), b: Float32Array.of(4), c: Uint8Array.of(1, 0, 1) };
    expect(await gradientsOf(graph, y, [a, b], feeds)).toEqual([[1, 0, 3], [2]]);
  });

  test.each([
    ["both bounds", -1, 1, [0, 2, 0]],
    ["a lower bound", -1, undefined, [0, 2, 3]],
    ["an upper bound", undefined, 1, [1, 2, 0]],
    ["no bound", undefined, undefined, [1, 2, 3]],
  ])("stops at %s of a clip", async (_name, low, high, expected) => {
    const graph = new Graph();
    const x = graph.input("x", [3]);
    const bound = (value: number | undefined) => (value === undefined ? undefined : graph.scalar(value));
    const y = graph.apply("Clip", [x, bound(low), bound(high)], { shape: [3], type: "float" });
    expect(await gradientsOf(graph, y, [x], { x: Float32Array.of(-2, 0.5, 2) })).toEqual([expected]);
  });

  test("goes through a change of precision, and through dropout at rest", async () => {
    const graph = new Graph();
    const x = graph.input("x", [2]);
    const still = graph.apply("Dropout", [x], { shape: [2], type: "float" });
    expect(await gradientsOf(graph, still.cast("double"), [x], { x: Float32Array.of(1, 2) })).toEqual([
      [1, 2],
    ]);
  });

  test("stops at whole numbers", () => {
    const graph = new Graph();
    const x = graph.input("x", [2]);
    const rounded = graph.apply("Floor", [x], { shape: [2], type: "float" });
    expect(differentiate(graph, rounded.sum(), [x])).toEqual([undefined]);
  });
});

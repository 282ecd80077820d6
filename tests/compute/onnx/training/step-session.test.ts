import { describe, expect, test } from "vitest";
import { Graph } from "../../../../compute/onnx/graph/graph.ts";
import { architectures } from "../../../../compute/onnx/networks/architectures.ts";
import { initialNumbers } from "../../../../compute/onnx/networks/initialise.ts";
import { openStep, type StateNumbers } from "../../../../compute/onnx/training/step-session.ts";
import { buildTrainingStep } from "../../../../compute/onnx/training/training-step.ts";
import { RandomStream } from "../../../../compute/random.ts";

/** A step that adds what is fed to its only state, and tells its double. */
function adder() {
  const graph = new Graph();
  const total = graph.input("total", [2]);
  const next = total.plus(graph.input("more", [2]));
  graph.output("next total", next);
  graph.output("twice", next.times(2));
  return { graph, state: [{ name: "total" }] };
}

describe("an open training step", () => {
  test("goes on from its own state", async () => {
    await using step = await openStep(adder(), { provider: "cpu", threads: 1 });
    step.writeState(new Map([["total", Float32Array.of(1, 2)]]));
    expect(await step.run({ more: Float32Array.of(10, 20) })).toEqual({ twice: Float32Array.of(22, 44) });
    expect(await step.run({ more: Float32Array.of(1, 1) })).toEqual({ twice: Float32Array.of(24, 46) });
    expect(await step.readState()).toEqual(new Map([["total", Float32Array.of(12, 23)]]));
    expect(step.record).toMatchObject({ provider: "cpu", threads: 1, device: expect.any(String) });
  });

  test("leaves the numbers that were written and read alone", async () => {
    await using step = await openStep(adder(), { provider: "cpu", threads: 1 });
    const first = Float32Array.of(1, 2);
    step.writeState(new Map([["total", first]]));
    await step.run({ more: Float32Array.of(1, 1) });
    const read = (await step.readState()).get("total");
    await step.run({ more: Float32Array.of(1, 1) });
    expect([first, read]).toEqual([Float32Array.of(1, 2), Float32Array.of(2, 3)]);
  });

  test("refuses to begin from nothing, wrong sizes and wrong types", async () => {
    await using step = await openStep(adder(), { provider: "cpu", threads: 1 });
    const refusal = expect.objectContaining({ code: "INVALID_INPUT" });
    await expect(step.run({ more: Float32Array.of(1, 1) })).rejects.toEqual(refusal);
    expect(() => step.writeState(new Map())).toThrow(refusal);
    expect(() =>
      step.writeState(
        new Map([
          ["total", Float32Array.of(1, 2)],
          ["other", Float32Array.of(1)],
        ]),
      ),
    ).toThrow(refusal);
    expect(() => step.writeState(new Map([["total", Float32Array.of(1)]]))).toThrow(refusal);
    step.writeState(new Map([["total", Float32Array.of(1, 2)]]));
    await expect(step.run({ more: Float32Array.of(1) })).rejects.toEqual(refusal);
    await expect(step.run({ more: Int32Array.of(1, 1) })).rejects.toEqual(refusal);
    await expect(step.run({})).rejects.toEqual(refusal);
  });

  test("keeps what is written beside the state, and runs the network at rest on both", async () => {
    const { graph, state } = adder();
    const rest = new Graph();
    const fed = rest.input("x", [2]);
    rest.output("y", rest.input("total", [2]).times(fed));
    await using step = await openStep({ graph, state, rest }, { provider: "cpu", threads: 1 });
    step.writeState(
      new Map([
        ["total", Float32Array.of(1, 2)],
        ["more", Float32Array.of(10, 20)],
      ]),
    );
    await step.run({});
    expect(await step.rest({ x: Float32Array.of(2, 3) })).toEqual({ y: Float32Array.of(22, 66) });
    await expect(step.rest({})).rejects.toMatchObject({ code: "INVALID_INPUT" });
    expect((await step.readState()).get("more")).toEqual(Float32Array.of(10, 20));
  });

  test("refuses state that nothing comes of", async () => {
    const { graph } = adder();
    await expect(openStep({ graph, state: [{ name: "more" }] }, { provider: "cpu" })).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
  });

  test("goes on bit by bit from a state that was read", async () => {
    const shape = { batch: 4, planes: 1, rows: 16, cols: 16, classes: 2 };
    const model = buildTrainingStep({
      architecture: architectures.small_cnn,
      shape,
      objective: "cross-entropy",
      optimiser: { kind: "adam" },
    });
    const stream = new RandomStream(8);
    const images = Float32Array.from({ length: 4 * 256 }, () => stream.normal());
    const feeds = (t: number) => ({
      images,
      targets: Float32Array.of(1, 0, 0, 1, 1, 0, 0, 1),
      weights: new Float32Array(4).fill(1),
      "learning rate": Float32Array.of(0.01),
      "correction 1": Float32Array.of(1 - 0.9 ** t),
      "correction 2": Float32Array.of(1 - 0.999 ** t),
    });
    const first: StateNumbers = new Map(
      model.state.map(({ name, shape: size, initial }) => [name, initialNumbers(name, size, initial, 3)]),
    );
    await using straight = await openStep(model, { provider: "cpu", threads: 1 });
    straight.writeState(first);
    await straight.run(feeds(1));
    const halfway = await straight.readState();
    const expected = await straight.run(feeds(2));
    await using resumed = await openStep(model, { provider: "cpu", threads: 1 });
    resumed.writeState(halfway);
    expect(await resumed.run(feeds(2))).toEqual(expected);
    expect(await resumed.readState()).toEqual(await straight.readState());
    expect(halfway.get("fc.weight")).not.toEqual(first.get("fc.weight"));
  });
});

import { describe, expect, test } from "vitest";
import { sizeOf } from "../../../../compute/onnx/graph/shapes.ts";
import { architectures } from "../../../../compute/onnx/networks/architectures.ts";
import { initialNumbers } from "../../../../compute/onnx/networks/initialise.ts";
import { buildTrainingLoop } from "../../../../compute/onnx/training/training-loop.ts";
import { buildTrainingStep, type TrainingStepSpec } from "../../../../compute/onnx/training/training-step.ts";
import { RandomStream } from "../../../../compute/random.ts";
import { prepareGraph } from "../../../support/run-graph.ts";

const COUNT = 3;
const small: TrainingStepSpec = {
  architecture: architectures.small_cnn,
  shape: { batch: 2, planes: 1, rows: 16, cols: 16, classes: 2 },
  objective: "cross-entropy",
  optimiser: { kind: "adamw", weightDecay: 0.1 },
};

type Feeds = Readonly<Record<string, Float32Array>>;

/** All weights and statistics of a step, as they begin, and what it is fed at each of `COUNT` steps. */
function feedsOf(spec: TrainingStepSpec, seed: number): { first: Feeds; each: readonly Feeds[]; all: Feeds } {
  const { graph, state } = buildTrainingStep(spec);
  const { batch, classes } = spec.shape;
  const stream = new RandomStream(seed, 1);
  const fed = new Set(["images", "targets", "weights", "learning rate", "correction 1", "correction 2"]);
  const known = new Map(state.map(({ name, initial }) => [name, initial]));
  const normal = { kind: "normal", deviation: 0.1 } as const;
  const first = Object.fromEntries(
    graph.inputs
      .filter(({ name }) => !fed.has(name))
      .map(({ name, shape }) => [name, initialNumbers(name, shape, known.get(name) ?? normal, seed)]),
  );
  const each = Array.from({ length: COUNT }, (_, step) => ({
    images: Float32Array.from({ length: sizeOf(graph.inputs[0]?.shape ?? []) }, () => stream.normal()),
    targets: Float32Array.from({ length: batch * classes }, (__, k) =>
      k % classes === (step + k) % 2 ? 1 : 0,
    ),
    weights: new Float32Array(batch).fill(1),
    "learning rate": Float32Array.of(0.01 / (step + 1)),
    "correction 1": Float32Array.of(1 - 0.9 ** (step + 1)),
    "correction 2": Float32Array.of(1 - 0.999 ** (step + 1)),
  }));
  const joined = (name: keyof (typeof each)[number]) =>
    Float32Array.from(each.flatMap((feeds) => [...feeds[name]]));
  const names = Object.keys(each[0] ?? {}) as (keyof (typeof each)[number])[]; // safe: its own keys
  return { first, each, all: Object.fromEntries(names.map((name) => [name, joined(name)])) };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

describe("steps in a loop", () => {
  test.each<[string, TrainingStepSpec]>([
    ["of a network", small],
    ["of an optimiser without memory", { ...small, optimiser: { kind: "sgd" } }],
    ["of a part of a network", { ...small, learns: (name) => name.startsWith("fc") }],
  ])("%s give to the bit what single ones give", async (_name, spec) => {
    for (const seed of [1, 2]) {
      const { first, each, all } = feedsOf(spec, seed);
      const single = await prepareGraph(buildTrainingStep(spec).graph);
      const loop = buildTrainingLoop(spec, COUNT);
      let state = first;
      const [losses, logits]: [number[], number[]] = [[], []];
      for (const feeds of each) {
        const results = await single({ ...state, ...feeds });
        losses.push(Number(results["loss"]?.[0]));
        logits.push(...(results["logits"] as Float32Array));
        const next = loop.state.map(({ name }) => [name, results[`next ${name}`] as Float32Array]);
        state = { ...state, ...Object.fromEntries(next) };
      }
      const results = await (await prepareGraph(loop.graph))({ ...first, ...all });
      expect(results["loss"]).toEqual(Float32Array.from(losses));
      expect(results["logits"]).toEqual(Float32Array.from(logits));
      for (const { name } of loop.state) {
        const [one, other] = [results[`next ${name}`] as Float32Array, state[name] ?? new Float32Array()];
        expect(bytesOf(one).equals(bytesOf(other)), name).toBe(true);
      }
    }
  });

  test("declares its sizes as they are", () => {
    const { graph, loss, logits, state } = buildTrainingLoop(small, COUNT);
    expect(graph.inputs.find(({ name }) => name === "images")?.shape).toEqual([COUNT, 2, 1, 16, 16]);
    expect(loss.shape).toEqual([COUNT]);
    expect(logits.shape).toEqual([COUNT, 2, 2]);
    for (const { shape, tensor, next } of state) expect([tensor.shape, next.shape]).toEqual([shape, shape]);
  });

  test.each([0, -1, 1.5, Number.NaN])("refuses %d steps", (count) => {
    expect(() => buildTrainingLoop(small, count)).toThrow(expect.objectContaining({ code: "INVALID_PARAM" }));
  });
});

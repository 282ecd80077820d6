import { Graph } from "../../../../compute/onnx/graph/graph.ts";
import { initialNumbers } from "../../../../compute/onnx/networks/initialise.ts";
import {
  batchNorm,
  convolution,
  globalMean,
  linear,
  maxPool,
} from "../../../../compute/onnx/networks/layers.ts";
import { type Architecture, buildNetwork } from "../../../../compute/onnx/networks/network.ts";
import type { Provider } from "../../../../compute/onnx/provider.ts";
import { testProvider } from "../../../../compute/onnx/training/self-test.ts";
import { openStep, type StepModel } from "../../../../compute/onnx/training/step-session.ts";
import { buildTrainingStep } from "../../../../compute/onnx/training/training-step.ts";
import { RandomStream } from "../../../../compute/random.ts";
import { NetworkSession } from "../../../../compute/trainers/network-session.ts";
import { architectureStart, trainedNetwork } from "../../../../compute/trainers/trained-network.ts";
import { trainingRecipe } from "../../../support/training-tasks.ts";

// Runs on a graphics device whose driver the environment names, so in a process of its own: prints one line of JSON.

const SIDE = 16;
const BATCH = 4;
const STEPS = 8;

/** Strided, grouped and pointwise convolutions, batch norms, pooling and a sum of two ways. */
const tiny: Architecture = (network, images, classes) => {
  const stem = convolution(network, images, "stem", { outputs: 24, kernel: 3, padding: 1 });
  let x = maxPool(batchNorm(network, stem, "bn1").relu(), 3, 2, 1);
  const grouped = convolution(network, x, "grouped", { outputs: 24, kernel: 3, padding: 1, groups: 4 });
  x = batchNorm(network, grouped, "bn2").plus(x).relu();
  const down = convolution(network, x, "down", { outputs: 32, kernel: 3, stride: 2, padding: 1 });
  const point = convolution(network, batchNorm(network, down, "bn3").relu(), "point", {
    outputs: 16,
    kernel: 1,
  });
  return linear(network, globalMean(point.map("HardSwish")), "fc", classes);
};

async function curve(provider: Provider) {
  const shape = { batch: BATCH, planes: 1, rows: SIDE, cols: SIDE, classes: 2 };
  const step = buildTrainingStep({
    architecture: tiny,
    shape,
    objective: "cross-entropy",
    optimiser: { kind: "adamw", weightDecay: 0.01 },
    clipNorm: 1,
  });
  const { network, logits } = buildNetwork(tiny, "inference", shape);
  network.graph.output("logits", logits);
  await using session = await openStep({ ...step, rest: network.graph }, { provider, threads: 1 });
  session.writeState(
    new Map(
      step.state.map(({ name, shape: size, initial }) => [name, initialNumbers(name, size, initial, 3)]),
    ),
  );
  const stream = new RandomStream(5);
  const images = Float32Array.from({ length: BATCH * SIDE * SIDE }, () => stream.normal());
  const losses: number[] = [];
  for (let t = 1; t <= STEPS; t += 1) {
    const { loss } = await session.run({
      images,
      targets: Float32Array.of(1, 0, 0, 1, 1, 0, 0, 1),
      weights: new Float32Array(BATCH).fill(1),
      "learning rate": Float32Array.of(0.003),
      "correction 1": Float32Array.of(1 - 0.9 ** t),
      "correction 2": Float32Array.of(1 - 0.999 ** t),
    });
    losses.push(Number(loss?.[0]));
    // Out of the device's memory and back into it.
    if (t === STEPS / 2) session.writeState(await session.readState());
  }
  const state = await session.readState();
  const { logits: atRest } = await session.rest({ images });
  const { record, selfTest } = session;
  return {
    losses,
    weights: [...(state.get("fc.weight") ?? [])],
    atRest: [...(atRest ?? [])].map(Number),
    record,
    selfTest,
  };
}

/** A graph of one state x that becomes what `make` makes of it. */
function single(make: (graph: Graph) => void, domains: Readonly<Record<string, number>> = {}): StepModel {
  const graph = new Graph();
  make(graph);
  return { graph, state: [], domains };
}

const cases: Readonly<Record<string, StepModel>> = {
  // Leaves its last input out on WebGPU (1.30), and says nothing.
  FusedConv: single(
    (graph) => {
      const [x, w, b, z] = [
        graph.input("x", [1, 4, 6, 6]),
        graph.input("w", [4, 4, 3, 3]),
        graph.input("b", [4]),
        graph.input("z", [1, 4, 4, 4]),
      ];
      const options = { domain: "com.microsoft", attributes: { activation: "Relu", kernel_shape: [3, 3] } };
      graph.output(
        "y",
        graph.apply("FusedConv", [x, w, b, z], { shape: [1, 4, 4, 4], type: "float" }, options),
      );
    },
    { "com.microsoft": 1 },
  ),
  MaxPool: single((graph) => {
    const shape = [1, 2, 2, 2];
    const [y, places] = graph.applyMany(
      "MaxPool",
      [graph.input("x", [1, 2, 4, 4])],
      [
        { shape, type: "float" },
        { shape, type: "int64" },
      ],
      { attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
    );
    if (y === undefined || places === undefined) throw new Error("Expected two outputs");
    graph.output("y", y);
    graph.output("places", places);
  }),
  replaced: single((graph) => {
    const x = graph.input("x", [3, 5]);
    const same = { shape: [3, 5], type: "float" } as const;
    graph.output("soft", x.map("LogSoftmax", { axis: 1 }));
    graph.output("sign", x.map("Sign"));
    graph.output("sum", graph.apply("Sum", [x, x.exp(), x], same));
    graph.output("mean", graph.apply("Mean", [x, x.exp(), x], same));
  }),
};

/** The provider's test alone, which takes other domains too. */
async function tested(name: string, provider: Provider) {
  const { graph, domains } = caseOf(name);
  return codeOf(async () => testProvider(graph, { provider, threads: 1, domains: domains ?? {} }));
}

async function outcome(name: string, provider: Provider) {
  const model = caseOf(name);
  return codeOf(async () => {
    await using session = await openStep(model, { provider, threads: 1 });
    const feeds = Object.fromEntries(
      model.graph.inputs.map(({ name: input, size }) => [
        input,
        Float32Array.from({ length: size }, (_, k) => Math.sin(k)),
      ]),
    );
    const results = Object.entries(await session.run(feeds));
    return Object.fromEntries(
      results.map(([key, data]) => [key, Array.from<number | bigint, number>(data, Number)]),
    );
  });
}

function caseOf(name: string): StepModel {
  const model = cases[name];
  if (model === undefined) throw new Error("Expected a case");
  return model;
}

async function codeOf(work: () => Promise<object>): Promise<object> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && "code" in error) return { code: error.code, message: error.message };
    throw error;
  }
}

/** Two steps of the trainer's own session with a part of the weights at rest, then its scores. */
async function trainer(_: string, provider: Provider) {
  const recipe = trainingRecipe({ batch: BATCH, start: { kind: "architecture", name: "linear_probe" } });
  const learns = (name: string) => name.endsWith("weight");
  const network = trainedNetwork(recipe, { ...architectureStart("linear_probe"), learns });
  const where = { provider, threads: 1, betas: [0.9, 0.999], stepsPerCall: 2 } as const;
  const session = await NetworkSession.open(network, where);
  const stream = new RandomStream(6);
  const images = Float32Array.from({ length: BATCH * SIDE * SIDE }, () => stream.normal());
  const targets = Float32Array.of(1, 0, 0, 1, 1, 0, 0, 1);
  const weights = new Float32Array(BATCH).fill(1);
  const batch = (step: number) => ({ images, targets, weights, learningRate: 0.01, step });
  const before = await session.logits(images);
  const losses = await session.learn([batch(1), batch(2)]);
  const kept = await session.kept("last");
  const bias = network.kept.find((name) => name.endsWith("bias")) ?? "";
  const numbers = [...before, ...losses, ...(await session.logits(images)), ...(kept.get(bias) ?? [])];
  return { numbers, isFrozen: kept.get(bias)?.join() === network.initial.get(bias)?.join() };
}

const works = { curve: (_: string, provider: Provider) => curve(provider), tested, trainer, outcome };
const [work = "", provider = "cpu", name = ""] = process.argv.slice(2);
// Safe: the test names one of each.
const answer = await works[work as keyof typeof works](name, provider as Provider);
process.stdout.write(`${JSON.stringify(answer)}\n`);

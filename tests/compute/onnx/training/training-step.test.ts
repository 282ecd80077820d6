import { describe, expect, test } from "vitest";
import { architectures } from "../../../../compute/onnx/networks/architectures.ts";
import { initialNumbers } from "../../../../compute/onnx/networks/initialise.ts";
import type { OptimiserSpec } from "../../../../compute/onnx/training/optimisers.ts";
import { buildTrainingStep, type TrainingStepSpec } from "../../../../compute/onnx/training/training-step.ts";
import { RandomStream } from "../../../../compute/random.ts";
import { prepareGraph } from "../../../support/run-graph.ts";

const probe: TrainingStepSpec = {
  architecture: architectures.linear_probe,
  shape: { batch: 4, planes: 1, rows: 1, cols: 3, classes: 2 },
  objective: "cross-entropy",
  optimiser: { kind: "sgd" },
};

const images = Float32Array.of(1, 0, 2, 0, 1, -1, 2, 2, 0, -1, 0, 1);
const targets = Float32Array.of(1, 0, 0, 1, 1, 0, 0, 1);
const everyRow = new Float32Array(4).fill(1);

/** Runs steps and gives the loss of each and the state after the last. */
async function steps(
  spec: TrainingStepSpec,
  count: number,
  feeds: Readonly<Record<string, Float32Array>>,
  rate = 0.1,
) {
  const step = buildTrainingStep(spec);
  const run = await prepareGraph(step.graph);
  let state = Object.fromEntries(
    step.state.map(({ name, shape, initial }) => [name, initialNumbers(name, shape, initial, 3)]),
  );
  const first = state;
  const losses: number[] = [];
  for (let t = 1; t <= count; t += 1) {
    const results = await run({
      ...state,
      ...feeds,
      "learning rate": Float32Array.of(rate),
      "correction 1": Float32Array.of(1 - 0.9 ** t),
      "correction 2": Float32Array.of(1 - 0.999 ** t),
    });
    losses.push(Number(results["loss"]?.[0]));
    state = Object.fromEntries(step.state.map(({ name }) => [name, results[`next ${name}`] as Float32Array]));
  }
  return { losses, state, first };
}

/** The gradient of the softmax loss by the weights and biases of the probe, by its textbook form. */
function gradientOf(weights: ArrayLike<number>, bias: ArrayLike<number>, rowWeights: ArrayLike<number>) {
  const gradient = { weights: Array<number>(6).fill(0), bias: [0, 0] };
  const total = Array.from(rowWeights).reduce((sum, weight) => sum + weight, 0);
  for (let row = 0; row < 4; row += 1) {
    const x = [0, 1, 2].map((k) => images[row * 3 + k] ?? 0);
    const logits = [0, 1].map(
      (c) => (bias[c] ?? 0) + x.reduce((sum, value, k) => sum + value * (weights[c * 3 + k] ?? 0), 0),
    );
    const whole = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    for (const c of [0, 1]) {
      const share = Math.exp(logits[c] ?? 0) / whole - (targets[row * 2 + c] ?? 0);
      const part = (share * (rowWeights[row] ?? 0)) / total;
      gradient.bias[c] = (gradient.bias[c] ?? 0) + part;
      for (const k of [0, 1, 2])
        gradient.weights[c * 3 + k] = (gradient.weights[c * 3 + k] ?? 0) + part * (x[k] ?? 0);
    }
  }
  return gradient;
}

function expectClose(actual: ArrayLike<number> | undefined, expected: readonly number[], digits = 5): void {
  for (const [k, value] of expected.entries()) expect(actual?.[k]).toBeCloseTo(value, digits);
}

describe("a training step", () => {
  const feeds = { images, targets, weights: everyRow };

  test("moves the weights against the gradient of the loss", async () => {
    const { state, first } = await steps(probe, 1, feeds);
    const [w = [], b = []] = [first["fc.weight"], first["fc.bias"]];
    const gradient = gradientOf(w, b, everyRow);
    expectClose(
      state["fc.weight"],
      gradient.weights.map((g, k) => (w[k] ?? 0) - 0.1 * g),
    );
    expectClose(
      state["fc.bias"],
      gradient.bias.map((g, k) => (b[k] ?? 0) - 0.1 * g),
    );
  });

  test("leaves rows of weight 0 out, so that a short batch can be filled up", async () => {
    const rowWeights = Float32Array.of(1, 1, 2, 0);
    const { state, first } = await steps(probe, 1, { ...feeds, weights: rowWeights });
    const [w = [], b = []] = [first["fc.weight"], first["fc.bias"]];
    const gradient = gradientOf(w, b, rowWeights);
    expectClose(
      state["fc.weight"],
      gradient.weights.map((g, k) => (w[k] ?? 0) - 0.1 * g),
    );
  });

  // Adam's first step by its paper: the corrected moments are the gradient and its square, so the step is rate * g / (|g| + eps).
  test.each<[OptimiserSpec["kind"], number]>([
    ["adam", 0],
    ["adamw", 0.5],
  ])("%s takes the first step of its paper", async (kind, weightDecay) => {
    const optimiser = { kind: kind as "adam" | "adamw", epsilon: 1e-8, weightDecay };
    const { state, first } = await steps({ ...probe, optimiser }, 1, feeds, 0.01);
    const [w = [], b = []] = [first["fc.weight"], first["fc.bias"]];
    const gradient = gradientOf(w, b, everyRow);
    const expected = gradient.weights.map((g, k) => {
      const kept = (w[k] ?? 0) * (1 - 0.01 * weightDecay);
      return kept - (0.01 * g) / (Math.abs(g) + 1e-8);
    });
    expectClose(state["fc.weight"], expected);
  });

  test("adam takes later steps by the moments of its paper", async () => {
    const [beta1, beta2, epsilon, rate] = [0.9, 0.999, 0.01, 0.1];
    const { state, first } = await steps({ ...probe, optimiser: { kind: "adam", epsilon } }, 4, feeds, rate);
    const at = [...(first["fc.weight"] ?? []), ...(first["fc.bias"] ?? [])];
    const [mean, square] = [at.map(() => 0), at.map(() => 0)];
    for (let t = 1; t <= 4; t += 1) {
      const { weights, bias } = gradientOf(at.slice(0, 6), at.slice(6), everyRow);
      for (const [k, g] of [...weights, ...bias].entries()) {
        const m = beta1 * (mean[k] ?? 0) + (1 - beta1) * g;
        const v = beta2 * (square[k] ?? 0) + (1 - beta2) * g * g;
        [mean[k], square[k]] = [m, v];
        at[k] = (at[k] ?? 0) - (rate * m) / (1 - beta1 ** t) / (Math.sqrt(v / (1 - beta2 ** t)) + epsilon);
      }
    }
    expectClose(state["fc.weight"], at.slice(0, 6));
    expectClose(state["fc.bias"], at.slice(6));
  });

  test("sgd with momentum adds up its steps", async () => {
    const optimiser = { kind: "sgd", momentum: 0.9 } as const;
    const { state, first } = await steps({ ...probe, optimiser }, 2, feeds);
    const [w = [], b = []] = [first["fc.weight"], first["fc.bias"]];
    const one = gradientOf(w, b, everyRow);
    const middle = [
      one.weights.map((g, k) => (w[k] ?? 0) - 0.1 * g),
      one.bias.map((g, k) => (b[k] ?? 0) - 0.1 * g),
    ];
    const two = gradientOf(middle[0] ?? [], middle[1] ?? [], everyRow);
    const expected = two.weights.map(
      (g, k) => (middle[0]?.[k] ?? 0) - 0.1 * (0.9 * (one.weights[k] ?? 0) + g),
    );
    expectClose(state["fc.weight"], expected);
  });

  test("shortens the gradients together to the given norm", async () => {
    const most = 0.05;
    const { state, first } = await steps({ ...probe, clipNorm: most }, 1, feeds, 1);
    const moved = ["fc.weight", "fc.bias"].flatMap((name) =>
      Array.from(state[name] ?? [], (value, k) => value - (first[name]?.[k] ?? 0)),
    );
    expect(Math.hypot(...moved)).toBeCloseTo(most, 4);
  });

  test("learns to tell images apart, and its batch norms learn their statistics", async () => {
    const spec: TrainingStepSpec = {
      architecture: architectures.small_cnn,
      shape: { batch: 8, planes: 1, rows: 16, cols: 16, classes: 2 },
      objective: "cross-entropy",
      optimiser: { kind: "adam" },
    };
    const stream = new RandomStream(2);
    const stripes = Float32Array.from({ length: 8 * 256 }, (_, k) => {
      const [image, place] = [Math.floor(k / 256), k % 256];
      const along = image % 2 === 0 ? place % 16 : Math.floor(place / 16);
      return (along % 4 < 2 ? 3 : 2) + 0.3 * stream.normal();
    });
    const which = Float32Array.from({ length: 16 }, (_, k) => (Math.floor(k / 2) % 2 === k % 2 ? 1 : 0));
    const all = new Float32Array(8).fill(1);
    const { losses, state } = await steps(spec, 40, { images: stripes, targets: which, weights: all }, 0.003);
    expect(losses[0]).toBeGreaterThan(0.3);
    expect(losses.at(-1)).toBeLessThan(0.02);
    expect(state["bn1.running_var"]?.every((value) => value > 0 && Number.isFinite(value))).toBe(true);
    expect(state["bn1.running_mean"]?.some((value) => Math.abs(value) > 0.1)).toBe(true);
  });

  test("of many findings leaves unknown ones out", async () => {
    const spec: TrainingStepSpec = { ...probe, objective: "binary-cross-entropy" };
    const known = Float32Array.of(1, 0, 1, 0, 1, 0, 1, 0);
    const { state, first } = await steps(spec, 1, { images, targets, weights: known });
    expectClose(state["fc.bias"]?.slice(1), [first["fc.bias"]?.[1] ?? Number.NaN], 7);
    expect(state["fc.bias"]?.[0]).not.toBe(first["fc.bias"]?.[0]);
    const large = { images: images.map((x) => 1e4 * x), targets, weights: new Float32Array(8).fill(1) };
    expect(Number.isFinite((await steps(spec, 1, large)).losses[0])).toBe(true);
  });

  test.each<OptimiserSpec>([
    { kind: "adamw", weightDecay: 0.1 },
    { kind: "adam", weightDecay: 0.1 },
    { kind: "sgd", momentum: 0.9, nesterov: true, weightDecay: 0.1 },
  ])("never has a scalar meet the weights of 1 x 1 convolutions, which is slow: $kind", (optimiser) => {
    const shape = { batch: 2, planes: 1, rows: 32, cols: 32, classes: 2 };
    const step = buildTrainingStep({
      ...probe,
      ...{ architecture: architectures.resnet50, shape, optimiser, clipNorm: 1 },
    });
    const slow = step.graph.nodes.filter(
      ({ inputs }) =>
        inputs.some((tensor) => tensor?.rank === 0) &&
        inputs.some((tensor) => tensor !== undefined && tensor.size > 4_000 && tensor.shape.at(-1) === 1),
    );
    expect(slow.map(({ op, outputs }) => [op, outputs[0]?.shape])).toEqual([]);
  });

  test("changes only what is to learn", async () => {
    const step = buildTrainingStep({ ...probe, learns: (name) => name.endsWith("bias") });
    expect(step.state.map(({ name }) => name)).toEqual(["fc.bias"]);
    expect(() => buildTrainingStep({ ...probe, learns: () => false })).toThrow("got none");
  });

  test.each<[string, Partial<TrainingStepSpec>]>([
    ["a momentum of 1", { optimiser: { kind: "sgd", momentum: 1 } }],
    ["a negative decay", { optimiser: { kind: "adam", weightDecay: -1 } }],
    ["a beta that is no number", { optimiser: { kind: "adam", beta1: Number.NaN } }],
    ["a norm of 0", { clipNorm: 0 }],
  ])("refuses %s", (_name, change) => {
    expect(() => buildTrainingStep({ ...probe, ...change })).toThrow(
      expect.objectContaining({ code: "INVALID_PARAM" }),
    );
  });
});

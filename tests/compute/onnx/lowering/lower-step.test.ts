import { afterEach, describe, expect, test, vi } from "vitest";
import { Tensor } from "../../../../compute/onnx/graph/tensor.ts";
import { agreeingStep } from "../../../../compute/onnx/lowering/agreeing-step.ts";
import { BLOCKED_DOMAIN } from "../../../../compute/onnx/lowering/layouts.ts";
import { lowerStep } from "../../../../compute/onnx/lowering/lower-step.ts";
import { probeBlock } from "../../../../compute/onnx/lowering/probe-block.ts";
import { type ArchitectureName, architectures } from "../../../../compute/onnx/networks/architectures.ts";
import { initialNumbers } from "../../../../compute/onnx/networks/initialise.ts";
import { openStep, type StateNumbers } from "../../../../compute/onnx/training/step-session.ts";
import { buildTrainingStep, type TrainingStep } from "../../../../compute/onnx/training/training-step.ts";
import { RandomStream } from "../../../../compute/random.ts";

const block = await probeBlock();
const names = Object.keys(architectures) as readonly ArchitectureName[]; // safe: the keys of the table

function stepOf(name: ArchitectureName, side: number): TrainingStep {
  return buildTrainingStep({
    architecture: architectures[name],
    shape: { batch: 4, planes: 1, rows: side, cols: side, classes: 3 },
    objective: "cross-entropy",
    optimiser: { kind: "sgd", momentum: 0.9 },
  });
}

/** The state as it begins, and a made-up batch. */
function firstOf({ graph, state }: TrainingStep, seed: number) {
  const stream = new RandomStream(seed, 1);
  const size = graph.inputs.find(({ name }) => name === "images")?.size ?? 0;
  return {
    threads: 1,
    state: new Map(
      state.map(({ name, shape, initial }) => [name, initialNumbers(name, shape, initial, seed)]),
    ),
    feeds: {
      images: Float32Array.from({ length: size }, () => stream.normal()),
      targets: Float32Array.from({ length: 12 }, (_, k) => (k % 3 === Math.floor(k / 3) % 3 ? 1 : 0)),
      weights: new Float32Array(4).fill(1),
      "learning rate": Float32Array.of(0.01),
      "correction 1": Float32Array.of(1),
      "correction 2": Float32Array.of(1),
    },
  };
}

/** Relative L2 distance of all tensors of some roles together. */
function distance(
  { state }: TrainingStep,
  [actual, expected]: readonly [StateNumbers, StateNumbers],
  roles: readonly string[],
): number {
  let [difference, whole] = [0, 0];
  for (const { name, role } of state) {
    if (!roles.includes(role)) continue;
    const [one, other] = [actual.get(name) ?? [], expected.get(name) ?? []];
    for (let k = 0; k < other.length; k += 1) {
      const value = other[k] ?? Number.NaN;
      difference += ((one[k] ?? Number.NaN) - value) ** 2;
      whole += value ** 2;
    }
  }
  return Math.sqrt(difference / whole);
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe.skipIf(block === undefined)(
  "a lowered step (SKIPPED where the runtime has no blocked layout)",
  () => {
    // Rectifiers whose input lies within rounding of 0 take sides by chance: smooth ones have none. Gradients, too, lose digits to
    // rounding in deep networks of many batch norms, in anyone's single precision (tests/reference/network-gradients.test.ts).
    test.each(names)("of %s gives what the portable step gives", { timeout: 300_000 }, async (name) => {
      vi.spyOn(Tensor.prototype, "relu").mockImplementation(function (this: Tensor) {
        return this.map("Softplus");
      });
      const portable = stepOf(name, 64);
      const lowered = lowerStep(portable, block ?? 8);
      await using one = await openStep(portable, { provider: "cpu", threads: 1 });
      await using other = await openStep(lowered, { provider: "cpu", threads: 1 });
      for (const seed of [1, 2, 3]) {
        const { state, feeds } = firstOf(portable, seed);
        const results = [];
        for (const session of [other, one]) {
          session.writeState(state);
          const { loss } = await session.run(feeds);
          results.push({ loss: Number(loss?.[0]), state: await session.readState() });
        }
        const [actual, expected] = results as [(typeof results)[0], (typeof results)[0]]; // safe: two were pushed
        expect(Math.abs(actual.loss - expected.loss)).toBeLessThan(1e-5 * Math.max(1, expected.loss));
        const states = [actual.state, expected.state] as const;
        expect(distance(portable, states, ["weights", "statistic"]), `state, seed ${seed}`).toBeLessThan(
          1e-5,
        );
        expect(distance(portable, states, ["memory"]), `gradients, seed ${seed}`).toBeLessThan(2e-4);
      }
    });

    test("is taken where it agrees, with the real rectifiers", async () => {
      const step = stepOf("small_cnn", 32);
      const choice = await agreeingStep(step, firstOf(step, 1));
      expect(choice).toMatchObject({ lowered: true });
      expect(choice.step.graph.nodes.some(({ domain }) => domain === BLOCKED_DOMAIN)).toBe(true);
    });

    test("is not taken where it does not agree, and the reason is said", async () => {
      const step = stepOf("small_cnn", 32);
      const wrong = vi.spyOn(await import("../../../../compute/onnx/lowering/lower-step.ts"), "lowerStep");
      // A step of other weights stands for a lowering gone wrong.
      wrong.mockImplementation(() => stepOf("small_cnn", 16));
      const choice = await agreeingStep(step, firstOf(step, 1));
      expect(choice).toMatchObject({ step, lowered: false });
      expect(choice.reason).toContain("refused");
    });
  },
);

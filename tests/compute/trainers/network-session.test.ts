import { describe, expect, test } from "vitest";
import { probeBlock } from "../../../compute/onnx/lowering/probe-block.ts";
import { RandomStream } from "../../../compute/random.ts";
import {
  checkpointParts,
  type NamedNumbers,
  numbersSha256,
  readCheckpoint,
} from "../../../compute/trainers/checkpoint.ts";
import { NetworkSession, type StepBatch } from "../../../compute/trainers/network-session.ts";
import { architectureStart, trainedNetwork } from "../../../compute/trainers/trained-network.ts";
import { checkpointOf } from "../../support/checkpoints.ts";
import { SIDE, trainingRecipe } from "../../support/training-tasks.ts";

const BATCH = 4;
const recipe = trainingRecipe({ batch: BATCH });
const network = trainedNetwork(recipe, architectureStart("small_cnn"));
const block = await probeBlock();

function batches(count: number): StepBatch[] {
  const stream = new RandomStream(4);
  return Array.from({ length: count }, (_, k) => ({
    images: Float32Array.from({ length: BATCH * SIDE * SIDE }, () => stream.normal()),
    targets: Float32Array.of(1, 0, 0, 1, 1, 0, 0, 1),
    weights: new Float32Array(BATCH).fill(1),
    learningRate: 0.001,
    step: k + 1,
  }));
}

function open(parts: { readonly stepsPerCall?: number; readonly lowering?: boolean } = {}) {
  const options = { provider: "cpu", threads: 1, betas: [0.9, 0.999], stepsPerCall: 1, ...parts } as const;
  return NetworkSession.open(network, options);
}

/** Comparing hundreds of thousands of numbers one by one takes seconds. */
function hashOf(numbers: NamedNumbers | undefined): string | undefined {
  return numbers && numbersSha256(numbers);
}

describe("a network's session", () => {
  test.each([
    ["one step a call", { stepsPerCall: 1 }],
    ["three steps a call", { stepsPerCall: 3 }],
    ["steps in the blocked layout", { lowering: true }],
    ["three steps a call in the blocked layout", { stepsPerCall: 3, lowering: true }],
  ])("with %s goes on from a checkpoint as if it had never stopped", async (_name, parts) => {
    const all = batches(7);
    const whole = await open(parts);
    const losses = [...(await whole.learn(all.slice(0, 3))), ...(await whole.learn(all.slice(3, 6)))];
    const last = await whole.learn(all.slice(6));
    const first = await open(parts);
    await first.learn(all.slice(0, 3));
    await first.keepBest();
    const saved = checkpointOf(await first.snapshot());
    const read = readCheckpoint(Buffer.concat(checkpointParts(saved)));
    expect(hashOf(read?.state)).toBe(hashOf(saved.state));
    expect(read?.lowered).toBe("lowering" in parts ? block !== undefined : undefined);
    const again = await open(parts);
    if (read !== undefined) again.restore(read);
    expect(await again.learn(all.slice(3, 6))).toEqual(losses.slice(3));
    expect(await again.learn(all.slice(6))).toEqual(last);
    expect(hashOf(await again.kept("last"))).toBe(hashOf(await whole.kept("last")));
    expect(hashOf(await again.kept("best"))).toBe(hashOf(await first.kept("last")));
  });

  test("learns the same in one call as in several, and nearly the same in the blocked layout", async () => {
    const all = batches(3);
    const [one, loop, blocked] = [
      await open(),
      await open({ stepsPerCall: 3 }),
      await open({ lowering: true, stepsPerCall: 3 }),
    ];
    const losses = await one.learn(all);
    expect(await loop.learn(all)).toEqual(losses);
    expect(hashOf(await loop.kept("last"))).toBe(hashOf(await one.kept("last")));
    for (const [k, loss] of (await blocked.learn(all)).entries()) expect(loss).toBeCloseTo(losses[k] ?? 0, 3);
    expect(blocked.lowered).toBe(block !== undefined);
    const images = all[0]?.images ?? new Float32Array();
    const expected = await one.logits(images);
    for (const [k, logit] of (await blocked.logits(images)).entries()) {
      expect(logit).toBeCloseTo(expected[k] ?? 0, 2);
    }
  });
});

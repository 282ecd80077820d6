import { beforeAll, describe, expect, test } from "vitest";
import { openModel } from "../../../compute/child/open-model.ts";
import { occlusionOf } from "../../../compute/index.ts";
import { parsePreprocessing } from "../../../compute/onnx/parse-preprocessing.ts";
import { RandomStream } from "../../../compute/random.ts";
import { parseChain } from "../../../compute/transforms/chain.ts";
import { evaluateTask, lastOf, runChild, ScratchFolder, scoresByOrdinal } from "../../support/child-tasks.ts";
import { classifierBytes } from "../../support/onnx-models.ts";
import { BATCH, plantedImages, plantedNetwork, SIDE } from "../../support/planted-network.ts";

const IMAGES = 64;
/** Stripes across in one class, down in the other: both are told by what lies in the patch. */
const stripes = (isOfClass1: boolean, row: number, col: number) =>
  (isOfClass1 ? col : row) % 2 === 0 ? 2 : -2;

const chainOf = (params: object) => parseChain([{ id: "salient_region", params }]);

function aucOf(scores: readonly number[]): number {
  const [negatives, positives] = [0, 1].map((of) => scores.filter((_, i) => i % 2 === of));
  const wins = (positives ?? []).flatMap((p) => (negatives ?? []).map((n) => (Math.sign(p - n) + 1) / 2));
  return wins.reduce((sum, win) => sum + win, 0) / wins.length;
}

describe("a network that has learnt what a planted patch holds", () => {
  let path = "";
  const folder = new ScratchFolder();
  beforeAll(async () => {
    ({ path } = folder.file("planted.onnx", Buffer.from(await plantedNetwork(stripes))));
    return () => folder[Symbol.dispose]();
  });

  async function evaluated(params?: object) {
    const occlusion = params === undefined ? undefined : occlusionOf(chainOf(params));
    await using model = await openModel({
      ...{ path, trusted: true, classes: 2, provider: "cpu", threads: 1, batch: BATCH },
      preprocessing: parsePreprocessing({
        rows: SIDE,
        cols: SIDE,
        planes: 1,
        scale: 1,
        mean: 0,
        deviation: 1,
      }),
      output: { name: "logits", activation: "softmax" },
      ...(occlusion === undefined ? {} : { occlusion }),
    });
    const stream = new RandomStream(4);
    const scores: number[] = [];
    let pixels = 0;
    for (let from = 0; from < IMAGES; from += BATCH) {
      const batch = plantedImages(BATCH, stream, stripes).pixels;
      const ordinals = Array.from({ length: BATCH }, (_, i) => from + i);
      const answer = await model.scores(batch, ordinals);
      for (let i = 0; i < BATCH; i += 1) scores.push(answer.scores[2 * i + 1] ?? Number.NaN);
      pixels += answer.occluded?.reduce((sum, count) => sum + count, 0) ?? 0;
    }
    return { auc: aucOf(scores), share: pixels / IMAGES / SIDE / SIDE };
  }

  test.each(["class_activation", "grad_cam"])(
    "falls towards one half without what the map by %s marks, and not without as much elsewhere",
    async (method) => {
      const whole = await evaluated();
      expect(whole.auc).toBeGreaterThan(0.97);
      const without = await evaluated({ method, threshold: 0.1 });
      const control = await evaluated({ method, threshold: 0.1, place: "elsewhere" });
      expect(without.share).toBeGreaterThan(0.02);
      expect(without.share).toBeLessThan(0.6);
      expect(control.share).toBe(without.share);
      expect(Math.abs(without.auc - 0.5)).toBeLessThan(0.2);
      expect(control.auc).toBeGreaterThan(0.85);
    },
    60_000,
  );
});

describe("an evaluation without the salient region", () => {
  const SIZE = 16;
  const bytes = classifierBytes({ size: SIZE, classes: 3, filters: 4 });

  async function run(transforms: ReturnType<typeof parseChain>, batch = 4) {
    using folder = new ScratchFolder();
    const { files } = await folder.images(9, SIZE);
    files[5] = { ordinal: 5, uri: "gone.png", sha256: "" };
    const task = evaluateTask(folder, bytes, {
      size: SIZE,
      classes: 3,
      batch,
      onBadImage: "skip",
      transforms,
    });
    const messages = await runChild(task, { images: [files] });
    return { scores: scoresByOrdinal(messages, 3), last: lastOf(messages) };
  }

  test.each(["class_activation", "grad_cam"])(
    "scores otherwise by %s, the same whatever the batch, and tells how much went",
    async (method) => {
      const plain = await run([]);
      const without = await run(chainOf({ method }));
      expect(without.last).toMatchObject({ kind: "done", done: 8, leftOut: 1, occluded: {} });
      const { share = 0, untouched = 0 } =
        (without.last.kind === "done" ? without.last.occluded : undefined) ?? {};
      expect(share).toBeGreaterThan(0);
      expect(share).toBeLessThanOrEqual(1);
      expect(without.scores.size).toBe(8);
      const changed = [...without.scores].filter(([ordinal, scores]) => {
        const before = plain.scores.get(ordinal) ?? [];
        return scores.some((score, k) => Math.abs(score - (before[k] ?? 0)) > 1e-6);
      });
      expect(changed).toHaveLength(8 - untouched);
      expect(untouched).toBeLessThan(8);
      const others = await run(chainOf({ method }), 3);
      for (const [ordinal, scores] of others.scores) {
        for (const [k, score] of scores.entries()) {
          expect(score).toBeCloseTo(without.scores.get(ordinal)?.[k] ?? Number.NaN, 6);
        }
      }
      expect(plain.last).not.toHaveProperty("occluded");
    },
  );

  test("refuses a chain in which something follows it", () => {
    expect(() =>
      parseChain([
        { id: "salient_region", params: {} },
        { id: "salient_region", params: {} },
      ]),
    ).toThrow(/as the last of the transforms/);
  });
});

import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ChildMessage, TrainingImage, TrainTask } from "../../../compute/child/protocol.ts";
import { startComputeChild } from "../../../compute/child/start-child.ts";
import { inspectModel } from "../../../compute/onnx/inspect-model.ts";
import { RandomStream } from "../../../compute/random.ts";
import type { TrainingRecipe } from "../../../compute/trainers/recipe.ts";
import {
  evaluateTask,
  lastOf,
  runChild,
  ScratchFolder,
  scoresByOrdinal,
  sha256Of,
} from "../../support/child-tasks.ts";
import { SIDE, stripeImages, trainingRecipe, trainTask } from "../../support/training-tasks.ts";

const folder = new ScratchFolder();
let images: TrainingImage[] = [];
beforeAll(async () => {
  images = await stripeImages(folder, { count: 64, validation: 24 });
});
afterAll(() => folder[Symbol.dispose]());

function of<Kind extends ChildMessage["kind"]>(messages: readonly ChildMessage[], kind: Kind) {
  return messages.filter(
    (message): message is Extract<ChildMessage, { kind: Kind }> => message.kind === kind,
  );
}

const run = (task: TrainTask, given: readonly TrainingImage[] = images) =>
  runChild({ ...task, total: given.length }, { images: [given] });

/** The kinds of messages that a training of few steps gives, in order. */
const kinds = (messages: readonly ChildMessage[]) =>
  messages.flatMap(({ kind }) => (kind === "step" || kind === "progress" ? [] : [kind]));

// Every child loads runtimes of its own, which takes its time on a busy machine.
describe("a compute child that trains", { timeout: 600_000 }, () => {
  test("learns a planted signal and leaves a model that scores alike elsewhere", async () => {
    const recipe = trainingRecipe({ epochs: 4 });
    const task = trainTask(folder, recipe, { name: "learns" });
    const messages = await run(task);
    expect(kinds(messages)).toEqual([
      "started",
      ...Array(4).fill(["epoch", "checkpoint"]).flat(),
      "trained",
      "done",
    ]);
    expect(messages[0]).toMatchObject({ provider: "cpu", threads: 1, batch: 8 });
    const best = of(messages, "epoch").findLast((epoch) => epoch.best);
    for (const { auc, ciLow } of best?.validationAuc ?? []) {
      expect(auc).toBeGreaterThan(0.95);
      expect(ciLow === null || ciLow > 0.8).toBe(true);
    }
    expect(best?.validationAuc?.map((each) => each.class)).toEqual(["along", "across"]);
    const [trained] = of(messages, "trained");
    expect(trained).toMatchObject({ epoch: best?.epoch, ended: "epochs", steps: 20 });
    const path = join(task.folder, trained?.file ?? "");
    const bytes = readFileSync(path);
    expect(sha256Of(bytes)).toBe(trained?.sha256);
    expect(lastOf(messages)).toMatchObject({ kind: "done", done: 64, leftOut: 0 });
    // The model file by the evaluation's own way from files to scores.
    const validation = images.filter(({ part }) => part === "validation");
    const evaluation = evaluateTask(folder, bytes, {
      size: SIDE,
      preprocessing: recipe.preprocessing,
      output: trained?.output ?? { name: "", activation: "none" },
      batch: 5,
    });
    const scores = scoresByOrdinal(await runChild(evaluation, { images: [validation] }), 2);
    const loss = validation.map(
      ({ ordinal, target }) => -Math.log(scores.get(ordinal)?.[Number(target)] ?? 0),
    );
    const mean = loss.reduce((sum, each) => sum + each, 0) / loss.length;
    expect(mean).toBeCloseTo(best?.validationLoss ?? Number.NaN, 4);
    const { metadata, opsets, operators } = inspectModel(bytes);
    expect(opsets[""]).toBe(17);
    expect(operators["BatchNormalization"]).toBeUndefined();
    expect(JSON.parse(metadata["stratum.preprocessing"] ?? "")).toEqual(recipe.preprocessing);
    expect(JSON.parse(metadata["stratum.classes"] ?? "")).toEqual(["along", "across"]);
    expect(JSON.parse(metadata["stratum.recipe"] ?? "")).toEqual(recipe);
    expect(JSON.parse(metadata["stratum.training"] ?? "")).toMatchObject({
      steps: 20,
      weightsSha256: trained?.weightsSha256,
    });
  });

  test("ends once nothing gets better, and keeps the best", async () => {
    const recipe = trainingRecipe({ epochs: 50, patience: 2, learningRate: 0.02, monitor: "validation-auc" });
    const messages = await run(trainTask(folder, recipe, { name: "patient" }));
    const epochs = of(messages, "epoch");
    const best = epochs.findLast((epoch) => epoch.best);
    expect(of(messages, "trained")[0]).toMatchObject({ ended: "patience", epoch: best?.epoch });
    expect(epochs.length).toBe((best?.epoch ?? 0) + 2);
  });

  test("gives the same file for the same recipe, and another for another seed", async () => {
    const recipe = trainingRecipe({
      epochs: 2,
      augmentation: { flip: 0.5, rotation: 15, zoom: 0.1, crop: { leastArea: 0.7 } },
      sampling: { kind: "balanced" },
    });
    const trained = async (name: string, parts: Partial<TrainingRecipe> = {}) =>
      of(await run(trainTask(folder, { ...recipe, ...parts }, { name })), "trained")[0];
    const one = await trained("same-1");
    expect(await trained("same-2")).toEqual(one);
    expect((await trained("same-3", { seed: 8 }))?.weightsSha256).not.toBe(one?.weightsSha256);
    // Five steps an epoch: one call of three, then two single ones; and a checkpoint in the midst.
    const looped = await trained("same-4", { stepsPerCall: 3, checkpointSteps: 4 });
    expect(looped?.weightsSha256).toBe(one?.weightsSha256);
  });

  test("goes on from where it was killed, to the same weights to the bit", async () => {
    const recipe = trainingRecipe({
      epochs: 3,
      checkpointSteps: 2,
      augmentation: { flip: 0.5 },
      schedule: { kind: "cosine" },
    });
    const whole = await run(trainTask(folder, recipe, { name: "undisturbed" }));
    const stream = new RandomStream(11);
    const task = trainTask(folder, recipe, { name: "killed" });
    let kills = 0;
    let last: ChildMessage[] = [];
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const messages: ChildMessage[] = [];
      const child = startComputeChild(task, { images: [images] });
      const most = 2 + Math.floor(stream.uniform() * 5);
      for await (const message of child) {
        messages.push(message);
        if (messages.length === most && attempt < 4) child.kill();
      }
      last = messages;
      if (lastOf(messages).kind === "done") break;
      kills += 1;
    }
    expect(kills).toBeGreaterThan(1);
    expect(of(last, "resumed")[0]).toMatchObject({ damaged: 0, file: expect.stringMatching(/^checkpoint-/) });
    expect(of(last, "trained")).toEqual(of(whole, "trained"));
  });

  test("passes over a torn checkpoint, and refuses one of another recipe", async () => {
    const recipe = trainingRecipe({ epochs: 2 });
    const task = trainTask(folder, recipe, { name: "torn" });
    const whole = await run(task);
    const files = readdirSync(task.folder).sort();
    expect(files).toEqual(["checkpoint-000000000005.bin", "checkpoint-000000000010.bin", "model.onnx"]);
    const newest = join(task.folder, "checkpoint-000000000010.bin");
    writeFileSync(newest, readFileSync(newest).subarray(0, -100));
    writeFileSync(join(task.folder, "checkpoint-000000000015.bin.tmp"), "half");
    const again = await run(task);
    expect(of(again, "resumed")).toMatchObject([
      { kind: "resumed", epoch: 2, step: 5, file: "checkpoint-000000000005.bin", damaged: 1 },
    ]);
    expect(of(again, "trained")).toEqual(of(whole, "trained"));
    const other = await run({ ...task, recipe: { ...recipe, learningRate: 0.004 } });
    expect(lastOf(other)).toMatchObject({ kind: "failed", code: "CHECKPOINT_MISMATCH" });
    for (const file of readdirSync(task.folder)) writeFileSync(join(task.folder, file), "nothing");
    expect(of(await run(task), "resumed")).toMatchObject([
      { kind: "resumed", epoch: 1, step: 0, file: "", damaged: 2 },
    ]);
  });

  test("says that a loss is no number any more, and where", async () => {
    const recipe = trainingRecipe({ optimiser: { kind: "sgd" }, learningRate: 1_000 });
    const messages = await run(trainTask(folder, recipe, { name: "diverged" }));
    expect(lastOf(messages)).toMatchObject({
      kind: "failed",
      code: "TRAINING_DIVERGED",
      message: expect.stringMatching(/epoch \d+ at step \d+/),
    });
  });

  test.skipIf(!existsSync("/dev/full"))("ends with a full disk's code and leaves nothing torn", async () => {
    const task = trainTask(folder, trainingRecipe({ epochs: 6 }), { name: "full" });
    const messages: ChildMessage[] = [];
    for await (const message of startComputeChild(task, { images: [images] })) {
      messages.push(message);
      // All that is written under this name finds the disk full.
      const late = join(task.folder, "checkpoint-000000000025.bin.tmp");
      if (message.kind === "checkpoint" && message.step === 5) symlinkSync("/dev/full", late);
    }
    expect(lastOf(messages)).toMatchObject({ kind: "failed", code: "STORAGE_FULL" });
    expect(readdirSync(task.folder).sort()).toEqual([
      "checkpoint-000000000015.bin",
      "checkpoint-000000000020.bin",
    ]);
  });

  test("refuses what cannot be learnt from", async () => {
    const task = trainTask(folder, trainingRecipe(), { name: "refused" });
    const code = async (given: readonly TrainingImage[], recipe = task.recipe) =>
      lastOf(await run({ ...task, recipe }, given));
    expect(await code(images.slice(0, 1))).toMatchObject({ code: "TRAINING_TOO_FEW_IMAGES" });
    expect(await code(images.filter(({ target }) => target === 0))).toMatchObject({
      code: "TRAINING_ONE_CLASS",
    });
    const odd = images.map((image) => ({ ...image, target: 2 }));
    expect(await code(odd)).toMatchObject({ code: "TRAINING_TARGET_INVALID" });
    expect(await code(images, { ...task.recipe, batch: 0 })).toMatchObject({ code: "INVALID_PARAM" });
  });

  test("leaves out images that cannot be had, or fails at the first", async () => {
    const recipe = trainingRecipe({ epochs: 1 });
    const given = images.map((image) => (image.ordinal === 3 ? { ...image, uri: "gone.png" } : image));
    const strict = await run(trainTask(folder, recipe, { name: "strict" }), given);
    expect(lastOf(strict)).toMatchObject({ kind: "failed", code: "IMAGE_UNREADABLE", ordinal: 3 });
    const lax = await run(trainTask(folder, recipe, { name: "lax", onBadImage: "skip" }), given);
    expect(of(lax, "problem")).toEqual([{ kind: "problem", ordinal: 3, code: "IMAGE_UNREADABLE" }]);
    expect(lastOf(lax)).toMatchObject({ kind: "done", done: 63, leftOut: 1 });
  });

  test("learns many findings, some of them unknown", async () => {
    const recipe = trainingRecipe({
      task: "multilabel",
      epochs: 5,
      labelSmoothing: 0.02,
      clipNorm: 5,
      sampling: { kind: "balanced" },
    });
    const given = images.map((image) => {
      const known = image.ordinal % 5 === 0 ? -1 : 1 - Number(image.target);
      return { ...image, target: [known, Number(image.target)] };
    });
    const messages = await run(trainTask(folder, recipe, { name: "findings" }), given);
    for (const { auc } of of(messages, "epoch").at(-1)?.validationAuc ?? []) expect(auc).toBeGreaterThan(0.9);
    expect(of(messages, "trained")[0]?.output).toEqual({ name: "scores", activation: "none" });
  });

  test("goes on from a model that was trained before, with a head for other classes", async () => {
    const first = trainTask(folder, trainingRecipe({ epochs: 3 }), { name: "first" });
    const [model] = of(await run(first), "trained");
    const initial = {
      modelPath: join(first.folder, "model.onnx"),
      modelSha256: model?.sha256 ?? "",
      output: model?.output ?? { name: "", activation: "none" },
      classes: ["along", "across"],
    };
    const classes = ["across", "along"];
    const given = images.map((image) => ({ ...image, target: 1 - Number(image.target) }));
    // Without norms, since they were folded, the whole network takes small steps only.
    const rates = { all: 5e-4, "last-block": 5e-4, head: 0.01 };
    for (const learn of ["all", "last-block", "head"] as const) {
      const learningRate = rates[learn];
      const recipe = trainingRecipe({
        start: { kind: "model", learn },
        classes,
        learningRate,
        epochs: 3,
      });
      const messages = await run(trainTask(folder, recipe, { name: `tuned-${learn}`, initial }), given);
      expect(lastOf(messages)).toMatchObject({ kind: "done" });
      const best = of(messages, "epoch").findLast((epoch) => epoch.best);
      for (const { auc } of best?.validationAuc ?? []) expect(auc).toBeGreaterThan(0.95);
    }
    const recipe = trainingRecipe({ start: { kind: "model", learn: "all" } });
    const other = { ...initial, modelSha256: "0".repeat(64) };
    const messages = await run(trainTask(folder, recipe, { name: "tuned-other", initial: other }));
    expect(lastOf(messages)).toMatchObject({ kind: "failed", code: "MODEL_HASH_MISMATCH" });
  });
});

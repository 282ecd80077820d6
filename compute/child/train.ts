import { ComputeError } from "../errors.ts";
import { requireRecipe } from "../trainers/check-recipe.ts";
import { checkChain, occlusionOf, reachOfChain } from "../transforms/chain.ts";
import { loadTransforms } from "../transforms/load-transforms.ts";
import type { Parent } from "./parent.ts";
import type { TrainTask } from "./protocol.ts";
import { BadImageError } from "./tally.ts";
import { withinSeconds } from "./time-limit.ts";
import { gatherImages, partsOf } from "./training-images.ts";
import { TrainingPixels } from "./training-pixels.ts";
import { TrainingRun } from "./training-run.ts";
import { TrainingSession } from "./training-session.ts";

const OPENING_TELL_MS = 30_000;
/** A session that opens for longer than this will not open. */
const OPENING_SECONDS = 1_800;

/**
 * Trains a network on the images of a task: gathers them, reads each once, goes on from the newest checkpoint of the
 * task's folder, and leaves the finished model there.
 *
 * @throws {ComputeError} INVALID_PARAM
 * @throws {TrainingError} every code of its table
 * @throws {BadImageError} the first image that cannot be had, where none may be left out
 * @throws {ModelError} MODEL_*, PROVIDER_*
 */
export async function train(task: TrainTask, memoryMiB: number, parent: Parent): Promise<void> {
  const started = performance.now();
  const { recipe } = task;
  requireRecipe(recipe);
  await loadTransforms(task.plugins ?? []);
  checkChain(task.transforms, { ...recipe.preprocessing, planes: 1 });
  if (reachOfChain(task.transforms) > 0) {
    throw new ComputeError(
      "INVALID_PARAM",
      "Expected transforms that change each image by itself, got one that reaches its neighbours; use its corrected mode",
    );
  }
  if (occlusionOf(task.transforms) !== undefined) {
    throw new ComputeError(
      "INVALID_PARAM",
      "Expected transforms that take no model, got salient_region; it is for evaluations",
    );
  }
  const given = await gatherImages(parent.pages(), recipe);
  partsOf(given);
  const session = await whileTelling(parent, given.length, TrainingSession.open(task));
  await parent.send({ kind: "started", batch: recipe.batch, ...session.record });
  const looking = await TrainingPixels.open(task, given, memoryMiB);
  const bad = new Set<number>();
  for (const { image, code, message } of await looking.look(tellProgress(parent, given.length))) {
    if (task.onBadImage === "fail") throw new BadImageError(code, message, image.ordinal);
    bad.add(image.ordinal);
    await parent.send({ kind: "problem", ordinal: image.ordinal, code });
  }
  const images = given.filter(({ ordinal }) => !bad.has(ordinal));
  const run = new TrainingRun({
    task,
    parent,
    session,
    pixels: looking,
    images: given,
    parts: partsOf(images),
  });
  await run.resume();
  await run.learn();
  await run.finish({ leftOut: bad.size, started });
}

/** Gives signs of life while a session opens: on a graphics device every operator is tested first, which takes its time. */
async function whileTelling<Value>(parent: Parent, total: number, opening: Promise<Value>): Promise<Value> {
  const timer = setInterval(
    () => void parent.send({ kind: "progress", done: 0, total, perSecond: 0 }),
    OPENING_TELL_MS,
  );
  try {
    return await withinSeconds(OPENING_SECONDS, opening);
  } finally {
    clearInterval(timer);
  }
}

/** Tells how many images were looked at, at most twice a second. */
function tellProgress(parent: Parent, total: number): (count: number) => Promise<void> {
  const started = performance.now();
  let told = started;
  let done = 0;
  return async (count) => {
    done += count;
    const now = performance.now();
    if (now - told < 500) return;
    told = now;
    await parent.send({ kind: "progress", done, total, perSecond: (done * 1_000) / (now - started) });
  };
}

import { TrainingError } from "../trainers/training-error.ts";
import { validationMeasures } from "../trainers/validation.ts";
import type { EpochReport } from "./protocol.ts";
import type { TrainingParties } from "./training-run.ts";

/** How often a long validation says that it lives. */
const TELL_MS = 1_000;

/**
 * Scores the validation images by the network as it is, and measures; nothing where there are none.
 *
 * @param indexes - of the images, as `pixels` knows them
 * @throws {TrainingError} TRAINING_DIVERGED
 */
export async function validate(
  { pixels, parts, task, session, parent }: TrainingParties,
  indexes: readonly number[],
  { epoch, step }: { readonly epoch: number; readonly step: number },
): Promise<Pick<EpochReport, "validationLoss" | "validationAuc">> {
  const { batch, classes, preprocessing } = task.recipe;
  const count = indexes.length;
  if (count === 0) return {};
  const logits = new Float32Array(count * classes.length);
  const numbers = batch * preprocessing.planes * preprocessing.rows * preprocessing.cols;
  const starts = Array.from({ length: Math.ceil(count / batch) }, (_, k) => k * batch);
  const read = (from: number) => {
    const made = pixels.batch(indexes.slice(from, from + batch));
    made.catch(() => undefined);
    return made;
  };
  const ready: Promise<Float32Array<ArrayBuffer>>[] = [];
  const started = performance.now();
  let told = started;
  for (const [k, from] of starts.entries()) {
    for (const start of starts.slice(k + ready.length, k + pixels.ahead)) ready.push(read(start));
    const given = await (ready.shift() as Promise<Float32Array<ArrayBuffer>>); // safe: one for each start
    // The last batch is filled up with black images, whose logits are dropped: at rest they touch no other.
    const images = given.length === numbers ? given : filledUp(given, numbers);
    const answer = await session.ask({ kind: "logits", images }, [images.buffer]);
    logits.set(answer.subarray(0, Math.min(batch, count - from) * classes.length), from * classes.length);
    const now = performance.now();
    if (now - told < TELL_MS) continue;
    told = now;
    const done = from + batch;
    await parent.send({
      kind: "progress",
      done,
      total: count,
      perSecond: (done * 1_000) / (now - started),
    });
  }
  if (!logits.every(Number.isFinite)) {
    throw new TrainingError(
      "TRAINING_DIVERGED",
      `Expected finite scores of the validation images, got others in epoch ${epoch} at step ${step}; lower the learning rate or shorten gradients`,
    );
  }
  return validationMeasures(task.recipe, parts.validation, logits, task.threads);
}

function filledUp(pixels: Float32Array, numbers: number): Float32Array<ArrayBuffer> {
  const whole = new Float32Array(numbers);
  whole.set(pixels);
  return whole;
}

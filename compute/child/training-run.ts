import { judgeEpoch, noBestEpoch } from "../trainers/best-epoch.ts";
import type { TrainingProgress } from "../trainers/checkpoint.ts";
import { trainingFingerprint } from "../trainers/fingerprint.ts";
import type { StepBatch } from "../trainers/network-session.ts";
import type { TrainingRecipe } from "../trainers/recipe.ts";
import { epochOrder } from "../trainers/sampling.ts";
import { firstRate, learningRateAt, rateAfterEpoch } from "../trainers/schedules.ts";
import { targetRows } from "../trainers/targets.ts";
import { TrainingError } from "../trainers/training-error.ts";
import type { Parent } from "./parent.ts";
import type { EpochReport, TrainingImage, TrainTask } from "./protocol.ts";
import type { TrainingParts } from "./training-images.ts";
import type { TrainingPixels } from "./training-pixels.ts";
import type { TrainingSession } from "./training-session.ts";
import { validate } from "./training-validation.ts";

/** The file that a finished training leaves. */
const MODEL_FILE = "model.onnx";
const TELL_MS = 1_000;

/** What a training runs with. */
export interface TrainingParties {
  readonly task: TrainTask;
  readonly parent: Parent;
  readonly session: TrainingSession;
  readonly pixels: TrainingPixels;
  /** Those that `pixels` knows, by their index there. */
  readonly images: readonly TrainingImage[];
  /** Those that can be had. */
  readonly parts: TrainingParts;
}

/** A training from its first step, or from a checkpoint, to its model. */
export class TrainingRun {
  readonly #parties: TrainingParties;
  readonly #recipe: TrainingRecipe;
  /** Indexes of the images by part. */
  readonly #train: readonly number[];
  readonly #validation: readonly number[];
  readonly #fingerprint: string;
  /** Steps an epoch. */
  readonly #steps: number;
  #progress: TrainingProgress = {
    epoch: 1,
    stepInEpoch: 0,
    step: 0,
    lossSum: 0,
    rate: firstRate,
    best: noBestEpoch,
    history: [],
  };
  #epochSince = performance.now();

  constructor(parties: TrainingParties) {
    const { task, images, parts } = parties;
    this.#parties = parties;
    this.#recipe = task.recipe;
    const places = new Map(images.map((image, index) => [image, index]));
    // Safe: the parts are of these images.
    const indexesOf = (part: readonly TrainingImage[]) => part.map((image) => places.get(image) as number);
    this.#train = indexesOf(parts.train);
    this.#validation = indexesOf(parts.validation);
    this.#fingerprint = trainingFingerprint(task, [...parts.train, ...parts.validation]);
    this.#steps = Math.ceil(parts.train.length / task.recipe.batch);
  }

  /**
   * Goes back to where an earlier attempt was, if it left a whole checkpoint.
   *
   * @throws {TrainingError} CHECKPOINT_MISMATCH
   */
  async resume(): Promise<void> {
    const { session, parent } = this.#parties;
    const { found, damaged } = await session.ask({ kind: "resume", fingerprint: this.#fingerprint });
    if (found !== undefined && found.fingerprint !== this.#fingerprint) {
      throw new TrainingError(
        "CHECKPOINT_MISMATCH",
        "Expected checkpoints of this recipe and these images, got another training's; use an empty folder",
      );
    }
    this.#progress = found?.progress ?? this.#progress;
    if (found === undefined && damaged === 0) return;
    const { epoch, step, history } = this.#progress;
    await parent.send({ kind: "resumed", epoch, step, file: found?.file ?? "", damaged, history });
  }

  /** Learns until the epochs are over or nothing gets better. @throws {TrainingError} TRAINING_DIVERGED */
  async learn(): Promise<void> {
    while (this.#progress.ended === undefined) {
      this.#epochSince = performance.now();
      await this.#learnEpoch();
      await this.#endEpoch();
    }
  }

  /** Leaves the model in the folder and tells of it. @throws {TrainingError} TRAINING_DIVERGED */
  async finish({ leftOut, started }: { readonly leftOut: number; readonly started: number }): Promise<void> {
    const { session, parent, parts } = this.#parties;
    const progress = this.#progress;
    const record = {
      fingerprint: this.#fingerprint,
      progress,
      images: { train: parts.train.length, validation: parts.validation.length },
      session: session.record,
    };
    const { file, sha256, output, weightsSha256, lowered } = await session.ask({
      kind: "finish",
      file: MODEL_FILE,
      record,
    });
    await parent.send({
      kind: "trained",
      file,
      sha256,
      output,
      epoch: this.#recipe.keep === "best" ? progress.best.epoch : progress.epoch,
      ended: progress.ended ?? "epochs",
      steps: progress.step,
      weightsSha256,
      lowered,
    });
    await parent.send({
      kind: "done",
      done: parts.train.length + parts.validation.length,
      leftOut,
      seconds: (performance.now() - started) / 1_000,
      sessionSeconds: session.seconds.busy,
      waitingSeconds: session.seconds.waited,
      peakMiB: Math.round(process.resourceUsage().maxRSS / 1_024),
    });
  }

  async #learnEpoch(): Promise<void> {
    const { epoch } = this.#progress;
    const { batch, sampling, seed, checkpointSteps, stepsPerCall } = this.#recipe;
    const order = epochOrder(sampling, this.#parties.parts.train, this.#steps * batch, { seed, epoch });
    const calls = this.#calls();
    const ready: Promise<StepBatch[]>[] = [];
    const told = { at: performance.now(), loss: 0, steps: 0 };
    for (let k = 0; k < calls.length; k += 1) {
      for (const call of calls.slice(k + ready.length, k + this.#ahead(stepsPerCall))) {
        const made = this.#batches(order, call);
        // A failure is seen when its turn comes.
        made.catch(() => undefined);
        ready.push(made);
      }
      const batches = await (ready.shift() as Promise<StepBatch[]>); // safe: one for each call
      told.loss += await this.#step(batches);
      told.steps += batches.length;
      if (performance.now() - told.at >= TELL_MS) await this.#tell(told);
      const { step, stepInEpoch } = this.#progress;
      if (step % checkpointSteps === 0 && stepInEpoch < this.#steps) await this.#save();
    }
  }

  /** Calls of so many batches that are under way at once: the one whose turn it is, and those made ready meanwhile. */
  #ahead(batches: number): number {
    return Math.max(2, Math.ceil(this.#parties.pixels.ahead / batches));
  }

  /** What is left of the epoch, cut into calls of the session so that checkpoints fall between them. */
  #calls(): readonly StepRange[] {
    const { checkpointSteps, stepsPerCall } = this.#recipe;
    const { step, stepInEpoch } = this.#progress;
    const calls: StepRange[] = [];
    for (let from = stepInEpoch; from < this.#steps; ) {
      const untilCheckpoint = checkpointSteps - ((step - stepInEpoch + from) % checkpointSteps);
      const count = Math.min(stepsPerCall, this.#steps - from, untilCheckpoint);
      calls.push({ from, count });
      from += count;
    }
    return calls;
  }

  /** What the steps of a call learn from. */
  #batches(order: Uint32Array, { from, count }: StepRange): Promise<StepBatch[]> {
    const { epoch, step, stepInEpoch, rate } = this.#progress;
    const { batch, epochs } = this.#recipe;
    const { pixels, parts } = this.#parties;
    const before = step - stepInEpoch;
    const one = async (place: number): Promise<StepBatch> => {
      const drawn = order.subarray(place * batch, (place + 1) * batch);
      // Safe in both casts below: what is drawn are training images.
      const indexes = Array.from(drawn, (index) => this.#train[index] as number);
      const truths = Array.from(drawn, (index) => (parts.train[index] as TrainingImage).target);
      const steps = this.#steps * epochs;
      return {
        images: await pixels.batch(indexes, { epoch, from: place * batch }),
        ...targetRows(this.#recipe, truths),
        learningRate: learningRateAt(this.#recipe, rate, { epoch, step: before + place, steps }),
        step: before + place + 1,
      };
    };
    return Promise.all(Array.from({ length: count }, (_, k) => one(from + k)));
  }

  /** Takes the steps of a call; the sum of their losses. */
  async #step(batches: readonly StepBatch[]): Promise<number> {
    const memory = batches.map(({ images }) => images.buffer as ArrayBuffer); // safe: pixels are of plain memory
    const rates = batches.map(({ learningRate }) => learningRate);
    const losses = await this.#parties.session.ask({ kind: "learn", batches }, memory);
    let { step, stepInEpoch, lossSum } = this.#progress;
    for (const [k, loss] of losses.entries()) {
      step += 1;
      stepInEpoch += 1;
      lossSum += loss;
      if (Number.isFinite(loss)) continue;
      throw new TrainingError(
        "TRAINING_DIVERGED",
        `Expected a finite loss, got ${loss} in epoch ${this.#progress.epoch} at step ${step} with a learning rate of ${rates[k]}; lower it or shorten gradients`,
      );
    }
    this.#progress = { ...this.#progress, step, stepInEpoch, lossSum };
    return losses.reduce((sum, loss) => sum + loss, 0);
  }

  async #tell(told: { at: number; loss: number; steps: number }): Promise<void> {
    const now = performance.now();
    const { epoch, step } = this.#progress;
    await this.#parties.parent.send({
      kind: "step",
      epoch,
      step,
      steps: this.#steps * this.#recipe.epochs,
      loss: told.loss / told.steps,
      perSecond: (told.steps * this.#recipe.batch * 1_000) / (now - told.at),
    });
    Object.assign(told, { at: now, loss: 0, steps: 0 });
  }

  /** Validates, judges, tells, and makes a checkpoint of it. */
  async #endEpoch(): Promise<void> {
    const { session, parent } = this.#parties;
    const { epoch, step, lossSum, rate, best, history } = this.#progress;
    const recipe = this.#recipe;
    const measures = await validate(this.#parties, this.#validation, { epoch, step });
    const judged = judgeEpoch(recipe.monitor, best, epoch, measures);
    const trainingLoss = lossSum / this.#steps;
    const steps = this.#steps * recipe.epochs;
    const report: EpochReport = {
      epoch,
      epochs: recipe.epochs,
      step,
      learningRate: learningRateAt(recipe, rate, { epoch, step: step - 1, steps }),
      trainingLoss,
      ...measures,
      best: judged.epoch === epoch,
      seconds: (performance.now() - this.#epochSince) / 1_000,
    };
    if (report.best) await session.ask({ kind: "keep-best" });
    const isOver = epoch === recipe.epochs;
    const isStill = recipe.patience !== undefined && judged.waited >= recipe.patience;
    this.#progress = {
      epoch: isOver || isStill ? epoch : epoch + 1,
      stepInEpoch: 0,
      step,
      lossSum: 0,
      rate: rateAfterEpoch(recipe.schedule, rate, measures.validationLoss ?? trainingLoss),
      best: judged,
      history: [...history, report],
      ...(isOver ? { ended: "epochs" } : isStill ? { ended: "patience" } : {}),
    };
    // Told first: should the process end between the two, the epoch is done and told again. Should the parent end before
    // it has kept the report, it is in the checkpoint's history.
    await parent.send({ kind: "epoch", ...report });
    await this.#save();
  }

  async #save(): Promise<void> {
    const { session, parent } = this.#parties;
    const checkpoint = { fingerprint: this.#fingerprint, progress: this.#progress };
    const { file, sha256 } = await session.ask({ kind: "save", checkpoint });
    const { epoch, step } = this.#progress;
    await parent.send({ kind: "checkpoint", epoch, step, file, sha256 });
  }
}

/** Steps of an epoch, from 0. */
interface StepRange {
  readonly from: number;
  readonly count: number;
}

import type {
  ChildMessage,
  ChildOptions,
  ComputeChild,
  EpochReport,
  SessionRecord,
  TrainingImage,
  TrainTask,
} from "../../../compute/index.ts";
import { listImageFiles } from "../../datasets/image-files.queries.ts";
import type { MaskSet } from "../../datasets/masks/mask.queries.ts";
import { withMasks } from "../../datasets/masks/wanted-masks.ts";
import { newestEvent } from "../../runs/run-queue.queries.ts";
import { type RunContext, RunFailure } from "../../runs/runner.ts";
import type { TrainingSample } from "./select-sample.ts";
import { historiesOfRuns } from "./training-history.ts";

/** How the compute child is started: a parameter, so that tests can hand in one of their own. */
export type StartTraining = (task: TrainTask, options: ChildOptions) => ComputeChild;

type Trained = Extract<ChildMessage, { kind: "trained" }>;
type Done = Extract<ChildMessage, { kind: "done" }>;
type Started = SessionRecord & { readonly batch: number };

/** What there is to train. */
export interface TrainingJob {
  readonly task: Omit<TrainTask, "total">;
  readonly datasetVersionId: number;
  readonly sample: TrainingSample;
  /** That the task's transforms name. */
  readonly masks?: readonly MaskSet[];
}

/** A network that was trained, and how that went. */
export interface TrainingReport {
  readonly trained: Trained;
  readonly done: Done;
  readonly session: Started | undefined;
  /** Undefined when there was none. */
  readonly lastEpoch: EpochReport | undefined;
  /** Images left out while files were read or for want of one, by code. */
  readonly leftOut: Readonly<Record<string, number>>;
}

/** Failures that another attempt may not meet: what computed died, stood still or lost its device. */
const passing: readonly string[] = [
  "CHILD_TIMEOUT",
  "CHILD_OUT_OF_MEMORY",
  "CHILD_CRASHED",
  "PROVIDER_LOST",
  "PROVIDER_OUT_OF_MEMORY",
];
const advice: Readonly<Record<string, string>> = {
  CHILD_OUT_OF_MEMORY: "; use a smaller batch or raise STRATUM_TRAINING_MEMORY_MIB",
  PROVIDER_OUT_OF_MEMORY: "; use a smaller batch",
};

const PAGE = 1_024;
/** Places of images left out that an event names. */
const MOST_NAMED = 20;
/** Steps of large networks in large batches take minutes on small machines, and several go into one call. */
const SILENCE_SECONDS = 1_800;

/**
 * Trains a network in a compute child, from the last checkpoint on, and tells of it in the run's events.
 *
 * @throws {RunFailure}
 */
export async function trainNetwork(
  context: RunContext,
  job: TrainingJob,
  startChild: StartTraining,
): Promise<TrainingReport> {
  const checkpoint = await context.read(() => newestEvent(context.database.db, context.run.id, "checkpoint"));
  const step = checkpoint?.["step"];
  return new Training(context, job, typeof step === "number" ? step : 0).run(startChild);
}

class Training {
  readonly #context: RunContext;
  readonly #job: TrainingJob;
  /** The step of the last checkpoint that any attempt told of. */
  #known: number;
  readonly #leftOut = new Map<string, number[]>();
  readonly #told = new Map<string, number>();
  #sent = 0;
  #isResumed = false;
  #isUnderWay = false;
  #session: Started | undefined;
  #lastEpoch: EpochReport | undefined;
  #trained: Trained | undefined;

  constructor(context: RunContext, job: TrainingJob, known: number) {
    this.#context = context;
    this.#job = job;
    this.#known = known;
  }

  async run(startChild: StartTraining): Promise<TrainingReport> {
    const { config, signal, log } = this.#context;
    const { task, sample } = this.#job;
    const child = startChild(
      { ...task, total: sample.ordinals.length },
      {
        images: this.#pages(),
        signal,
        memoryMiB: config.jobs.trainingMemoryMiB,
        nice: config.jobs.nice,
        silenceSeconds: SILENCE_SECONDS,
        env: config.deviceEnvironment,
      },
    );
    let last: ChildMessage | undefined;
    try {
      for await (const message of child) {
        last = message;
        await this.#take(message);
      }
    } finally {
      child.kill();
    }
    signal.throwIfAborted();
    if (last?.kind === "failed" && last.log !== undefined)
      log.warn({ code: last.code, child: last.log }, "a compute child failed");
    await this.#tellLeftOut();
    if (last?.kind !== "done" || this.#trained === undefined) throw failureOf(last);
    const missing = sample.ordinals.length - this.#sent;
    const leftOut = { ...Object.fromEntries(this.#told), ...(missing > 0 ? { NO_FILE: missing } : {}) };
    return {
      trained: this.#trained,
      done: last,
      session: this.#session,
      lastEpoch: this.#lastEpoch,
      leftOut,
    };
  }

  async *#pages(): AsyncGenerator<readonly TrainingImage[]> {
    const { datasetVersionId, sample, masks = [] } = this.#job;
    const { db } = this.#context.database;
    const { ordinals } = sample;
    let place = 0;
    for (let afterOrdinal = -1; ; ) {
      const page = await this.#context.read(() =>
        listImageFiles(db, datasetVersionId, {
          afterOrdinal,
          limit: PAGE,
          within: ordinals,
        }),
      );
      const last = page.at(-1);
      if (last === undefined) return;
      const images: TrainingImage[] = [];
      const files = page.map(({ ordinal, uri, sha256 }) => ({ ordinal, uri, sha256 }));
      for (const file of await this.#context.read(() => withMasks(db, masks, files))) {
        while (ordinals[place] !== file.ordinal) place += 1;
        images.push({ ...file, ...this.#labelsAt(place) });
      }
      this.#sent += images.length;
      yield images;
      afterOrdinal = last.ordinal;
    }
  }

  #labelsAt(place: number): Pick<TrainingImage, "part" | "target" | "patient" | "stratum"> {
    const { isValidation, targets, patients, strata } = this.#job.sample;
    const { task, classes } = this.#job.task.recipe;
    const target =
      task === "multilabel"
        ? [...targets.subarray(place * classes.length, (place + 1) * classes.length)]
        : (targets[place] ?? -1); // safe: a value an image
    const stratum = strata?.[place];
    return {
      part: isValidation[place] === 1 ? "validation" : "train",
      target,
      patient: patients[place] ?? 0, // safe: as above
      ...(stratum === undefined ? {} : { stratum }),
    };
  }

  async #take(message: ChildMessage): Promise<void> {
    switch (message.kind) {
      case "started":
        return this.#start(message);
      case "progress":
        // While files are read for the first time; later ones are of validations, between two steps.
        if (!this.#isUnderWay)
          this.#context.progress(message.done, message.total, { phase: "reading images" });
        return;
      case "resumed":
        // Without a file there were only damaged checkpoints, and it begins anew.
        if (message.file === "") return;
        this.#isResumed = true;
        return this.#resume(message);
      case "problem":
        this.#leftOut.set(message.code, [...(this.#leftOut.get(message.code) ?? []), message.ordinal]);
        return;
      case "step":
        await this.#begin();
        return this.#context.progress(message.step, message.steps, {
          epoch: message.epoch,
          loss: message.loss,
        });
      case "epoch":
        await this.#begin();
        return this.#finishEpoch(message);
      case "checkpoint":
        await this.#begin();
        return this.#keep(message);
      case "trained":
        await this.#begin();
        this.#trained = message;
        return;
      default:
        return;
    }
  }

  async #start({ kind: _, ...session }: Extract<ChildMessage, { kind: "started" }>): Promise<void> {
    this.#session = session;
    const { training, validation } = this.#job.sample;
    await this.#context.event("started", {
      ...session,
      images: training.images,
      validationImages: validation.images,
    });
  }

  /** Tells of epochs whose worker died before it had kept them, then of where it goes on. */
  async #resume({
    epoch,
    step,
    damaged,
    history,
  }: Extract<ChildMessage, { kind: "resumed" }>): Promise<void> {
    const { database, run } = this.#context;
    const told = await this.#context.read(() => historiesOfRuns(database, [run.id]));
    for (const report of history) {
      if (told.some((each) => each.epoch.epoch === report.epoch)) continue;
      await this.#context.event("epoch", report as unknown as Readonly<Record<string, unknown>>); // safe: plain values
    }
    this.#lastEpoch = history.at(-1);
    await this.#context.event("resumed", { epoch, step, damaged });
  }

  /** Says it when work begins anew that an earlier attempt had done: on another machine, or when files are gone. */
  async #begin(): Promise<void> {
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    if (this.#isResumed || this.#known === 0) return;
    await this.#context.event("problem", {
      code: "CHECKPOINT_NOT_HERE",
      step: this.#known,
      message:
        "Expected the checkpoint of an earlier attempt on this machine, got none; training begins anew",
    });
  }

  async #finishEpoch({ kind: _, ...report }: Extract<ChildMessage, { kind: "epoch" }>): Promise<void> {
    this.#lastEpoch = report;
    await this.#tellLeftOut();
    await this.#context.event("epoch", report as unknown as Readonly<Record<string, unknown>>); // safe: plain values
  }

  /** Only a checkpoint beyond all earlier ones is progress: a run that begins anew time and again has none. */
  async #keep({ epoch, step, sha256 }: Extract<ChildMessage, { kind: "checkpoint" }>): Promise<void> {
    if (step <= this.#known) return this.#context.event("checkpoint", { epoch, step, sha256 });
    this.#known = step;
    await this.#context.checkpointed({ epoch, step, sha256 });
  }

  /** One event a code for the images left out since the last ones. */
  async #tellLeftOut(): Promise<void> {
    const begun = [...this.#leftOut];
    this.#leftOut.clear();
    for (const [code, ordinals] of begun) {
      this.#told.set(code, (this.#told.get(code) ?? 0) + ordinals.length);
      const named = ordinals.toSorted((a, b) => a - b).slice(0, MOST_NAMED);
      await this.#context.event("problem", { code, count: ordinals.length, ordinals: named });
    }
  }
}

function failureOf(last: ChildMessage | undefined): RunFailure {
  if (last?.kind !== "failed") {
    return new RunFailure(
      "crash",
      "CHILD_CRASHED",
      "Expected the compute child to say how the training ended, got nothing",
    );
  }
  const { code, message, signal, ordinal } = last;
  const kind = passing.includes(code) ? "crash" : "permanent";
  const where = ordinal === undefined ? "" : ` (image ${ordinal} of the version)`;
  const how = signal === undefined || message.includes(signal) ? "" : ` (${signal})`;
  return new RunFailure(kind, code, `${message}${advice[code] ?? ""}${where}${how}`);
}

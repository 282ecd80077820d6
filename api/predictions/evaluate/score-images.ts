import {
  type Artefact,
  type ChildMessage,
  type ChildOptions,
  type ComputeChild,
  type EvaluateTask,
  type ImageFile,
  type Occluded,
  reachOfChain,
  type SessionRecord,
} from "../../../compute/index.ts";
import { listImageFiles } from "../../datasets/image-files.queries.ts";
import type { MaskSet } from "../../datasets/masks/mask.queries.ts";
import { withMasks } from "../../datasets/masks/wanted-masks.ts";
import { type RunContext, RunFailure } from "../../runs/runner.ts";
import type { PartSession, ScoreSheet } from "./score-sheet.ts";

/** How the compute child is started: a parameter, so that tests can hand in one of their own. */
export type StartChild = (task: EvaluateTask, options: ChildOptions) => ComputeChild;

/** What there is to score. */
export interface ScoringJob {
  readonly task: Omit<EvaluateTask, "batch" | "total">;
  readonly datasetVersionId: number;
  /** Ordinals of the images, ascending; undefined: all of the version. */
  readonly ordinals: Uint32Array | undefined;
  /** That the task's transforms name. */
  readonly masks?: readonly MaskSet[];
  readonly sheet: ScoreSheet;
}

/** What scored the images last, and how fast. */
export interface ScoringReport {
  readonly session: (SessionRecord & { readonly batch: number }) | undefined;
  readonly seconds: number | undefined;
  readonly sessionSeconds: number | undefined;
  readonly peakMiB: number | undefined;
  readonly disagreement: number | undefined;
  readonly artefacts: readonly Artefact[] | undefined;
  readonly occluded: Occluded | undefined;
}

/** Failures that another attempt may not meet: what computed died, stood still or lost its device. */
const passing: readonly string[] = [
  "CHILD_TIMEOUT",
  "CHILD_OUT_OF_MEMORY",
  "CHILD_CRASHED",
  "PROVIDER_LOST",
  "PROVIDER_OUT_OF_MEMORY",
];
const outOfMemory: readonly unknown[] = ["CHILD_OUT_OF_MEMORY", "PROVIDER_OUT_OF_MEMORY"];

const PAGE = 1_024;
/** Places of images left out that an event names. */
const MOST_NAMED = 20;

/**
 * Scores the images of a job into its sheet, from where the parts of earlier attempts end. Batches are cut at the same
 * places as in an undisturbed run, so that the scores are the same to the last bit on the same machine.
 *
 * @throws {RunFailure}
 */
export async function scoreImages(
  context: RunContext,
  job: ScoringJob,
  startChild: StartChild,
): Promise<ScoringReport> {
  for (;;) {
    const resumed = await readParts(context, job.sheet);
    if (job.sheet.prefix === job.sheet.length) {
      return {
        session: undefined,
        seconds: undefined,
        sessionSeconds: undefined,
        peakMiB: undefined,
        disagreement: undefined,
        artefacts: undefined,
        occluded: undefined,
      };
    }
    const report = await new Scoring(context, job, startChild, resumed).run();
    if (report !== undefined) return report;
    // What earlier attempts left came from another kind of session: it all begins again.
    await context.dropParts();
    job.sheet.clear();
  }
}

async function readParts(context: RunContext, sheet: ScoreSheet): Promise<PartSession | undefined> {
  let session: PartSession | undefined;
  for await (const { payload } of context.parts()) {
    const next = sheet.readPart(payload);
    if (next === undefined) break;
    session = next;
  }
  return session;
}

class Scoring {
  readonly #context: RunContext;
  readonly #job: ScoringJob;
  readonly #startChild: StartChild;
  readonly #resumed: PartSession | undefined;
  readonly #begun = new Map<string, number[]>();
  #session: (SessionRecord & { readonly batch: number }) | undefined;
  #saved: number;
  #saving: Promise<void> | undefined;
  #savedAt = performance.now();
  #failedToSave: unknown;

  constructor(
    context: RunContext,
    job: ScoringJob,
    startChild: StartChild,
    resumed: PartSession | undefined,
  ) {
    this.#context = context;
    this.#job = job;
    this.#startChild = startChild;
    this.#resumed = resumed;
    this.#saved = job.sheet.prefix;
  }

  /** Undefined when the parts that were read do not go with the session that started. */
  async run(): Promise<ScoringReport | undefined> {
    const { config, signal, log } = this.#context;
    const { task, sheet } = this.#job;
    const batch = this.#batch();
    const first = this.#firstPosition(batch);
    const child = this.#startChild(
      { ...task, total: sheet.length - first, ...(batch === undefined ? {} : { batch }) },
      {
        images: this.#pages(first),
        signal,
        memoryMiB: config.jobs.childMemoryMiB,
        nice: config.jobs.nice,
        env: config.deviceEnvironment,
      },
    );
    let last: ChildMessage | undefined;
    try {
      for await (const message of child) {
        last = message;
        if (message.kind === "started" && !this.#goesOn(message)) return undefined;
        await this.#take(message);
        if (this.#failedToSave !== undefined) throw this.#failedToSave;
      }
    } finally {
      child.kill();
      await this.#saving;
    }
    signal.throwIfAborted();
    if (last?.kind === "failed" && last.log !== undefined)
      log.warn({ code: last.code, child: last.log }, "a compute child failed");
    await this.#reportLeftOut();
    return this.#report(last);
  }

  #report(last: ChildMessage | undefined): ScoringReport {
    const { sheet } = this.#job;
    if (last?.kind !== "done") throw this.#failure(last);
    if (sheet.prefix < sheet.length) {
      throw new RunFailure(
        "permanent",
        "IMAGES_MISSING",
        `Expected ${sheet.length} images, got ${sheet.doneCount}; was the dataset's version imported with its files?`,
      );
    }
    const { seconds, sessionSeconds, peakMiB, disagreement, artefacts, occluded } = last;
    return { session: this.#session, seconds, sessionSeconds, peakMiB, disagreement, artefacts, occluded };
  }

  #failure(last: ChildMessage | undefined): RunFailure {
    const details = this.#session === undefined ? {} : { batch: this.#session.batch };
    if (last?.kind !== "failed") {
      return new RunFailure(
        "crash",
        "CHILD_CRASHED",
        "Expected the compute child to say how it ended, got nothing",
        { details },
      );
    }
    const { code, message, signal, ordinal } = last;
    const kind = passing.includes(code) ? "crash" : "permanent";
    const where = ordinal === undefined ? "" : ` (image ${ordinal} of the version)`;
    const how = signal === undefined || message.includes(signal) ? "" : ` (${signal})`;
    return new RunFailure(kind, code, `${message}${where}${how}`, { details });
  }

  /** The batch of the parts that there are; half of the last one, once, where memory did not suffice. */
  #batch(): number | undefined {
    const { crashedBefore } = this.#context;
    const tried = crashedBefore?.["batch"];
    if (outOfMemory.includes(crashedBefore?.["code"]) && typeof tried === "number") {
      return Math.max(1, Math.floor(tried / 2));
    }
    return this.#resumed?.batch;
  }

  /** Where to begin: where the parts end, or before it, where images have a say in what becomes of their neighbours. */
  #firstPosition(batch: number | undefined): number {
    const reach = reachOfChain(this.#job.task.transforms);
    if (reach === 0 || batch === undefined) return this.#saved;
    return Math.max(0, this.#saved - Math.ceil(reach / batch) * batch);
  }

  async *#pages(first: number): AsyncGenerator<readonly ImageFile[]> {
    const { datasetVersionId, ordinals, masks = [], sheet } = this.#job;
    const { db } = this.#context.database;
    const within = ordinals === undefined ? {} : { within: ordinals };
    let afterOrdinal = first === 0 ? -1 : sheet.ordinalAt(first - 1);
    for (;;) {
      const page = await this.#context.read(() =>
        listImageFiles(db, datasetVersionId, { afterOrdinal, limit: PAGE, ...within }),
      );
      const last = page.at(-1);
      if (last === undefined) return;
      const files = page.map(({ ordinal, uri, sha256 }) => ({ ordinal, uri, sha256 }));
      yield await this.#context.read(() => withMasks(db, masks, files));
      afterOrdinal = last.ordinal;
    }
  }

  /** Whether a session that started may go on with what the parts hold. */
  #goesOn({ kind: _, ...session }: Extract<ChildMessage, { kind: "started" }>): boolean {
    this.#session = session;
    const before = this.#resumed;
    if (before === undefined) return true;
    const sameSoftware =
      before.provider === session.provider && before.onnxruntime === session.versions["onnxruntime"];
    return sameSoftware && before.batch % session.batch === 0;
  }

  async #take(message: ChildMessage): Promise<void> {
    const { sheet } = this.#job;
    switch (message.kind) {
      case "started":
        return this.#context.event("started", {
          ...this.#session,
          resumedAt: this.#saved,
          images: sheet.length,
        });
      case "scores":
        sheet.take(message.ordinals, message.scores);
        this.#context.progress(sheet.doneCount, sheet.length);
        return this.#checkpoint();
      case "problem":
        if (!sheet.leave(message.ordinal, message.code)) return;
        this.#begun.set(message.code, [...(this.#begun.get(message.code) ?? []), message.ordinal]);
        return;
      default:
        return;
    }
  }

  /** Stores what is done in whole batches, from time to time, while scores keep coming in. */
  #checkpoint(): void {
    const { checkpointMs } = this.#context.config.jobs;
    if (this.#saving !== undefined || performance.now() - this.#savedAt < checkpointMs) return;
    if (this.#session === undefined) return;
    const { batch, provider, versions } = this.#session;
    const { sheet } = this.#job;
    const from = this.#saved;
    const to = sheet.prefix === sheet.length ? sheet.length : sheet.prefix - (sheet.prefix % batch);
    if (to <= from) return;
    this.#savedAt = performance.now();
    const payload = sheet.writePart(from, to, {
      batch,
      provider,
      onnxruntime: versions["onnxruntime"] ?? "",
    });
    this.#saving = this.#context
      .savePart(from, payload)
      .then(() => this.#reportLeftOut())
      .then(
        () => {
          this.#saved = to;
          this.#saving = undefined;
        },
        (error: unknown) => {
          this.#failedToSave = error;
        },
      );
  }

  /** One event a code for the images left out since the last ones. */
  async #reportLeftOut(): Promise<void> {
    const begun = [...this.#begun];
    this.#begun.clear();
    for (const [code, ordinals] of begun) {
      const named = ordinals.toSorted((a, b) => a - b).slice(0, MOST_NAMED);
      await this.#context.event("problem", { code, count: ordinals.length, ordinals: named });
    }
  }
}

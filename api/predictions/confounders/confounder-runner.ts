import {
  type ChildMessage,
  type ChildOptions,
  CONFOUNDER_VERSION,
  type ComputeChild,
  type ComputeTask,
  type ImageFile,
  startComputeChild,
} from "../../../compute/index.ts";
import { findRoot, listImageFiles } from "../../datasets/image-files.queries.ts";
import { folderOf } from "../../datasets/image-roots.ts";
import { ServiceError } from "../../errors.ts";
import { fingerprintOf } from "../../metrics/fingerprint.ts";
import { insertTrainedVersion } from "../../models/train/train.queries.ts";
import { taskOf } from "../../models/train/training-params.ts";
import { planTraining } from "../../models/train/training-subject.ts";
import { type RunContext, RunFailure, type Runner, type RunOutcome } from "../../runs/runner.ts";
import { storedParams } from "../../runs/stored-params.ts";
import { computeDefaultMetrics } from "../evaluate/default-metrics.ts";
import { storeEvaluation } from "../evaluate/store-evaluation.ts";
import { planUnstored } from "../evaluate/unstored-columns.ts";
import { reservePredictionSetId } from "../import/import.queries.ts";
import {
  type ConfounderParams,
  confounderSlug,
  confounderTitle,
  readConfounderParams,
} from "./confounder-params.ts";
import { readConfounderRows } from "./confounder-rows.ts";
import { findRecorded } from "./confounder-subject.ts";
import { embeddedRows, readEmbeddings } from "./embedded-rows.ts";

/** A forest of many rows says nothing until a fold is done. */
const SILENCE_SECONDS = 7_200;
const PAGE = 1_024;
/** Places of images left out that an event names. */
const MOST_NAMED = 20;

/** Trains and cross-validates a model of what is recorded: the result is a model with its out-of-fold scores. */
export class ConfounderRunner implements Runner {
  readonly #startChild: (task: ComputeTask, options: ChildOptions) => ComputeChild;

  /** @param startChild - default: the compute child; for tests. */
  constructor(startChild: (task: ComputeTask, options: ChildOptions) => ComputeChild = startComputeChild) {
    this.#startChild = startChild;
  }

  async run(context: RunContext): Promise<RunOutcome> {
    const { database, run, config, signal } = context;
    const params = storedParams(run, readConfounderParams, CONFOUNDER_VERSION);
    const subject = await context.read(() => findRecorded(database.db, params));
    const task = taskOf({ ...params, recipe: { task: "exclusive" } });
    const recorded = await readable(() =>
      context.read(async () =>
        readConfounderRows(database, await planTraining(database, subject, task), params.features),
      ),
    );
    const kept = params.embeddings;
    const embeddings = kept && (await context.read(() => readEmbeddings(database.db, config.home, kept)));
    const rows = embeddings === undefined ? recorded : embeddedRows(recorded, embeddings);
    const { model, folds, scheme, seed } = params;
    const validation = { model, folds, scheme, seed };
    const pixels = await pixelsOf(context, params, subject.version.id);
    const { scores, leftOut } = await this.#scores(
      context,
      { kind: "confounders", rows, validation, ...(pixels === undefined ? {} : { pixels }) },
      subject.version.id,
    );
    const classes = task.classes.length;
    const images = recorded.truth.length;
    const columns = task.classes.map((_, index) => {
      const column = new Float32Array(images).fill(Number.NaN);
      for (let row = 0; row < rows.truth.length; row += 1) {
        column[embeddings?.ordinals[row] ?? row] = scores[row * classes + index] ?? Number.NaN;
      }
      return column;
    });
    const future = {
      id: await context.read(() => reservePredictionSetId(database.db)),
      runId: run.id,
      fingerprint: fingerprintOf({ evaluation: run.fingerprint }),
    };
    const missing = Object.values(leftOut).reduce((sum, count) => sum + count, 0);
    const metrics = await context.read(async () =>
      computeDefaultMetrics(
        database,
        await planUnstored(
          database,
          { ...subject, model: { id: 0 }, modelVersion: { id: 0, ...task } },
          future,
        ),
        columns,
        [],
        { cacheBytes: config.cacheBytes, signal },
      ),
    );
    const slug = confounderSlug(params, run.fingerprint);
    return {
      summary: {
        images: rows.truth.length,
        scored: rows.truth.length - missing,
        leftOut,
        model: slug,
        features: rows.columns.length,
        ...(params.pixels === null ? {} : { pixels: params.pixels.kind }),
        folds,
        ...(scheme === undefined ? {} : { scheme }),
        metrics: metrics.rows.length,
        notEstimable: metrics.rows.filter(({ reason }) => reason !== null).length,
      },
      async store(tx) {
        const made = await insertTrainedVersion(tx, {
          slug,
          title: confounderTitle(params),
          architecture: params.model,
          version: { ...task, trainedByRunId: run.id },
        });
        if (made === undefined) {
          throw new RunFailure(
            "permanent",
            "MODEL_TAKEN",
            `Expected the slug "${slug}" to be free, got a model that was not trained here`,
          );
        }
        await storeEvaluation(tx, {
          set: {
            ...future,
            modelVersionId: made.id,
            datasetVersionId: subject.version.id,
            splitId: null,
            transformChain: [],
            scoreKind: "probability",
            scoredCount: rows.truth.length - missing,
            missingScoreCount: (images - rows.truth.length + missing) * classes,
          },
          columns,
          metrics: metrics.rows.map((row) => ({ ...row, modelId: made.modelId, modelVersionId: made.id })),
        });
      },
    };
  }

  async #scores(
    context: RunContext,
    task: Extract<ComputeTask, { kind: "confounders" }>,
    versionId: number,
  ): Promise<{ readonly scores: Float32Array; readonly leftOut: Readonly<Record<string, number>> }> {
    const { config, signal, log } = context;
    const classes = task.rows.classes.length;
    const rows = task.rows.truth.length;
    const scores = new Float32Array(rows * classes).fill(Number.NaN);
    const bad = new Map<string, number[]>();
    const child = this.#startChild(task, {
      signal,
      memoryMiB: config.jobs.trainingMemoryMiB,
      nice: config.jobs.nice,
      silenceSeconds: SILENCE_SECONDS,
      ...(task.pixels === undefined ? {} : { images: pagesOf(context, versionId) }),
    });
    let last: ChildMessage | undefined;
    try {
      for await (const message of child) {
        last = message;
        if (message.kind === "progress") context.progress(message.done, message.total);
        if (message.kind === "problem")
          bad.set(message.code, [...(bad.get(message.code) ?? []), message.ordinal]);
        if (message.kind !== "scores") continue;
        for (const [place, row] of message.ordinals.entries()) {
          scores.set(message.scores.subarray(place * classes, (place + 1) * classes), row * classes);
        }
      }
    } finally {
      child.kill();
    }
    signal.throwIfAborted();
    for (const [code, ordinals] of bad) {
      await context.event("problem", {
        code,
        count: ordinals.length,
        ordinals: ordinals.slice(0, MOST_NAMED),
      });
    }
    if (last?.kind === "done") {
      const { onlyTrained = 0 } = last;
      const unknown = last.leftOut - onlyTrained - [...bad.values()].flat().length;
      const leftOut = {
        ...Object.fromEntries([...bad].map(([code, ordinals]) => [code, ordinals.length])),
        ...(onlyTrained > 0 ? { ONLY_TRAINED: onlyTrained } : {}),
        ...(unknown > 0 ? { NO_FILE: unknown } : {}),
      };
      return { scores, leftOut };
    }
    if (last?.kind !== "failed") {
      throw new RunFailure("crash", "CHILD_CRASHED", "Expected the compute child to end in words, got none");
    }
    if (last.log !== undefined) log.warn({ code: last.code, child: last.log }, "a compute child failed");
    throw new RunFailure(last.code.startsWith("CHILD_") ? "crash" : "permanent", last.code, last.message);
  }
}

/** The task's part about pixels; undefined: none are asked for. */
async function pixelsOf(context: RunContext, { pixels, onBadImage }: ConfounderParams, versionId: number) {
  if (pixels === null) return undefined;
  const location = await context.read(() => findRoot(context.database.db, versionId));
  if (location === undefined) {
    throw new RunFailure(
      "permanent",
      "IMAGES_UNREACHABLE",
      "Expected to know where the images lie, got no location",
    );
  }
  return {
    statistic: pixels,
    root: folderOf(location, context.config.imageRoots),
    onBadImage: onBadImage ?? "fail",
  } as const;
}

async function* pagesOf(context: RunContext, versionId: number): AsyncGenerator<readonly ImageFile[]> {
  for (let afterOrdinal = -1; ; ) {
    const page = await context.read(() =>
      listImageFiles(context.database.db, versionId, { afterOrdinal, limit: PAGE }),
    );
    const last = page.at(-1);
    if (last === undefined) return;
    yield page.map(({ ordinal, uri, sha256 }) => ({ ordinal, uri, sha256 }));
    afterOrdinal = last.ordinal;
  }
}

/** What the dataset does not have, no attempt will find. */
async function readable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== "BAD_USER_INPUT") throw error;
    throw new RunFailure("permanent", error.code, error.message, { cause: error });
  }
}

import { basename, join } from "node:path";
import { startComputeChild } from "../../../compute/index.ts";
import { findRoot } from "../../datasets/image-files.queries.ts";
import { folderOf } from "../../datasets/image-roots.ts";
import { findMasks, maskRootsOf } from "../../datasets/masks/wanted-masks.ts";
import { runsByIds } from "../../runs/run.queries.ts";
import { type RunContext, RunFailure, type Runner, type RunOutcome } from "../../runs/runner.ts";
import { storedParams } from "../../runs/stored-params.ts";
import type { ModelStore } from "../model-store.ts";
import { type CheckedModel, checkModel } from "../register-model.ts";
import {
  type CheckpointFolder,
  listCheckpoints,
  openCheckpoints,
  removeCheckpoints,
} from "./checkpoint-folder.ts";
import { selectSample, type TrainingSample } from "./select-sample.ts";
import { insertTrainedVersion, statesByFingerprint } from "./train.queries.ts";
import { type StartTraining, type TrainingReport, trainNetwork } from "./train-network.ts";
import {
  readTrainingParams,
  TRAIN_VERSION,
  type TrainedModelWords,
  type TrainingParams,
  taskOf,
} from "./training-params.ts";
import { findTrainingSubject, planTraining, type TrainingSubject } from "./training-subject.ts";

/** What a training runner is made of. */
export interface TrainingRunnerOptions {
  readonly models: ModelStore;
  /** Threads of one session; absent: all processors. */
  readonly threads?: number;
  /** Default: the compute child. */
  readonly startChild?: StartTraining;
}

/** Trains a network on the images of a dataset version: the result is a model of the warehouse. */
export class TrainingRunner implements Runner {
  readonly #options: TrainingRunnerOptions;

  constructor(options: TrainingRunnerOptions) {
    this.#options = options;
  }

  async run(context: RunContext): Promise<RunOutcome> {
    const { database, run, config } = context;
    const params = storedParams(run, readTrainingParams, TRAIN_VERSION);
    const subject = await context.read(() => findTrainingSubject(database.db, namesOf(params)));
    const sample = await context.read(async () =>
      selectSample(database, await planTraining(database, subject, taskOf(params)), params),
    );
    await sweep(context);
    // Through the fence: whoever has lost the run takes no folder from whoever has it now.
    await context.dropParts();
    const folder = await openCheckpoints(config.checkpoints, run.fingerprint);
    try {
      const masks = await context.read(() => findMasks(database.db, subject.version.id, params.transforms));
      const task = {
        ...(await this.#task(context, subject, params, folder)),
        ...(masks.length === 0 ? {} : { maskRoots: maskRootsOf(masks, config.imageRoots) }),
        ...(config.pixelCache === undefined ? {} : { pixelCache: config.pixelCache }),
      };
      const job = { task, datasetVersionId: subject.version.id, sample, masks };
      const report = await trainNetwork(context, job, this.#options.startChild ?? startComputeChild);
      return await this.#outcome(context, { subject, params, sample, folder, report });
    } catch (error) {
      if (await isCancelled(context)) await folder.remove();
      throw error;
    }
  }

  async #task(
    context: RunContext,
    { version, initial }: TrainingSubject,
    params: TrainingParams,
    folder: CheckpointFolder,
  ) {
    const { models, threads } = this.#options;
    const location = await context.read(() => findRoot(context.database.db, version.id));
    if (location === undefined) {
      throw new RunFailure(
        "permanent",
        "IMAGES_UNREACHABLE",
        "Expected to know where the images lie, got no location",
      );
    }
    return {
      kind: "train",
      recipe: params.recipe,
      ...(initial === undefined
        ? {}
        : {
            initial: {
              modelPath: (await models.open(initial.onnxSha256)).path,
              modelSha256: initial.onnxSha256,
              output: initial.output,
            },
          }),
      transforms: params.transforms,
      plugins: context.config.plugins,
      provider: params.provider,
      ...(threads === undefined ? {} : { threads }),
      root: folderOf(location, context.config.imageRoots),
      onBadImage: params.onBadImage,
      folder: folder.path,
    } as const;
  }

  async #outcome(
    { run, config, signal }: RunContext,
    training: {
      readonly subject: TrainingSubject;
      readonly params: TrainingParams & TrainedModelWords;
      readonly sample: TrainingSample;
      readonly folder: CheckpointFolder;
      readonly report: TrainingReport;
    },
  ): Promise<RunOutcome> {
    const { subject, params, sample, folder, report } = training;
    const { trained } = report;
    const task = taskOf(params);
    const path = join(folder.path, basename(trained.file));
    // As any model that comes here: looked at and tried by a child of its own.
    const checked = await checkModel(
      path,
      {
        classes: task.classes,
        preprocessing: params.recipe.preprocessing,
        output: trained.output.name,
        activation: trained.output.activation,
      },
      { maxBytes: config.limits.modelBytes, signal },
    );
    // Bytes before the row: a version never points at nothing.
    await this.#options.models.put(path, trained.sha256);
    const { start } = params.recipe;
    const model = {
      slug: params.model,
      title: params.title,
      architecture:
        start.kind === "architecture" ? start.name : (subject.initial?.model.architecture ?? null),
      version: { ...task, ...columnsOf(checked), trainedByRunId: run.id },
    };
    return {
      summary: summaryOf(sample, report),
      async store(tx) {
        if ((await insertTrainedVersion(tx, model)) !== undefined) return;
        throw new RunFailure(
          "permanent",
          "MODEL_TAKEN",
          `Expected the slug "${model.slug}" to be free, got a model that was not trained here; ask with another slug`,
        );
      },
      settled: () => folder.remove(),
    };
  }
}

function namesOf({ dataset, datasetVersion, initial }: TrainingParams) {
  return {
    dataset,
    datasetVersion,
    initial: initial && { model: initial.model, modelVersion: initial.version },
  };
}

function columnsOf({ signature, output, sha256, preprocessing }: CheckedModel) {
  const { irVersion, opsets, operators, parameters, byteLength, producer } = signature;
  return {
    onnxSha256: sha256,
    inputs: signature.inputs,
    outputs: signature.outputs.map((each) =>
      each.name === output.name ? { ...each, activation: output.activation } : each,
    ),
    graph: { irVersion, opsets, operators, parameters, byteLength, producer },
    normalisation: preprocessing,
  };
}

/** Whether the attempt ended because somebody wants no more of it. */
async function isCancelled({ database, run, signal }: RunContext): Promise<boolean> {
  if (!signal.aborted) return false;
  const [now] = await runsByIds(database.db, [run.id]).catch(() => []);
  return now !== undefined && (now.cancelRequestedAt !== null || now.state === "cancelled");
}

/** Removes the checkpoints of runs that ended while nobody was there to do it. */
async function sweep({ database, config, read }: RunContext): Promise<void> {
  const kept = await listCheckpoints(config.checkpoints);
  if (kept.length === 0) return;
  for (const { fingerprint, state } of await read(() => statesByFingerprint(database.db, kept))) {
    if (state === "succeeded" || state === "cancelled")
      await removeCheckpoints(config.checkpoints, fingerprint);
  }
}

function summaryOf(
  { training, validation, leftOut }: TrainingSample,
  { trained, done, session, lastEpoch, leftOut: unread }: TrainingReport,
): Readonly<Record<string, unknown>> {
  const { epoch, ended, steps, sha256, weightsSha256 } = trained;
  return {
    training,
    validation,
    leftOut: { ...leftOut, ...unread },
    epochs: lastEpoch?.epoch ?? epoch,
    keptEpoch: epoch,
    ended,
    steps,
    onnxSha256: sha256,
    weightsSha256,
    ...(session === undefined ? {} : { session }),
    seconds: done.seconds,
    sessionSeconds: done.sessionSeconds,
    waitingSeconds: done.waitingSeconds,
    peakMiB: done.peakMiB,
    ...(done.disagreement === undefined ? {} : { disagreement: done.disagreement }),
  };
}

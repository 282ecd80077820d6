import { checkSignature } from "../onnx/check-signature.ts";
import { inspectModel } from "../onnx/inspect-model.ts";
import { ModelError } from "../onnx/model-error.ts";
import type { ModelSignature } from "../onnx/model-signature.ts";
import type { Provider, SessionRecord } from "../onnx/provider.ts";
import type { Checkpoint } from "../trainers/checkpoint.ts";
import { type FinishedModel, finishedModel } from "../trainers/finished-model.ts";
import { freeBatch } from "../trainers/free-batch.ts";
import { importedStart } from "../trainers/imported-network.ts";
import type { TrainingRecord } from "../trainers/model-metadata.ts";
import { NetworkSession, type StepBatch } from "../trainers/network-session.ts";
import type { TrainingRecipe } from "../trainers/recipe.ts";
import {
  architectureStart,
  type NetworkStart,
  type TrainedNetwork,
  trainedNetwork,
} from "../trainers/trained-network.ts";
import {
  type FoundCheckpoint,
  findCheckpoint,
  type WrittenFile,
  writeAtomically,
  writeCheckpoint,
} from "./checkpoint-files.ts";
import { readModelFile } from "./open-model.ts";
import type { TrainTask } from "./protocol.ts";
import { serveThread } from "./thread.ts";

/** How a network is opened for training. */
export interface OpenTraining {
  readonly recipe: TrainingRecipe;
  readonly initial?: TrainTask["initial"];
  readonly provider: Provider;
  readonly threads?: number;
  /** Absolute path of the folder of checkpoints. */
  readonly folder: string;
}

/** Asks the training's thread to open, learn, score, save, and finish. Everything that holds weights happens here. */
export type TrainingRequest =
  | { readonly kind: "open"; readonly options: OpenTraining }
  /** Goes back to the newest whole checkpoint, if there is one of this fingerprint. */
  | { readonly kind: "resume"; readonly fingerprint: string }
  | { readonly kind: "learn"; readonly batches: readonly StepBatch[] }
  | { readonly kind: "logits"; readonly images: Float32Array<ArrayBuffer> }
  | { readonly kind: "keep-best" }
  | { readonly kind: "save"; readonly checkpoint: Pick<Checkpoint, "fingerprint" | "progress"> }
  | { readonly kind: "finish"; readonly file: string; readonly record: Omit<TrainingRecord, "lowered"> };

/** Answers by the kind of the request. */
export interface TrainingAnswers {
  readonly open: SessionRecord;
  readonly resume: Pick<FoundCheckpoint, "damaged"> & {
    readonly found?: { readonly file: string } & Pick<Checkpoint, "fingerprint" | "progress">;
  };
  readonly learn: readonly number[];
  readonly logits: Float32Array;
  readonly "keep-best": undefined;
  readonly save: WrittenFile;
  readonly finish: WrittenFile & Omit<FinishedModel, "bytes"> & { readonly lowered: boolean };
}
export type TrainingAnswer = TrainingAnswers[keyof TrainingAnswers];

interface Opened {
  readonly options: OpenTraining;
  readonly network: TrainedNetwork;
  readonly session: NetworkSession;
}

let opened: Opened | undefined;

serveThread<TrainingRequest, TrainingAnswer>(async (request) => {
  if (request.kind === "open") {
    opened = await open(request.options);
    return { value: opened.session.record };
  }
  if (opened === undefined) throw new Error("Expected to be opened first");
  const { session, network, options } = opened;
  if (request.kind === "learn") return { value: await session.learn(request.batches) };
  if (request.kind === "logits") return { value: await session.logits(request.images) };
  if (request.kind === "resume") return { value: await resume(opened, request.fingerprint) };
  if (request.kind === "keep-best") {
    await session.keepBest();
    return { value: undefined };
  }
  if (request.kind === "save") {
    const checkpoint = { ...request.checkpoint, ...(await session.snapshot()) };
    return { value: await writeCheckpoint(options.folder, checkpoint) };
  }
  const { recipe } = options;
  const { lowered } = session;
  const { bytes, ...rest } = await finishedModel(recipe, network, await session.kept(recipe.keep), {
    ...request.record,
    lowered,
  });
  return { value: { ...(await writeAtomically(options.folder, request.file, [bytes])), ...rest, lowered } };
});

async function open(options: OpenTraining): Promise<Opened> {
  const { recipe, provider, threads } = options;
  const network = trainedNetwork(recipe, await startOf(options));
  const { optimiser, stepsPerCall, lowering } = recipe;
  const betas =
    optimiser.kind === "sgd"
      ? ([0, 0] as const)
      : ([optimiser.beta1 ?? 0.9, optimiser.beta2 ?? 0.999] as const);
  const how = { provider, betas, stepsPerCall, lowering, ...(threads === undefined ? {} : { threads }) };
  return { options, network, session: await NetworkSession.open(network, how) };
}

async function startOf({ recipe, initial }: OpenTraining): Promise<NetworkStart> {
  const { start, preprocessing, classes, batch } = recipe;
  if (start.kind === "architecture") return architectureStart(start.name);
  if (initial === undefined)
    throw new ModelError("MODEL_MISSING", "Expected a model to start from, got none");
  const { bytes, sha256 } = await readModelFile(initial.modelPath);
  if (sha256 !== initial.modelSha256) {
    throw new ModelError("MODEL_HASH_MISMATCH", "Expected the model that was registered, got other bytes");
  }
  const signature = inspectModel(bytes, { trusted: initial.trusted ?? false });
  const own = classesOf(signature, initial.output.name) ?? initial.classes?.length ?? classes.length;
  const ports = checkSignature(signature, preprocessing, initial.output, own);
  const { rows, cols, planes } = preprocessing;
  return importedStart({
    bytes: ports.batch === undefined ? bytes : freeBatch(bytes, ports.input, ports.batch, batch),
    input: ports.input,
    output: ports.output,
    shape: [batch, planes, rows, cols],
    learn: start.learn,
    classes: classes.length,
    isOther: initial.classes !== undefined && initial.classes.join("\n") !== classes.join("\n"),
  });
}

/** Numbers an image that an output has, where the model says so. */
function classesOf(signature: ModelSignature, output: string): number | undefined {
  const [, ...sizes] = signature.outputs.find(({ name }) => name === output)?.shape ?? [];
  return sizes.length > 0 && sizes.every((size) => typeof size === "number")
    ? sizes.reduce((product, size) => product * size, 1)
    : undefined;
}

async function resume({ options, session }: Opened, fingerprint: string): Promise<TrainingAnswers["resume"]> {
  const { newest, damaged } = await findCheckpoint(options.folder);
  if (newest === undefined) return { damaged };
  const { file, checkpoint } = newest;
  if (checkpoint.fingerprint === fingerprint) session.restore(checkpoint);
  return { damaged, found: { file, fingerprint: checkpoint.fingerprint, progress: checkpoint.progress } };
}

import { stat } from "node:fs/promises";
import {
  ChildError,
  type ChildMessage,
  type ComputeTask,
  checkSignature,
  childErrorCodes,
  ModelError,
  type ModelOutput,
  type ModelSignature,
  modelErrorCodes,
  PREPROCESSING_KEY,
  type Preprocessing,
  parsePreprocessing,
  startComputeChild,
} from "../../compute/index.ts";

/** What is said of a model's input and output; what is absent is taken from the model itself. */
export interface ModelWords {
  readonly classes: readonly string[];
  readonly preprocessing: Readonly<Partial<Record<keyof Preprocessing, unknown>>>;
  /** Name of the output; absent: the only one. */
  readonly output?: string | undefined;
  readonly activation: ModelOutput["activation"];
}

/** A model that loads, runs and does what is said of it. */
export interface CheckedModel {
  readonly sha256: string;
  readonly signature: ModelSignature;
  readonly preprocessing: Preprocessing;
  readonly output: ModelOutput;
}

/** Memory in MiB of a child that loads a model: a base, and so many times the file. */
const BASE_MIB = 1_024;
const FILE_TIMES = 6;

/**
 * Finds out in compute children what a model file holds and whether it runs: this process reads none of it.
 *
 * @throws {ModelError} every code but those of evaluations; {ChildError}
 */
export async function checkModel(
  path: string,
  words: ModelWords,
  { maxBytes, signal }: { readonly maxBytes: number; readonly signal?: AbortSignal },
): Promise<CheckedModel> {
  const { size } = await stat(path);
  const options = {
    memoryMiB: Math.ceil(BASE_MIB + (FILE_TIMES * size) / 2 ** 20),
    ...(signal === undefined ? {} : { signal }),
  };
  const inspected = await findMessage("inspected", { kind: "inspect", modelPath: path, maxBytes }, options);
  const { sha256, signature } = inspected;
  const preprocessing = preprocessingOf(signature, words.preprocessing);
  const output = { name: words.output ?? onlyOutput(signature), activation: words.activation };
  const classes = words.classes.length;
  checkSignature(signature, preprocessing, output, classes);
  const probe = {
    kind: "probe",
    modelPath: path,
    modelSha256: sha256,
    preprocessing,
    output,
    classes,
  } as const;
  await findMessage("done", probe, options);
  return { sha256, signature, preprocessing, output };
}

/** What is said, over what the file carries in its metadata, over the size that its input has. */
function preprocessingOf(
  { inputs, metadata }: ModelSignature,
  said: ModelWords["preprocessing"],
): Preprocessing {
  const [, planes, rows, cols] = inputs[0]?.shape ?? [];
  const sizes = Object.entries({ planes, rows, cols }).filter(([, size]) => typeof size === "number");
  const given = Object.entries(said).filter(([, value]) => value !== undefined && value !== null);
  return parsePreprocessing({
    ...Object.fromEntries(sizes),
    ...carriedOf(metadata[PREPROCESSING_KEY]),
    ...Object.fromEntries(given),
  });
}

function carriedOf(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Said below.
  }
  throw new ModelError(
    "MODEL_PREPROCESSING_INVALID",
    `Expected a JSON object in the model's metadata under ${PREPROCESSING_KEY}, got something else`,
  );
}

function onlyOutput({ outputs }: ModelSignature): string {
  const [only] = outputs;
  if (only !== undefined && outputs.length === 1) return only.name;
  throw new ModelError(
    "MODEL_SIGNATURE_MISMATCH",
    `Expected to be told which output holds the scores, got none of ${outputs.map(({ name }) => name).join(", ")}`,
  );
}

async function findMessage<Kind extends "inspected" | "done">(
  kind: Kind,
  task: ComputeTask,
  options: { readonly memoryMiB: number; readonly signal?: AbortSignal },
): Promise<Extract<ChildMessage, { kind: Kind }>> {
  let found: Extract<ChildMessage, { kind: Kind }> | undefined;
  for await (const message of startComputeChild(task, options)) {
    if (message.kind === "failed") throw toError(message);
    if (message.kind === kind) found = message as typeof found; // safe: of this kind
  }
  if (found === undefined) throw new ChildError("CHILD_CRASHED", "Expected an answer, got none");
  return found;
}

function toError({ code, message, log }: Extract<ChildMessage, { kind: "failed" }>): Error {
  const model = modelErrorCodes.find((each) => each === code);
  if (model !== undefined) return new ModelError(model, message);
  const child = childErrorCodes.find((each) => each === code) ?? "CHILD_CRASHED";
  // A model that takes its child down with it has shown what it is.
  return child === "CHILD_OUT_OF_MEMORY"
    ? new ModelError(
        "MODEL_LIMIT",
        "Expected a model that fits the memory it is given, got one that does not",
      )
    : new ChildError(child, message, { cause: log });
}

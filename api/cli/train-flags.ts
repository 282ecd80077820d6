import type { ArchitectureName, Intensity, Provider, Resizing } from "../../compute/index.ts";
import type { RecipeRequest } from "../models/train/recipe-request.ts";
import type { TrainRequest } from "../models/train/train.service.ts";
import { CommandError, exitCodes } from "./exit-code.ts";
import { numberOf } from "./number-option.ts";
import { list } from "./program-options.ts";
import { chainOf } from "./transform-flag.ts";
import { whereOf } from "./where-flag.ts";

/** The options of `stratum train` that say what is trained. */
export interface TrainFlags {
  readonly dataset: string;
  readonly datasetVersion?: string;
  readonly attribute: string;
  readonly class: readonly string[];
  readonly split?: string;
  readonly validationSplit?: string;
  readonly validationShare?: string;
  readonly fold?: string;
  readonly splitSeed?: string;
  readonly where: readonly string[];
  readonly transform: readonly string[];
  readonly architecture?: ArchitectureName;
  readonly start?: string;
  readonly learn?: NonNullable<TrainRequest["start"]>["learn"];
  readonly size?: string;
  readonly rows?: string;
  readonly cols?: string;
  readonly planes?: string;
  readonly intensity?: Intensity;
  readonly resize?: Resizing;
  readonly antialias: boolean;
  readonly mean?: string;
  readonly deviation?: string;
  readonly optimiser?: NonNullable<RecipeRequest["optimiser"]>["kind"];
  readonly momentum?: string;
  readonly nesterov?: boolean;
  readonly weightDecay?: string;
  readonly learningRate?: string;
  readonly schedule?: NonNullable<RecipeRequest["schedule"]>["kind"];
  readonly scheduleFactor?: string;
  readonly schedulePatience?: string;
  readonly scheduleEpochs?: string;
  readonly scheduleFloor?: string;
  readonly batch?: string;
  readonly epochs?: string;
  readonly patience?: string;
  readonly monitor?: RecipeRequest["monitor"];
  readonly labelSmoothing?: string;
  readonly classWeights?: string;
  readonly clipNorm?: string;
  readonly augment?: string;
  readonly sampling?: RecipeRequest["sampling"];
  readonly strata?: readonly string[];
  readonly keep?: RecipeRequest["keep"];
  readonly seed?: string;
  readonly checkpointSteps?: string;
  readonly stepsPerCall?: string;
  readonly lowering: boolean;
  readonly provider?: Provider;
  readonly onBadImage: "fail" | "skip";
  readonly model?: string;
  readonly title?: string;
}

/**
 * The training that the options describe; what they do not say is left to the service.
 *
 * @throws {CommandError} usage, naming the option that is malformed; {ComputeError} NO_SUCH_PLUGIN, INVALID_PARAM
 */
export function trainRequestOf(flags: TrainFlags): TrainRequest {
  return {
    dataset: flags.dataset,
    datasetVersion: number("--dataset-version", flags.datasetVersion),
    attribute: flags.attribute,
    classes: flags.class.length === 0 ? null : flags.class.map(classOf),
    split: flags.split,
    validationSplit: flags.validationSplit,
    validationShare: number("--validation-share", flags.validationShare),
    folds: foldOf(flags.fold),
    splitSeed: number("--split-seed", flags.splitSeed),
    where: flags.where.map(whereOf),
    transforms: chainOf(flags.transform),
    start: startOf(flags),
    preprocessing: preprocessingOf(flags),
    optimiser: optimiserOf(flags),
    learningRate: number("--learning-rate", flags.learningRate),
    schedule: scheduleOf(flags),
    batch: number("--batch", flags.batch),
    epochs: number("--epochs", flags.epochs),
    patience: number("--patience", flags.patience),
    monitor: flags.monitor,
    labelSmoothing: number("--label-smoothing", flags.labelSmoothing),
    classWeights: numbers("--class-weights", flags.classWeights),
    clipNorm: number("--clip-norm", flags.clipNorm),
    augmentation: augmentationOf(flags.augment),
    sampling: flags.sampling ?? (flags.strata === undefined ? undefined : "equal-strata"),
    strata: flags.strata,
    keep: flags.keep,
    seed: number("--seed", flags.seed),
    checkpointSteps: number("--checkpoint-steps", flags.checkpointSteps),
    stepsPerCall: number("--steps-per-call", flags.stepsPerCall),
    // commander sets it to true when nobody says anything.
    lowering: flags.lowering ? undefined : false,
    provider: flags.provider,
    onBadImage: flags.onBadImage,
    model: flags.model,
    title: flags.title,
  };
}

/** `White`, or `other=Asian,Black` for levels that are taken together. */
function classOf(text: string): { readonly name: string; readonly levels?: readonly string[] } {
  const at = text.indexOf("=");
  if (at < 0) return { name: text };
  const levels = list(text.slice(at + 1));
  if (at > 0 && levels.length > 0) return { name: text.slice(0, at), levels };
  throw usage(`Expected --class NAME or NAME=LEVEL,LEVEL, got "${text}"`);
}

function foldOf(text: string | undefined): TrainRequest["folds"] {
  if (text === undefined) return undefined;
  const [, fold, k] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (fold === undefined) throw usage(`Expected --fold i/k, such as 1/5, got "${text}"`);
  return { fold: Number(fold), k: Number(k) };
}

function startOf({ architecture, start, learn }: TrainFlags): TrainRequest["start"] {
  if (architecture === undefined && start === undefined && learn === undefined) return undefined;
  const [model, version, ...rest] = (start ?? "").split(":");
  if (rest.length > 0 || (start !== undefined && model === "")) {
    throw usage(`Expected --start MODEL or MODEL:VERSION, got "${start}"`);
  }
  return {
    architecture,
    model: start === undefined ? undefined : model,
    modelVersion: number("--start", version),
    learn,
  };
}

function preprocessingOf(flags: TrainFlags): TrainRequest["preprocessing"] {
  const size = number("--size", flags.size);
  const record = {
    rows: number("--rows", flags.rows) ?? size,
    cols: number("--cols", flags.cols) ?? size,
    planes: number("--planes", flags.planes),
    intensity: flags.intensity,
    resize: flags.resize,
    antialias: flags.antialias ? undefined : false,
    mean: numbers("--mean", flags.mean),
    deviation: numbers("--deviation", flags.deviation),
  };
  return Object.values(record).every((value) => value === undefined) ? undefined : record;
}

function optimiserOf(flags: TrainFlags): TrainRequest["optimiser"] {
  const { optimiser: kind, momentum, nesterov, weightDecay } = flags;
  if (kind === undefined && momentum === undefined && nesterov === undefined && weightDecay === undefined) {
    return undefined;
  }
  return {
    kind: kind ?? "adam",
    momentum: number("--momentum", momentum),
    nesterov,
    weightDecay: number("--weight-decay", weightDecay),
  };
}

function scheduleOf(flags: TrainFlags): TrainRequest["schedule"] {
  const details = {
    factor: number("--schedule-factor", flags.scheduleFactor),
    patience: number("--schedule-patience", flags.schedulePatience),
    epochs: number("--schedule-epochs", flags.scheduleEpochs),
    floor: number("--schedule-floor", flags.scheduleFloor),
  };
  const isBare = Object.values(details).every((value) => value === undefined);
  if (flags.schedule === undefined && isBare) return undefined;
  return { kind: flags.schedule ?? "plateau", ...details };
}

const augmentations: Readonly<Record<string, string>> = {
  flip: "flip",
  rotation: "rotation",
  zoom: "zoom",
  crop: "cropLeastArea",
};

/** `none`, or `flip=0.5,rotation=15,zoom=0.1,crop=0.75`. */
function augmentationOf(text: string | undefined): TrainRequest["augmentation"] {
  if (text === undefined) return undefined;
  if (text === "none") return {};
  const pairs = list(text).map((pair) => {
    const [name = "", value = ""] = pair.split("=");
    const field = augmentations[name];
    if (field === undefined) {
      throw usage(`Expected --augment none or flip, rotation, zoom, crop with =VALUE, got "${pair}"`);
    }
    return [field, numberOf(`--augment ${name}`, value)] as const;
  });
  return Object.fromEntries(pairs);
}

function number(option: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : numberOf(option, text);
}

function numbers(option: string, text: string | undefined): readonly number[] | undefined {
  return text === undefined ? undefined : list(text).map((each) => numberOf(option, each));
}

function usage(message: string): CommandError {
  return new CommandError(exitCodes.usage, message);
}

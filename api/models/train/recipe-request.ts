import {
  type ArchitectureName,
  type Augmentation,
  type OptimiserSpec,
  type Preprocessing,
  type Provider,
  parsePreprocessing,
  requireOptimiser,
  requireRecipe,
  type Sampling,
  type Schedule,
  type Start,
  type TrainingRecipe,
} from "../../../compute/index.ts";
import { badInput } from "../../metrics/question.ts";

type Given<Part> = { readonly [Key in keyof Part]?: Part[Key] | null | undefined };

/** How a training is to go, as requests word it: everything may be absent. */
export interface RecipeRequest {
  readonly preprocessing?: Given<Omit<Preprocessing, "planes"> & { planes: number }> | null | undefined;
  readonly optimiser?: (Given<FlatOptimiser> & { readonly kind: OptimiserSpec["kind"] }) | null | undefined;
  readonly learningRate?: number | null | undefined;
  readonly schedule?: (Given<FlatSchedule> & { readonly kind: Schedule["kind"] }) | null | undefined;
  readonly batch?: number | null | undefined;
  readonly epochs?: number | null | undefined;
  /** 0: never ends early. */
  readonly patience?: number | null | undefined;
  readonly monitor?: TrainingRecipe["monitor"] | null | undefined;
  readonly labelSmoothing?: number | null | undefined;
  readonly classWeights?: readonly number[] | null | undefined;
  readonly clipNorm?: number | null | undefined;
  readonly augmentation?: FlatAugmentation | null | undefined;
  readonly sampling?: Sampling["kind"] | null | undefined;
  readonly keep?: TrainingRecipe["keep"] | null | undefined;
  readonly seed?: number | null | undefined;
  readonly checkpointSteps?: number | null | undefined;
  readonly stepsPerCall?: number | null | undefined;
  readonly lowering?: boolean | null | undefined;
}

interface FlatOptimiser {
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

interface FlatSchedule {
  readonly factor: number;
  readonly patience: number;
  readonly epochs: number;
  readonly floor: number;
}

interface FlatAugmentation {
  readonly flip?: number | null | undefined;
  readonly rotation?: number | null | undefined;
  readonly zoom?: number | null | undefined;
  readonly cropLeastArea?: number | null | undefined;
  readonly cropLeastRatio?: number | null | undefined;
}

/** What a recipe is filled in from, besides the request. */
export interface RecipeFacts {
  readonly start: Start;
  /** Of the model that training starts from. */
  readonly initial: Preprocessing | undefined;
  /** The longest side of an image of the dataset, in pixels. */
  readonly longestSide: number;
  readonly classes: readonly string[];
  readonly task: TrainingRecipe["task"];
  readonly provider: Provider;
  readonly hasValidation: boolean;
}

/** Images up to so many pixels go into the network for small ones, as they are. */
const SMALL_SIDE = 96;
const USUAL_SIDE = 224;

/**
 * The architecture where a request names none.
 *
 * @param longestSide - of an image of the dataset, or of the input that is asked for
 */
export function usualArchitecture(longestSide: number): ArchitectureName {
  return longestSide <= SMALL_SIDE ? "small_cnn" : "resnet34";
}

/**
 * A whole recipe from a request. What is absent is as in the study (Gichoya et al. 2022, image models): Adam at 1e-3, a
 * tenth of it after two epochs without a lower validation loss, down to 1e-5, at most 100 epochs, the end after four
 * without improvement, the best weights, flips, rotations of 15 degrees and zooms of a tenth, seed 2021; but batches of 32
 * images of at most 224 pixels a side (there 256 of 320), and a tenth of the learning rate where a whole trained network goes on.
 *
 * @throws {ServiceError} BAD_USER_INPUT; {ModelError} MODEL_PREPROCESSING_INVALID; {ComputeError} INVALID_PARAM
 */
export function recipeOf(request: RecipeRequest, facts: RecipeFacts): TrainingRecipe {
  const { start, classes, task, provider, hasValidation } = facts;
  const whole = start.kind === "model" && start.learn !== "head";
  const learningRate = bounded("learningRate", request.learningRate ?? (whole ? 1e-4 : 1e-3), 1e-10, 10);
  const epochs = counted("epochs", request.epochs ?? 100, 1, 100_000);
  const patience = counted("patience", request.patience ?? (hasValidation ? 4 : 0), 0, 100_000);
  const keep = request.keep ?? (hasValidation ? "best" : "last");
  const schedule = scheduleOf(request.schedule, learningRate, hasValidation);
  if (!hasValidation && (keep === "best" || patience > 0 || schedule.kind === "plateau")) {
    throw badInput(
      "Expected keep LAST, patience 0 and a schedule other than PLATEAU without validation images, got what looks at them",
    );
  }
  const recipe: TrainingRecipe = {
    start,
    preprocessing: preprocessingOf(request.preprocessing, facts),
    classes,
    task,
    optimiser: optimiserOf(request.optimiser),
    learningRate,
    schedule,
    batch: counted("batch", request.batch ?? 32, 1, 4_096),
    epochs,
    ...(patience === 0 ? {} : { patience }),
    monitor: request.monitor ?? "validation-loss",
    ...given("labelSmoothing", request.labelSmoothing, 0, 0.99),
    ...classWeightsOf(request.classWeights, classes.length),
    ...given("clipNorm", request.clipNorm, 1e-9, 1e9),
    augmentation: augmentationOf(request.augmentation),
    sampling: { kind: samplingOf(request.sampling, task) },
    keep,
    seed: counted("seed", request.seed ?? 2021, 0, Number.MAX_SAFE_INTEGER),
    checkpointSteps: counted("checkpointSteps", request.checkpointSteps ?? 200, 1, 1e9),
    stepsPerCall: counted("stepsPerCall", request.stepsPerCall ?? 4, 1, 64),
    lowering: request.lowering ?? provider === "cpu",
  };
  // What computes has the last word on what it can do.
  requireRecipe(recipe);
  return recipe;
}

function preprocessingOf(
  asked: RecipeRequest["preprocessing"],
  { start, initial, longestSide }: RecipeFacts,
): Preprocessing {
  const wanted = withoutNulls(asked ?? {});
  if (start.kind === "model" && initial !== undefined) {
    if (Object.keys(wanted).length === 0) return initial;
    throw badInput(
      "Expected no preprocessing where training starts from a model, whose own is kept, got some; leave it out",
    );
  }
  const side = Math.min(USUAL_SIDE, longestSide);
  // Brightness about 0 and of about unit spread: what the initial weights of these networks are made for.
  return parsePreprocessing({ rows: side, cols: side, planes: 1, mean: 0.5, deviation: 0.25, ...wanted });
}

function optimiserOf(asked: RecipeRequest["optimiser"]): OptimiserSpec {
  const { kind, momentum, nesterov, beta1, beta2, epsilon, weightDecay } = asked ?? { kind: "adam" as const };
  const strange = kind === "sgd" ? { beta1, beta2, epsilon } : { momentum, nesterov };
  const [name] = Object.keys(withoutNulls(strange));
  if (name !== undefined) throw badInput(`Expected no ${name} for the optimiser ${kind}, got one`);
  const spec: OptimiserSpec =
    kind === "sgd"
      ? { kind, ...withoutNulls({ momentum, nesterov, weightDecay }) }
      : { kind, ...withoutNulls({ beta1, beta2, epsilon, weightDecay }) };
  requireOptimiser(spec);
  return spec;
}

function scheduleOf(
  asked: RecipeRequest["schedule"],
  learningRate: number,
  hasValidation: boolean,
): Schedule {
  const kind = asked?.kind ?? (hasValidation ? "plateau" : "constant");
  const { factor, patience, epochs, floor } = asked ?? {};
  const floorOf = (standard: number) => bounded("schedule.floor", floor ?? standard, 0, learningRate);
  const factorOf = () => bounded("schedule.factor", factor ?? 0.1, 1e-6, 0.999_999);
  switch (kind) {
    case "constant":
      return { kind };
    case "plateau":
      return {
        kind,
        factor: factorOf(),
        patience: counted("schedule.patience", patience ?? 2, 1, 100_000),
        floor: floorOf(Math.min(1e-5, learningRate)),
      };
    case "step":
      return { kind, factor: factorOf(), epochs: counted("schedule.epochs", epochs ?? 10, 1, 100_000) };
    case "cosine":
      return { kind, floor: floorOf(0) };
  }
}

function augmentationOf(asked: RecipeRequest["augmentation"]): Augmentation {
  const { flip, rotation, zoom, cropLeastArea, cropLeastRatio } = asked ?? {
    flip: 0.5,
    rotation: 15,
    zoom: 0.1,
  };
  if (cropLeastRatio != null && cropLeastArea == null) {
    throw badInput("Expected cropLeastArea with cropLeastRatio, got none");
  }
  return {
    ...given("flip", flip || null, 0, 1),
    ...given("rotation", rotation || null, 0, 180),
    ...given("zoom", zoom || null, 0, 0.99),
    ...(cropLeastArea == null
      ? {}
      : {
          crop: {
            leastArea: bounded("cropLeastArea", cropLeastArea, 0.01, 1),
            ...given("leastRatio", cropLeastRatio, 0.05, 1),
          },
        }),
  };
}

function samplingOf(asked: RecipeRequest["sampling"], task: TrainingRecipe["task"]): Sampling["kind"] {
  const kind = asked ?? "shuffle";
  if (task === "multilabel" && kind !== "shuffle") {
    throw badInput("Expected sampling SHUFFLE for many labels, of which one image has several, got another");
  }
  return kind;
}

function classWeightsOf(asked: readonly number[] | null | undefined, classes: number) {
  if (asked == null) return {};
  if (asked.length !== classes) {
    throw badInput(`Expected ${classes} classWeights, one a class, got ${asked.length}`);
  }
  return { classWeights: asked.map((weight) => bounded("classWeights", weight, 1e-6, 1e6)) };
}

function given<Name extends string>(
  name: Name,
  value: number | null | undefined,
  low: number,
  high: number,
): { readonly [Key in Name]?: number } {
  if (value == null) return {};
  return { [name]: bounded(name, value, low, high) } as { readonly [Key in Name]?: number }; // safe: this one key
}

function counted(name: string, value: number, low: number, high: number): number {
  if (!Number.isSafeInteger(value)) throw badInput(`Expected a whole number for ${name}, got ${value}`);
  return bounded(name, value, low, high);
}

function bounded(name: string, value: number, low: number, high: number): number {
  if (value >= low && value <= high) return value;
  throw badInput(`Expected ${name} from ${low} to ${high}, got ${value}`);
}

function withoutNulls<Part extends object>(
  part: Part,
): { [Key in keyof Part]?: Exclude<Part[Key], null | undefined> } {
  const kept = Object.entries(part).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(kept) as { [Key in keyof Part]?: Exclude<Part[Key], null | undefined> }; // safe: of its own entries
}

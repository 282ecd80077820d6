import { z } from "zod";
import {
  type Provider,
  parseChain,
  providers,
  type TrainingRecipe,
  type TransformChain,
} from "../../../compute/index.ts";
import type { AttributePredicate } from "../../metrics/question.ts";
import type { SplitPart } from "../../predictions/evaluate/evaluation-params.ts";

/** Raised when the same request would give another network than before, or its recipe has another form. */
export const TRAIN_VERSION = 1;

/** A class, and the levels of the attribute that it stands for; of many findings the one it names. */
export interface TrainingClass {
  readonly name: string;
  readonly levels: readonly string[];
}

/** Where the images come from that the network is looked at with after each epoch. */
export type ValidationSource =
  | { readonly kind: "part"; readonly part: SplitPart }
  /** So large a part of the training patients, drawn by a seed. */
  | { readonly kind: "share"; readonly share: number; readonly seed: number }
  /** The training images among one part of a division of all patients: unlike a share, it can be evaluated by name. */
  | ({ readonly kind: "fold" } & PatientFold)
  | { readonly kind: "none" };

/** One part of a division of all patients into `k`. */
export interface PatientFold {
  /** The split that holds the division, and this part of it. */
  readonly split: SplitPart;
  readonly k: number;
  /** From 1. */
  readonly fold: number;
  readonly seed: number;
}

/** What a training run was asked, in canonical form: kept in the run, and all of its fingerprint but the digests. */
export interface TrainingParams {
  /** Slug, and the number of the version. */
  readonly dataset: string;
  readonly datasetVersion: number;
  /** What is learnt; of many findings the name before the colon. */
  readonly attribute: string;
  readonly classes: readonly TrainingClass[];
  /** The part of a split that is learnt from; null: the whole version, less what is held out. */
  readonly training: SplitPart | null;
  readonly validation: ValidationSource;
  /** Held back from training altogether. */
  readonly heldOut: PatientFold | null;
  /** Only images that meet all of these, for training and for validation. */
  readonly where: readonly AttributePredicate[];
  /** The attributes whose levels together sampling evens out. */
  readonly strata: readonly string[] | null;
  readonly transforms: TransformChain;
  /** The registered model that training starts from. */
  readonly initial: { readonly model: string; readonly version: number } | null;
  readonly recipe: TrainingRecipe;
  readonly provider: Provider;
  readonly onBadImage: "fail" | "skip";
  /** Slug of the model that the result becomes a version of. */
  readonly model: string;
}

/** Words about a model that is new, of the first request for a run; no part of its fingerprint. */
export interface TrainedModelWords {
  readonly title: string | null;
}

const part = z.strictObject({ name: z.string(), part: z.string() });
const fold = z.strictObject({ split: part, k: z.number().int(), fold: z.number().int(), seed: z.number() });

const stored = z.strictObject({
  dataset: z.string(),
  datasetVersion: z.number().int(),
  attribute: z.string(),
  classes: z.array(z.strictObject({ name: z.string(), levels: z.array(z.string()) })),
  training: part.nullable(),
  validation: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("part"), part }),
    z.strictObject({ kind: z.literal("share"), share: z.number(), seed: z.number() }),
    fold.extend({ kind: z.literal("fold") }),
    z.strictObject({ kind: z.literal("none") }),
  ]),
  heldOut: fold.nullable(),
  where: z.array(
    z.strictObject({
      attribute: z.string(),
      in: z.array(z.string()).optional(),
      gte: z.number().optional(),
      lt: z.number().optional(),
    }),
  ),
  strata: z.array(z.string()).min(1).nullable(),
  transforms: z.unknown(),
  initial: z.strictObject({ model: z.string(), version: z.number().int() }).nullable(),
  recipe: z.looseObject({ task: z.enum(["exclusive", "multilabel"]), classes: z.array(z.string()) }),
  provider: z.enum(providers),
  onBadImage: z.enum(["fail", "skip"]),
  model: z.string(),
  title: z.string().nullable(),
});

/**
 * Reads back what a run was asked.
 *
 * @throws {ZodError | ComputeError} when an older or newer Stratum stored it in another form
 */
export function readTrainingParams(
  params: Readonly<Record<string, unknown>>,
): TrainingParams & TrainedModelWords {
  const read = stored.parse(params);
  return {
    ...read,
    transforms: parseChain(read.transforms),
    // Safe: stored by a request of this TRAIN_VERSION, which checked it.
    recipe: read.recipe as unknown as TrainingRecipe,
  };
}

/** The canonical task of a request: what a model version says of itself, and evaluations compute with. */
export function taskOf({
  recipe,
  attribute,
  classes,
}: Pick<TrainingParams, "attribute" | "classes"> & {
  readonly recipe: Pick<TrainingParams["recipe"], "task">;
}) {
  const isMerged = classes.some(({ name, levels }) => levels.length !== 1 || levels[0] !== name);
  const kind =
    recipe.task === "multilabel"
      ? ("multilabel" as const)
      : classes.length === 2
        ? ("binary" as const)
        : ("multiclass" as const);
  return {
    taskKind: kind,
    taskAttribute: attribute,
    classes: classes.map(({ name }) => name),
    classLevels: isMerged ? Object.fromEntries(classes.map(({ name, levels }) => [name, levels])) : null,
  };
}

import { badInput } from "../../metrics/question.ts";
import type { SplitPart } from "../../predictions/evaluate/evaluation-params.ts";
import { splitPartOf } from "../../predictions/evaluate/select-images.ts";
import type { EvaluationPlan } from "../../predictions/evaluation-columns.ts";
import { type FoldRequest, foldOf } from "./folds.ts";
import type { PatientFold, ValidationSource } from "./training-params.ts";

/** Which images are learnt from and which are looked at, as requests word it. */
export interface PartsRequest {
  /** A part of a split: `train`, or `split:train`. */
  readonly split?: string | null | undefined;
  readonly validationSplit?: string | null | undefined;
  /** 0: no validation. */
  readonly validationShare?: number | null | undefined;
  readonly folds?: FoldRequest | null | undefined;
  /** A part of all patients, whose training images are for validation; with a name to evaluate it by, unlike a share. */
  readonly validationFold?: FoldRequest | null | undefined;
  readonly splitSeed?: number | null | undefined;
}

const trainingNames: readonly string[] = ["train", "training"];
const validationNames: readonly string[] = ["validate", "validation", "val", "valid", "dev"];
const USUAL_SHARE = 0.1;
/** As the study's models of images. */
const USUAL_SEED = 2021;

/**
 * Where training and validation images come from. Without a word: the `train` part of the dataset's split and its `validate`
 * part; a tenth of the training patients where there is no such part; the whole version where there is no split.
 *
 * @throws {ServiceError} BAD_USER_INPUT
 */
export function partsOf(
  request: PartsRequest,
  plan: EvaluationPlan,
): {
  readonly training: SplitPart | null;
  readonly validation: ValidationSource;
  readonly heldOut: PatientFold | null;
} {
  const { split, validationSplit, validationShare, validationFold, folds } = request;
  const seed = request.splitSeed ?? USUAL_SEED;
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw badInput(`Expected splitSeed as a whole number from 0, got ${seed}`);
  }
  if ([validationSplit, validationShare, validationFold].filter((one) => one != null).length > 1) {
    throw badInput("Expected validationSplit or validationShare, got both; leave one out");
  }
  const heldOut = folds == null ? null : foldOf(folds, seed);
  const training = split != null ? splitPartOf(plan, split) : heldOut === null ? usualTraining(plan) : null;
  if (validationSplit != null) {
    return { training, validation: { kind: "part", part: splitPartOf(plan, validationSplit) }, heldOut };
  }
  if (validationFold != null) {
    return { training, validation: { kind: "fold", ...foldOf(validationFold, seed) }, heldOut };
  }
  if (validationShare === 0) return { training, validation: { kind: "none" }, heldOut };
  if (validationShare != null && !(validationShare > 0 && validationShare < 1)) {
    throw badInput(`Expected validationShare from 0 to below 1, got ${validationShare}`);
  }
  const part = validationShare == null && heldOut === null ? usualValidation(plan, training) : undefined;
  if (part !== undefined) return { training, validation: { kind: "part", part }, heldOut };
  return { training, validation: { kind: "share", share: validationShare ?? USUAL_SHARE, seed }, heldOut };
}

function usualTraining({ splits }: Pick<EvaluationPlan, "splits">): SplitPart | null {
  const found = [...splits.values()].flatMap(({ name, parts }) =>
    parts.filter((part) => trainingNames.includes(part)).map((part) => ({ name, part })),
  );
  const [only, ...others] = found;
  if (others.length === 0) return only ?? null;
  throw badInput(
    `Expected to be told which split to learn from, got ${found.length} with a part for training: ${found
      .map(({ name, part }) => `${name}:${part}`)
      .join(", ")}`,
  );
}

function usualValidation(
  { splits }: Pick<EvaluationPlan, "splits">,
  training: SplitPart | null,
): SplitPart | undefined {
  if (training === null || !trainingNames.includes(training.part)) return undefined;
  const part = splits.get(training.name)?.parts.find((each) => validationNames.includes(each));
  return part === undefined ? undefined : { name: training.name, part };
}

import {
  type AuditSettings,
  type AuditStep,
  type DatasetFacts,
  type EvaluateStep,
  type FitStep,
  GIVEN_FINDING_MODEL,
  type TrainStep,
} from "../../compute/index.ts";
import { foldOf } from "../models/train/folds.ts";
import type { TrainRequest } from "../models/train/train.service.ts";
import type { PatientFold } from "../models/train/training-params.ts";
import type { ConfounderRequest } from "../predictions/confounders/confounder.service.ts";
import type { EvaluateRequest } from "../predictions/evaluate/evaluate.service.ts";
import type { AuditParams } from "./audit-params.ts";
import { type HeldOut, heldOutSplitOf } from "./held-out-patients.ts";

/** Without a part for validation, about so large a part of the training patients chooses thresholds: a fifth. */
const VALIDATION_PARTS = 5;

/** A model that a training of the audit made. */
export interface TrainedVersion {
  readonly slug: string;
  readonly version: number;
}

/** What is asked for so that a network of the plan is trained. */
export function trainRequestOf(
  step: TrainStep,
  { datasets, settings }: AuditParams,
  facts: readonly DatasetFacts[],
): TrainRequest {
  const { attribute, classes, splitSeed, training } = settings;
  const { side, epochs, batch, learningRate, patience, augment } = training;
  const architecture = step.architecture ?? training.architecture;
  const split = facts[step.dataset]?.split ?? null;
  const { findings } = step;
  return {
    dataset: datasets[step.dataset]?.slug ?? "",
    datasetVersion: datasets[step.dataset]?.version,
    ...(step.learns ?? {
      attribute: findings === undefined ? attribute : "finding",
      classes: (findings ?? classes).map((name) => ({ name })),
    }),
    where: step.where,
    transforms: step.transforms,
    splitSeed,
    ...(split === null ? { folds: testFold(settings) } : { split: `${split.name}:${split.train}` }),
    ...(split?.validation != null
      ? { validationSplit: `${split.name}:${split.validation}` }
      : // Thresholds of findings are chosen on the validation images, so those need a name.
        findings === undefined
        ? {}
        : { validationFold: validationFold(settings) }),
    ...(architecture === undefined ? {} : { start: { architecture } }),
    ...(side === undefined ? {} : { preprocessing: { rows: side, cols: side } }),
    ...(step.evenOut.length === 0 ? {} : { sampling: "matched-strata" as const, strata: step.evenOut }),
    ...{ epochs, batch, learningRate, patience },
    ...(augment === false ? { augmentation: {} } : {}),
    seed: step.seed,
    onBadImage: "skip",
  };
}

/** What is asked for so that a trained network is evaluated. */
export function evaluateRequestOf(
  step: EvaluateStep,
  params: AuditParams,
  facts: readonly DatasetFacts[],
  model: TrainedVersion,
): EvaluateRequest {
  const { datasets } = params;
  const { part, where } = partOf(step, params, facts);
  return {
    dataset: datasets[step.dataset]?.slug ?? "",
    datasetVersion: datasets[step.dataset]?.version,
    model: model.slug,
    modelVersion: model.version,
    split: part,
    where: [...step.where, ...where],
    transforms: step.transforms,
    ...(step.maps === undefined
      ? {}
      : { saliency: { class: step.maps.class, method: methods[step.maps.method] } }),
    ...(step.embedding === undefined ? {} : { embedding: step.embedding }),
    onBadImage: "skip",
  };
}

/** The part of a dataset that a step is about, and what else its images meet. */
function partOf(
  step: EvaluateStep,
  { datasets, settings }: AuditParams,
  facts: readonly DatasetFacts[],
): { readonly part: string | null; readonly where: EvaluateRequest["where"] } {
  const split = facts[step.dataset]?.split ?? null;
  if (step.part === "all") return { part: null, where: [] };
  if (step.part === "held-out patients") {
    const { name, part } = heldOutSplitOf(heldOutOf(0, datasets, settings, facts));
    return { part: `${name}:${part}`, where: [] };
  }
  if (step.part === "test") {
    const { name, part } = heldOutOf(step.dataset, datasets, settings, facts).split;
    return { part: `${name}:${part}`, where: [] };
  }
  if (split?.validation != null) return { part: `${split.name}:${split.validation}`, where: [] };
  const held = testFold(settings).split;
  const fold = validationFold(settings).split;
  const training =
    split === null
      ? {
          attribute: `split:${held.name}`,
          in: Array.from({ length: settings.folds - 1 }, (_, other) => `fold-${other + 2}`),
        }
      : { attribute: `split:${split.name}`, in: [split.train] };
  return { part: `${fold.name}:${fold.part}`, where: [training] };
}

/** Where a dataset has no split: the patients that are tested on. */
export function testFold({ folds, splitSeed }: Pick<AuditSettings, "folds" | "splitSeed">): PatientFold {
  return foldOf({ k: folds, fold: 1 }, splitSeed);
}

/**
 * Where a split has no part for validation: the patients, but for those tested on, whose images choose thresholds. Of a
 * division into another number of parts than the test's, so that the two cut across each other.
 */
export function validationFold({
  folds,
  splitSeed,
}: Pick<AuditSettings, "folds" | "splitSeed">): PatientFold {
  const k = folds === VALIDATION_PARTS ? VALIDATION_PARTS + 1 : VALIDATION_PARTS;
  return foldOf({ k, fold: 1 }, splitSeed);
}
const methods = { class_activation: "class-activation", grad_cam: "grad-cam" } as const;

/** What is held out of a dataset's trainings for tests. */
export function heldOutOf(
  index: number,
  datasets: AuditParams["datasets"],
  settings: AuditParams["settings"],
  facts: readonly DatasetFacts[],
): HeldOut {
  const { slug = "", version = 0 } = datasets[index] ?? {};
  const split = facts[index]?.split ?? null;
  const part = split === null ? testFold(settings).split : { name: split.name, part: split.test };
  return { slug, version, split: part };
}

/** What is asked for so that a model of recorded attributes is validated: progressively, for it is read by its interval. */
export function fitRequestOf(
  step: FitStep,
  { datasets, settings }: AuditParams,
  embeddings: number | undefined,
): ConfounderRequest {
  return {
    dataset: datasets[step.dataset]?.slug ?? "",
    datasetVersion: datasets[step.dataset]?.version,
    attribute: settings.attribute,
    classes: settings.classes.map((name) => ({ name })),
    features: step.features,
    pixels: step.pixels,
    onBadImage: "skip",
    ...(embeddings === undefined ? {} : { embeddings }),
    model: step.model,
    folds: step.folds,
    scheme: "progressive",
    seed: settings.splitSeed,
  };
}

/** The step whose result a step needs before it can be asked for. */
export function neededBy(step: AuditStep): string | undefined {
  if (step.kind === "fit") return step.embeddings;
  return step.kind === "evaluate" && step.model !== GIVEN_FINDING_MODEL ? step.model : undefined;
}

/** What the step that a step needs has made: a model, or the run of an evaluation with its files. */
export interface StepResult {
  readonly run: number;
  readonly model?: TrainedVersion | undefined;
}

/** How far a step of an audit is. */
export interface StepState {
  readonly step: AuditStep;
  /** Row id of its run; null: none was asked for. */
  readonly run: number | null;
  /** waiting: for the step it needs, or to be asked for; left out: what it needs has failed. */
  readonly state: "waiting" | "queued" | "running" | "succeeded" | "failed" | "cancelled" | "left out";
  /** Why it failed or was left out. */
  readonly reason: string | null;
}

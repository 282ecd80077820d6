import type { AuditStep, DatasetFacts, EvaluateStep, FitStep, TrainStep } from "../../compute/index.ts";
import { foldOf } from "../models/train/folds.ts";
import type { TrainRequest } from "../models/train/train.service.ts";
import type { ConfounderRequest } from "../predictions/confounders/confounder.service.ts";
import type { EvaluateRequest } from "../predictions/evaluate/evaluate.service.ts";
import type { AuditParams } from "./audit-params.ts";

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
  const { attribute, classes, folds, splitSeed, training } = settings;
  const { side, epochs, batch, learningRate, patience } = training;
  const architecture = step.architecture ?? training.architecture;
  const split = facts[step.dataset]?.split ?? null;
  return {
    dataset: datasets[step.dataset]?.slug ?? "",
    datasetVersion: datasets[step.dataset]?.version,
    attribute,
    classes: classes.map((name) => ({ name })),
    where: step.where,
    transforms: step.transforms,
    ...(split === null
      ? { folds: { k: folds, fold: 1 }, splitSeed }
      : {
          split: `${split.name}:${split.train}`,
          ...(split.validation === null ? {} : { validationSplit: `${split.name}:${split.validation}` }),
          splitSeed,
        }),
    ...(architecture === undefined ? {} : { start: { architecture } }),
    ...(side === undefined ? {} : { preprocessing: { rows: side, cols: side } }),
    ...(step.evenOut === null ? {} : { sampling: "equal-strata" as const, strata: step.evenOut }),
    ...{ epochs, batch, learningRate, patience },
    seed: step.seed,
    onBadImage: "skip",
  };
}

/** What is asked for so that a trained network is evaluated. */
export function evaluateRequestOf(
  step: EvaluateStep,
  { datasets, settings }: AuditParams,
  facts: readonly DatasetFacts[],
  model: TrainedVersion,
): EvaluateRequest {
  const { folds, splitSeed } = settings;
  const split = facts[step.dataset]?.split ?? null;
  const held = foldOf({ k: folds, fold: 1 }, splitSeed).split;
  const test = split === null ? `${held.name}:${held.part}` : `${split.name}:${split.test}`;
  return {
    dataset: datasets[step.dataset]?.slug ?? "",
    datasetVersion: datasets[step.dataset]?.version,
    model: model.slug,
    modelVersion: model.version,
    split: step.part === "all" ? null : test,
    where: step.where,
    transforms: step.transforms,
    onBadImage: "skip",
  };
}

/** What is asked for so that a model of recorded attributes is cross-validated. */
export function fitRequestOf(step: FitStep, { datasets, settings }: AuditParams): ConfounderRequest {
  return {
    dataset: datasets[step.dataset]?.slug ?? "",
    datasetVersion: datasets[step.dataset]?.version,
    attribute: settings.attribute,
    classes: settings.classes.map((name) => ({ name })),
    features: step.features,
    model: step.model,
    folds: step.folds,
    seed: settings.splitSeed,
  };
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

import { occlusionOf } from "../transforms/chain.ts";
import type { AuditPlan, AuditStep } from "./audit-plan.ts";
import type { AuditSettings, DatasetFacts } from "./audit-settings.ts";

/** How fast this warehouse's workers are, as its earlier runs measured it. */
export interface AuditRates {
  /** Seconds that a training takes beside its epochs, and for each image of an epoch. */
  readonly trainingStart: number;
  readonly trainingImage: number;
  /** Seconds that an evaluation takes beside its images, and for each of them. */
  readonly evaluationStart: number;
  readonly evaluationImage: number;
  /** Seconds that a model of recorded attributes takes. */
  readonly fit: number;
  /** Bytes of a trained model. */
  readonly modelBytes: number;
  /** Runs that were looked at; 0: the rates are those of one laptop core pair and a small network. */
  readonly measuredOn: number;
}

/** What is assumed where nothing was measured: a small network on images of 64 x 64 with two cores. */
export const usualRates: AuditRates = {
  trainingStart: 4,
  trainingImage: 0.002,
  evaluationStart: 3,
  evaluationImage: 0.001,
  fit: 5,
  modelBytes: 800_000,
  measuredOn: 0,
};

/** What a plan costs, without what is there already. */
export interface PlanCost {
  readonly trainings: number;
  readonly evaluations: number;
  /** Models of recorded attributes. */
  readonly fits: number;
  /** Steps whose result the warehouse holds. */
  readonly reused: number;
  /** At most, one after the other: trainings may end early. */
  readonly seconds: number;
  readonly bytes: number;
}

const USUAL_EPOCHS = 100;
const BYTES_PER_SCORE = 4;

/** Adds up what the steps that are still to be done take. */
export function costOf(
  plan: AuditPlan,
  {
    settings,
    datasets,
    rates,
    done,
  }: {
    readonly settings: AuditSettings;
    readonly datasets: readonly DatasetFacts[];
    readonly rates: AuditRates;
    /** Ids of steps whose result is there. */
    readonly done: ReadonlySet<string>;
  },
): PlanCost {
  const open = plan.steps.filter(({ id }) => !done.has(id));
  const epochs = settings.training.epochs ?? USUAL_EPOCHS;
  let [seconds, bytes] = [0, 0];
  for (const step of open) {
    if (step.kind === "fit") {
      const images = step.pixels === null ? 0 : (datasets[step.dataset]?.images ?? 0);
      seconds += rates.fit + rates.evaluationImage * images;
    } else if (step.kind === "train") {
      const images = imagesOf(step, datasets, settings.folds);
      seconds += rates.trainingStart + rates.trainingImage * images * epochs;
      bytes += rates.modelBytes;
    } else {
      const images = imagesOf(step, datasets, settings.folds);
      seconds += rates.evaluationStart + rates.evaluationImage * images * passesOf(step);
      bytes += BYTES_PER_SCORE * (datasets[step.dataset]?.images ?? 0) * settings.classes.length;
    }
  }
  return {
    trainings: open.filter(({ kind }) => kind === "train").length,
    evaluations: open.filter(({ kind }) => kind === "evaluate").length,
    fits: open.filter(({ kind }) => kind === "fit").length,
    reused: plan.steps.length - open.length,
    seconds: Math.round(seconds),
    bytes: Math.round(bytes),
  };
}

/** How often each image goes through the network, as long as a plain evaluation takes; a derivative is three times that. */
function passesOf({ transforms, maps }: Extract<AuditStep, { kind: "evaluate" }>): number {
  const occlusion = occlusionOf(transforms);
  const method = occlusion?.saliency.method ?? maps?.method.replace("_", "-");
  return 1 + (occlusion === undefined ? 0 : 1) + (method === "grad-cam" ? 3 : 0);
}

/** Images that a step goes through once; conditions on them are not looked into. */
function imagesOf(
  step: Exclude<AuditStep, { kind: "fit" }>,
  datasets: readonly DatasetFacts[],
  folds: number,
): number {
  const facts = datasets[step.dataset];
  if (facts === undefined) return 0;
  if (step.kind === "evaluate" && step.part === "all") return facts.images;
  if (step.kind === "evaluate" && step.part === "held-out patients") {
    const { split, images } = datasets[0] ?? facts;
    return facts.images * (split === null ? 1 / folds : split.testImages / Math.max(1, images));
  }
  const test = facts.split?.testImages ?? facts.images / folds;
  if (step.kind === "evaluate" && step.part === "validation") return (facts.images - test) / folds;
  return step.kind === "evaluate" ? test : (facts.split?.trainImages ?? facts.images - test);
}

import type { PixelStatistic } from "../confounders/pixel-statistics.ts";
import type { GroupRateKind } from "../metrics/group-rates.ts";
import type { PAdjustment } from "../multiplicity/adjust-p.ts";
import type { ArchitectureName } from "../onnx/networks/architectures.ts";
import type { ConditionEffect } from "../protocols/conditions.ts";
import type { ConfounderModelId, protocolThresholds } from "../protocols/schema.ts";
import type { TransformChain } from "../transforms/chain.ts";

/** Images of which an attribute has one of these levels. */
export interface PlanCondition {
  readonly attribute: string;
  readonly in: readonly string[];
}

/** What a network learns that does not learn the audit's attribute: the attribute of a control. */
export interface OtherLabels {
  readonly attribute: string;
  readonly classes: readonly { readonly name: string; readonly levels: readonly string[] }[];
}

/** A network to be trained. */
export interface TrainStep {
  readonly kind: "train";
  /** `t1`, `t2`, …: the same plan gives the same ids. */
  readonly id: string;
  /** For people: what it is. */
  readonly title: string;
  /** Index of the dataset. */
  readonly dataset: number;
  readonly transforms: TransformChain;
  readonly where: readonly PlanCondition[];
  readonly seed: number;
  /** Null: the audit's own. */
  readonly architecture: ArchitectureName | null;
  /** The attributes whose levels together every class is to have alike; empty: images as they come. */
  readonly evenOut: readonly string[];
  /** The findings that it learns instead of what is asked about, each its own yes or no. */
  readonly findings?: readonly string[];
  /** Absent: the audit's attribute. */
  readonly learns?: OtherLabels;
}

/** Stands in a step for the registered model of findings that the audit was given. */
export const GIVEN_FINDING_MODEL = "given";

/** A network of the plan on images. */
export interface EvaluateStep {
  readonly kind: "evaluate";
  /** `e1`, `e2`, … */
  readonly id: string;
  readonly title: string;
  /** Id of the training, or `GIVEN_FINDING_MODEL`. */
  readonly model: string;
  readonly dataset: number;
  /**
   * `all` of a dataset that the network has seen nothing of; of its own what was held out, for tests or for thresholds; of
   * one with the same patients those that were held out for tests.
   */
  readonly part: "test" | "validation" | "all" | "held-out patients";
  readonly transforms: TransformChain;
  readonly where: readonly PlanCondition[];
  /** Maps of a class that are left beside the scores; absent: none. */
  readonly maps?: { readonly class: string; readonly method: "class_activation" | "grad_cam" };
  /** Name of the layer whose numbers it keeps; absent: of none. */
  readonly embedding?: string;
}

/**
 * A model of recorded attributes, or of grey levels wherever they lie, validated by patient over a whole dataset; or of what a
 * network keeps of images, over those of its evaluation.
 */
export interface FitStep {
  readonly kind: "fit";
  /** `f1`, `f2`, … */
  readonly id: string;
  readonly title: string;
  readonly dataset: number;
  readonly features: readonly string[];
  /** Null: no pixel is read. */
  readonly pixels: PixelStatistic | null;
  /** Id of the evaluation whose embeddings are the features, in place of attributes. */
  readonly embeddings?: string;
  readonly model: ConfounderModelId;
  readonly folds: number;
}
export type AuditStep = TrainStep | EvaluateStep | FitStep;

/** How a test set is drawn again. */
export interface PlannedResampling {
  /** Attributes whose levels are evened out, each within the levels of all before it; with cuts into bands. */
  readonly steps: readonly { readonly attribute: string; readonly cuts: readonly number[] | null }[];
  readonly timesSize: number;
  readonly replicates: number;
  readonly seed: number;
}

/** A number to be read off an evaluation: one condition of one protocol. */
export interface PlannedReading {
  readonly protocol: string;
  /** Key of the condition, and what else tells readings of it apart: a level, an architecture, a seed. */
  readonly condition: string;
  readonly variant: string | null;
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly effect: ConditionEffect;
  /** Id of the step. */
  readonly evaluation: string;
  /** Id of the step that the answer is a difference from, or of the images that it is to be compared with; null: none. */
  readonly against: string | null;
  /** Whether the difference is `against` less this: what images give beyond attributes. */
  readonly isBeyond: boolean;
  readonly trainDataset: number;
  readonly testDataset: number;
  /** Empty where nothing but maps is wanted. */
  readonly units: readonly ("image" | "study" | "patient")[];
  /** Divided by this attribute; with cuts into bands. */
  readonly by: { readonly attribute: string; readonly cuts: readonly number[] | null } | null;
  /** Rates by group in place of AUCs. */
  readonly rates?: PlannedRates;
  /** Of the images drawn again; absent: as they come. */
  readonly resample?: PlannedResampling;
  /** Of a control: what was done to the images in place of what the protocol asks about. */
  readonly control?: string;
  /** Tests of embeddings in place of AUCs. */
  readonly shift?: PlannedShift;
}

/** Error rates by group at a threshold that is chosen on other images. */
export interface PlannedRates {
  /** The class of the model whose calls are counted. */
  readonly finding: string;
  /** The first is the one that the protocol's answer is about. */
  readonly rates: readonly GroupRateKind[];
  readonly threshold: (typeof protocolThresholds)[number];
  /** Of `target_fpr`. */
  readonly targetFpr: number | null;
  /** Id of the evaluation on whose images the threshold is chosen. */
  readonly chosenOn: string;
  /** Attributes whose levels together are the groups, with cuts into bands. */
  readonly by: readonly { readonly attribute: string; readonly cuts: readonly number[] | null }[];
}

/** Whether the embeddings of an evaluation lie alike in the levels of what is asked about. */
export interface PlannedShift {
  readonly components: number;
  readonly correction: PAdjustment;
  readonly alpha: number;
}

/** Something that was asked for and will not be done. */
export interface PlanGap {
  readonly protocol: string;
  /** What of it; null: all. */
  readonly part: string | null;
  readonly reason: string;
}

/** Gaps of a protocol that have one reason. */
export interface GapGroup {
  readonly protocol: string;
  /** What of it; empty: all. */
  readonly parts: readonly string[];
  readonly reason: string;
}

/** Gaps with the same reason together, in the order of the first of each. O(gaps). */
export function groupGaps(gaps: readonly PlanGap[]): readonly GapGroup[] {
  const groups = new Map<string, { protocol: string; parts: string[]; reason: string }>();
  for (const { protocol, part, reason } of gaps) {
    const key = JSON.stringify([protocol, reason]);
    const group = groups.get(key) ?? { protocol, parts: [], reason };
    if (part !== null) group.parts.push(part);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** What an audit does: its steps in an order in which each comes after what it needs, and what is read off them. */
export interface AuditPlan {
  readonly steps: readonly AuditStep[];
  readonly readings: readonly PlannedReading[];
  readonly leftOut: readonly PlanGap[];
}

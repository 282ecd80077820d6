import type { NotEstimableReason } from "./errors.ts";
import type { Interval } from "./intervals/interval.ts";
import type { StratifiedRows } from "./metrics/stratified-rows.ts";
import type { ParamSpecs, ParamValues } from "./params.ts";

/** What a plugin computes. */
export const pluginKinds = ["METRIC", "INTERVAL", "META", "TRANSFORM"] as const;
export type PluginKind = (typeof pluginKinds)[number];

/** Properties that a plugin may declare; `tests/laws` holds it to each of them. */
export const laws = {
  "row-order-free": "Shuffling the rows changes nothing.",
  "strata-independent": "What other strata hold changes nothing.",
  "replication-free": "Every row twice gives the same value.",
  "rank-invariant": "A strictly increasing change of the scores changes nothing.",
  "symmetric-in-classes": "Swapping the classes and reversing the scores changes nothing.",
  bounded: "The value lies in the declared range.",
  "contains-estimate": "The interval holds the estimate.",
  "grows-with-level": "A higher level never gives a narrower interval.",
  "mirrors-classes": "Swapping successes and failures mirrors the interval.",
  "preserves-shape": "Images keep their size.",
  linear: "The result of a weighted sum of images is the weighted sum of the results.",
  idempotent: "Doing it twice changes nothing more.",
  "batch-free":
    "An image's result depends on the images of its reach alone: other batches change it by 1e-6 at most.",
} as const satisfies Record<string, string>;
export type Law = keyof typeof laws;

/** What every plugin says about itself; GraphQL types, docs, fingerprints and law tests come from it. */
export interface PluginDescriptor<Specs extends ParamSpecs = ParamSpecs> {
  readonly kind: PluginKind;
  /** snake_case, unique within its kind. */
  readonly id: string;
  /** Raised whenever any number may change. */
  readonly version: number;
  /** One sentence. */
  readonly doc: string;
  /** The paper with DOI, or the book with its section. */
  readonly source: string;
  readonly params: Specs;
  /** Parameters that are valid. */
  readonly example: ParamValues<Specs>;
  readonly laws: readonly Law[];
}

/** A value per stratum, or why there is none. */
export interface MetricValue {
  readonly value: number | null;
  readonly reason: NotEstimableReason | null;
}

/** A number about one score column and its truth, per stratum. */
export interface Metric<Specs extends ParamSpecs = ParamSpecs> extends PluginDescriptor<Specs> {
  readonly kind: "METRIC";
  /** Smallest and largest possible value. */
  readonly range: readonly [number, number];
  readonly better: "higher" | "lower" | "neither";
  /** Whether it reads the scores themselves or the decisions that a threshold makes of them. */
  readonly needs: "scores" | "decisions";
  /** Pure; one value per stratum, in order of stratum. */
  measure(rows: StratifiedRows, params: ParamValues<Specs>): Promise<readonly MetricValue[]>;
}

/** Rows whose patients are known, for intervals that resample them. */
export interface ClusteredRows extends StratifiedRows {
  /** Length n: the patient of each row, 0..patientCount-1. */
  readonly patients: Uint16Array | Uint32Array;
  readonly patientCount: number;
}

/** An interval for the AUC of every stratum. */
export interface AucInterval<Specs extends ParamSpecs = ParamSpecs> extends PluginDescriptor<Specs> {
  readonly kind: "INTERVAL";
  readonly of: "AUC";
  /** Pure; one interval per stratum, in order of stratum. */
  intervals(rows: ClusteredRows, level: number, params: ParamValues<Specs>): Promise<readonly Interval[]>;
}

/** An interval for a proportion: `successes` of `total`. */
export interface ProportionInterval<Specs extends ParamSpecs = ParamSpecs> extends PluginDescriptor<Specs> {
  readonly kind: "INTERVAL";
  readonly of: "PROPORTION";
  interval(successes: number, total: number, level: number, params: ParamValues<Specs>): Interval;
}

/** A proportion: `successes` of `total` rows. */
export interface Proportion {
  readonly successes: number;
  readonly total: number;
}

/** An interval for the difference of two independent proportions. */
export interface DifferenceInterval<Specs extends ParamSpecs = ParamSpecs> extends PluginDescriptor<Specs> {
  readonly kind: "INTERVAL";
  readonly of: "DIFFERENCE";
  interval(first: Proportion, second: Proportion, level: number, params: ParamValues<Specs>): Interval;
}

/** Any interval method. */
export type IntervalMethod = AucInterval | ProportionInterval | DifferenceInterval;

/** Freezes a metric; its parameters' types follow from `params`. */
export function defineMetric<const Specs extends ParamSpecs>(
  metric: Omit<Metric<Specs>, "kind">,
): Metric<Specs> {
  return Object.freeze({ kind: "METRIC", ...metric });
}

/** Freezes an interval method for AUCs. */
export function defineAucInterval<const Specs extends ParamSpecs>(
  method: Omit<AucInterval<Specs>, "kind" | "of">,
): AucInterval<Specs> {
  return Object.freeze({ kind: "INTERVAL", of: "AUC", ...method });
}

/** Freezes an interval method for proportions. */
export function defineProportionInterval<const Specs extends ParamSpecs>(
  method: Omit<ProportionInterval<Specs>, "kind" | "of">,
): ProportionInterval<Specs> {
  return Object.freeze({ kind: "INTERVAL", of: "PROPORTION", ...method });
}

/** Freezes an interval method for differences of proportions. */
export function defineDifferenceInterval<const Specs extends ParamSpecs>(
  method: Omit<DifferenceInterval<Specs>, "kind" | "of">,
): DifferenceInterval<Specs> {
  return Object.freeze({ kind: "INTERVAL", of: "DIFFERENCE", ...method });
}

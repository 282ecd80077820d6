/** The public face of compute: everything that api may use. One line a subject. */

export * from "./data/publications/parse.ts";
export * from "./data/publications/printed.ts";
export * from "./data/publications/race-mapping.ts";
export * from "./data/publications/recompute.ts";
export type * from "./data/publications/schema.ts";
export * from "./distributions.ts";
export * from "./errors.ts";
export * from "./intervals/delong.ts";
export type { Interval } from "./intervals/interval.ts";
export * from "./meta/effect-size.ts";
export * from "./meta/meta-analysis.ts";
export * from "./meta/mixed-model.ts";
export * from "./meta/remarks.ts";
export * from "./meta/tau-squared.ts";
export * from "./metrics/patients.ts";
export * from "./metrics/score-order.ts";
export * from "./metrics/stratified-auc.ts";
export { type StratifiedRows, UNKNOWN_LABEL } from "./metrics/stratified-rows.ts";
export * from "./metrics/unit-of-analysis.ts";
export * from "./params.ts";
export * from "./plugin.ts";
export * from "./registry.ts";

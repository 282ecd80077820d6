/** The public face of compute: everything that api may use. One line a subject. */

export * from "./distributions.ts";
export * from "./errors.ts";
export * from "./meta/effect-size.ts";
export * from "./meta/meta-analysis.ts";
export * from "./meta/mixed-model.ts";
export * from "./meta/remarks.ts";
export * from "./meta/tau-squared.ts";

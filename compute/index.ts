/** The public face of compute: everything that api may use. One line a subject. */

export * from "./distributions.ts";
export * from "./errors.ts";

import { ComputeError } from "../errors.ts";

/** What is recorded about each row: a number, or one of some levels. */
export type FeatureColumn =
  /** NaN is unknown. */
  | { readonly name: string; readonly kind: "number"; readonly values: Float64Array }
  /** Index into levels; -1 is unknown. */
  | {
      readonly name: string;
      readonly kind: "category";
      readonly levels: readonly string[];
      readonly codes: Int32Array;
    };

/** The rows that confounder models learn from and are tested on. */
export interface ConfounderRows {
  readonly columns: readonly FeatureColumn[];
  /** Ordered classes of the attribute, two or more. */
  readonly classes: readonly string[];
  /** Length n: index of the class; -1 where it is unknown: such a row is never learnt from, but scored. */
  readonly truth: Int32Array;
  /** Length n: ordinal of the patient. */
  readonly patients: Uint32Array;
}

/** @throws {ComputeError} INVALID_INPUT where lengths differ, nothing is to be learnt from, or a class is missing. */
export function requireRows({ columns, classes, truth, patients }: ConfounderRows): void {
  const rows = truth.length;
  if (columns.length === 0) {
    throw new ComputeError("INVALID_INPUT", "Expected at least one feature, got none; name some");
  }
  const lengths = columns.map((column) =>
    column.kind === "number" ? column.values.length : column.codes.length,
  );
  if (patients.length !== rows || lengths.some((length) => length !== rows)) {
    throw new ComputeError(
      "INVALID_INPUT",
      `Expected ${rows} values in each column, got ${[patients.length, ...lengths].join(", ")}`,
    );
  }
  if (classes.length < 2) {
    throw new ComputeError("INVALID_INPUT", `Expected two classes or more, got ${classes.length}`);
  }
  const known = new Set(truth);
  const missing = classes.findIndex((_, code) => !known.has(code));
  if (missing !== -1) {
    throw new ComputeError("INVALID_INPUT", `Expected rows of every class, got none of class ${missing + 1}`);
  }
}

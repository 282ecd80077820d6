import type { ImportError, ImportProblem, ReadReport } from "../../../compute/index.ts";
import type { ColumnConflict } from "./version-columns.ts";

/** Ends the transaction of an import that is refused, so that nothing of it stays. */
export class Rejected extends Error {
  readonly problems: readonly ImportProblem[];
  readonly totals: Readonly<Record<string, number>>;
  readonly report: ReadReport | undefined;
  constructor(
    problems: readonly ImportProblem[],
    totals: Readonly<Record<string, number>>,
    report?: ReadReport,
  ) {
    super("rejected");
    this.problems = problems;
    this.totals = totals;
    this.report = report;
  }
}

/** The refusal of columns that differ from what the frozen version holds. */
export function conflictsOf(conflicts: readonly ColumnConflict[], report: ReadReport): Rejected {
  const problems = conflicts.map(
    (conflict): ImportProblem => ({
      code: "ATTRIBUTE_CONFLICT",
      file: "predictions",
      column: conflict.column,
      message: conflictMessages[conflict.code](conflict),
    }),
  );
  return new Rejected(problems, { ATTRIBUTE_CONFLICT: problems.length }, report);
}

const conflictMessages = {
  NEW_ATTRIBUTE: ({ column }) =>
    `Expected only attributes that the frozen dataset version holds, got the new column "${column}"; leave it out, or import as a new version`,
  ATTRIBUTE_CONFLICT: ({ column, count }) =>
    `Expected the values of column "${column}" that the frozen dataset version holds, got others${count > 0 ? ` for ${count} images` : ""}; leave the column out, or import as a new version`,
  OTHER_CATEGORIES: ({ column, count }) =>
    `Expected column "${column}" mapped to the categories of the frozen dataset version, got other categories for ${count} recorded values; map it as before, leave it out, or import as a new version`,
} as const satisfies Record<ColumnConflict["code"], (conflict: ColumnConflict) => string>;

/** A reader's error as a problem of the file of predictions. */
export function problemOf(error: ImportError): ImportProblem {
  return {
    code: error.code,
    message: error.message,
    file: "predictions",
    ...(error.line === undefined ? {} : { line: error.line }),
    ...(error.column === undefined ? {} : { column: error.column }),
    ...(error.byteOffset === undefined ? {} : { byteOffset: error.byteOffset }),
  };
}

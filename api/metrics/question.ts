import { ServiceError } from "../errors.ts";
import type { BinEdges } from "./bands.ts";
import type { UnitOfAnalysis } from "./metric.table.ts";

/** A condition on one attribute: among these levels, or in [gte, lt). */
export interface AttributePredicate {
  readonly attribute: string;
  readonly in?: readonly string[] | null | undefined;
  readonly gte?: number | null | undefined;
  readonly lt?: number | null | undefined;
}

/** Whom a statistic is about: which rows of an evaluation, divided how. */
export interface Question {
  /** Row id of the evaluation. */
  readonly evaluation: number;
  /** Attributes that divide the rows into strata; none: the whole is one stratum. */
  readonly by: readonly string[];
  readonly where: readonly AttributePredicate[];
  /** Bands of the number attributes in `by` and `where`; those of the study where none are given. */
  readonly bins: readonly BinEdges[];
  readonly unit: UnitOfAnalysis;
}

/** Most attributes to divide by, and most conditions, in one question. */
const MAX_ATTRIBUTES = 8;

/** Most levels in one condition. */
const MAX_LEVELS = 200;

/**
 * Refuses questions that cannot be meant: an attribute twice, a condition without a test, lists without end.
 *
 * @throws {ServiceError} BAD_USER_INPUT
 */
export function checkQuestion({ by, where, bins }: Pick<Question, "by" | "where" | "bins">): void {
  for (const [name, list] of [
    ["by", by],
    ["where", where],
    ["bins", bins],
  ] as const) {
    if (list.length <= MAX_ATTRIBUTES) continue;
    throw badInput(
      `Expected at most ${MAX_ATTRIBUTES} entries in ${name}, got ${list.length}; ask for fewer at once`,
    );
  }
  for (const [name, list] of [
    ["by", by],
    ["bins", bins.map(({ attribute }) => attribute)],
  ] as const) {
    if (new Set(list).size === list.length) continue;
    throw badInput(`Expected each attribute once in ${name}, got one of them twice; drop the repeat`);
  }
  for (const { attribute, in: levels, gte, lt } of where) {
    const ranged = gte != null || lt != null;
    if (ranged !== (levels != null)) {
      if (levels != null && levels.length > MAX_LEVELS) {
        throw badInput(
          `Expected at most ${MAX_LEVELS} levels of "${attribute}", got ${levels.length}; use a range`,
        );
      }
      continue;
    }
    throw badInput(
      `Expected either levels (in) or a range (gte, lt) for "${attribute}", got ${ranged ? "both" : "none"}`,
    );
  }
}

/**
 * Row numbers of the asked classes in the order of the task; all of them when none are named.
 *
 * @throws {ServiceError} BAD_USER_INPUT for a class the task does not have, or an empty list
 */
export function classIndexesOf(
  classes: readonly string[],
  wanted: readonly string[] | null | undefined,
): number[] {
  if (wanted == null) return classes.map((_, index) => index);
  const unknown = wanted.filter((name) => !classes.includes(name));
  if (unknown.length > 0 || wanted.length === 0) {
    const got = unknown.length > 0 ? `"${unknown[0]}"` : `${wanted.length} classes`;
    throw badInput(
      `Expected classes among ${listed(classes)}, got ${got}; leave classes out for all of them`,
    );
  }
  return [...new Set(wanted)].map((name) => classes.indexOf(name)).sort((a, b) => a - b);
}

/** Words for a message: the first few, and how many more there are. */
export function listed(words: readonly string[]): string {
  const shown = words.slice(0, 20).join(", ");
  return words.length > 20 ? `${shown} and ${words.length - 20} more` : shown;
}

/** A refusal of what was asked. */
export function badInput(message: string): ServiceError {
  return new ServiceError("BAD_USER_INPUT", message);
}

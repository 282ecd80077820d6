import { ComputeError } from "../errors.ts";
import type { StudyInput } from "./effect-size.ts";
import type { DesignMatrix } from "./weighted-least-squares.ts";
import { newDirection } from "./weighted-least-squares.ts";

/** A design matrix whose first column is the intercept, with the name of every column. */
export interface NamedDesign {
  readonly design: DesignMatrix;
  /** "intercept", the name of a numeric moderator, or "name=level" for a category against the first level in code-point order. */
  readonly names: readonly string[];
  /** Columns that the others already determine, and that were therefore dropped. */
  readonly redundant: readonly string[];
}

/** Values of the moderators of one study. */
export type ModeratorRow = NonNullable<StudyInput["moderators"]>;

/** The design matrix of k studies and no moderators: a column of ones. */
export function interceptOnly(k: number): NamedDesign {
  return { design: { k, p: 1, values: new Float64Array(k).fill(1) }, names: ["intercept"], redundant: [] };
}

/**
 * Builds the design matrix of a meta-regression: an intercept, a column a numeric moderator, and L - 1 indicator columns a
 * categorical one with L levels. Redundant columns are dropped and named, first come first kept. O(k p^2).
 *
 * @param rows - one a study, each holding every moderator of `moderators`.
 * @throws {ComputeError} INVALID_INPUT when a moderator mixes numbers and categories.
 */
export function designMatrix(rows: readonly ModeratorRow[], moderators: readonly string[]): NamedDesign {
  const candidates = [
    { name: "intercept", column: new Float64Array(rows.length).fill(1) },
    ...moderators.flatMap((moderator) => columnsOf(rows, moderator)),
  ];
  const kept: typeof candidates = [];
  const redundant: string[] = [];
  const basis: Float64Array[] = [];
  for (const candidate of candidates) {
    const direction = newDirection(candidate.column, basis);
    if (direction === undefined) redundant.push(candidate.name);
    else {
      kept.push(candidate);
      basis.push(direction);
    }
  }
  const p = kept.length;
  const values = new Float64Array(rows.length * p);
  kept.forEach(({ column }, j) => {
    column.forEach((value, i) => {
      values[i * p + j] = value;
    });
  });
  return { design: { k: rows.length, p, values }, names: kept.map(({ name }) => name), redundant };
}

function columnsOf(rows: readonly ModeratorRow[], moderator: string) {
  const cells = rows.map((row) => row[moderator]);
  if (cells.every((cell) => typeof cell === "number"))
    return [{ name: moderator, column: Float64Array.from(cells) }];
  if (!cells.every((cell) => typeof cell === "string")) {
    throw new ComputeError(
      "INVALID_INPUT",
      `Expected moderator "${moderator}" to hold only numbers or only categories, got both; give one kind`,
    );
  }
  const levels = [...new Set(cells)].sort();
  return levels.slice(1).map((level) => ({
    name: `${moderator}=${level}`,
    column: Float64Array.from(cells, (cell) => (cell === level ? 1 : 0)),
  }));
}

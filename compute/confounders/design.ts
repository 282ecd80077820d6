import type { FeatureColumn } from "./feature-columns.ts";

/** Turns rows into numbers for a linear model; made from training rows, used on all. */
export interface Design {
  /** Columns of the matrix. */
  readonly width: number;
  /** Names of the matrix's columns. */
  readonly names: readonly string[];
  /** The matrix of these rows, row by row: rows.length * width. */
  matrix(rows: ArrayLike<number>): Float64Array;
}

/** One column of the matrix: its value on a row, before it is standardised. */
interface Part {
  readonly name: string;
  readonly at: (row: number) => number;
}

/**
 * Numbers standardised by the training rows' mean and deviation, the unknown put at the mean with a column that says
 * so where there are any; categories one column a level, but for the first level, the unknown a level of its own.
 * What does not vary in the training rows is left out.
 */
export function fitDesign(columns: readonly FeatureColumn[], training: ArrayLike<number>): Design {
  const rows = Array.from(training);
  const parts: Part[] = [];
  for (const column of columns) {
    if (column.kind === "number") {
      const { name, values } = column;
      const known = rows.map((row) => values[row] ?? Number.NaN).filter((value) => !Number.isNaN(value));
      const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length);
      const isUnknown = (row: number) => Number.isNaN(values[row] ?? Number.NaN);
      parts.push({ name, at: (row) => (isUnknown(row) ? mean : (values[row] ?? mean)) });
      parts.push({ name: `${name} unknown`, at: (row) => (isUnknown(row) ? 1 : 0) });
    } else {
      const { name, levels, codes } = column;
      for (let level = 1; level < levels.length; level += 1) {
        parts.push({ name: `${name} ${levels[level]}`, at: (row) => (codes[row] === level ? 1 : 0) });
      }
      parts.push({ name: `${name} unknown`, at: (row) => ((codes[row] ?? -1) < 0 ? 1 : 0) });
    }
  }
  const scaled = parts.flatMap(({ name, at }) => {
    const values = rows.map(at);
    const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length);
    const deviation = Math.sqrt(variance);
    return deviation > 1e-9 ? [{ name, at: (row: number) => (at(row) - mean) / deviation }] : [];
  });
  return {
    width: scaled.length,
    names: scaled.map(({ name }) => name),
    matrix: (wanted) => {
      const matrix = new Float64Array(wanted.length * scaled.length);
      for (let i = 0; i < wanted.length; i += 1) {
        // `!`: i is below the length.
        for (const [j, { at }] of scaled.entries()) matrix[i * scaled.length + j] = at(wanted[i]!);
      }
      return matrix;
    },
  };
}

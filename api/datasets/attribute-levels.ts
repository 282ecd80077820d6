import { copyNumbers } from "./column-numbers.ts";
import type { ColumnEncoding } from "./dataset.table.ts";

/** How often a level came. */
export interface LevelCount {
  /** Row of the level in the attribute's levels; the last one is unknown. */
  readonly level: number;
  readonly images: number;
  /** Distinct patients; null where the source names none. */
  readonly patients: number | null;
}

/**
 * Counts images and distinct patients at each level of a column. O(images).
 *
 * @param values - the column as stored, little-endian
 * @param levelOf - level of a stored number: a code for categories, the number itself else; undefined is unknown
 * @param levelCount - levels there are, without unknown
 * @param patients - patient ordinals as stored (u32), 2^32 - 1 for unknown; undefined where the source names none
 */
export function countLevels(
  values: Buffer,
  encoding: ColumnEncoding,
  levelOf: (value: number) => number | undefined,
  levelCount: number,
  patients: Buffer | undefined,
): readonly LevelCount[] {
  const column = copyNumbers(encoding, values);
  const owners = patients && copyNumbers("u32", patients);
  const images = new Float64Array(levelCount + 1);
  const seen = Array.from({ length: levelCount + 1 }, () => new Set<number>());
  // `!`: row < column.length, which is the version's image count for every column; level <= levelCount.
  for (let row = 0; row < column.length; row += 1) {
    const level = levelOf(column[row]!) ?? levelCount;
    images[level]! += 1;
    const owner = owners?.[row];
    // Images of no known patient are nobody's: they count as images only.
    if (owner !== undefined && owner !== UNKNOWN_PATIENT) seen[level]!.add(owner);
  }
  return seen.map((people, level) => ({
    level,
    images: images[level] ?? 0,
    patients: owners === undefined ? null : people.size,
  }));
}

const UNKNOWN_PATIENT = 2 ** 32 - 1;

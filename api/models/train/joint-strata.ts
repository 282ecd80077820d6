import type { LevelColumn } from "../../metrics/strata.ts";

/**
 * One number for the levels that a row has in several columns together: equal where all its levels are, from 0 in order of
 * first appearance. O(rows * columns).
 *
 * @param columns - one or more, of one length
 */
export function jointStrata(columns: readonly LevelColumn[]): Uint32Array {
  let joint = new Uint32Array(columns[0]?.codes.length ?? 0);
  for (const { codes } of columns) {
    const numbers = new Map<string, number>();
    joint = joint.map((before, row) => {
      const key = `${before} ${codes[row]}`;
      const number = numbers.get(key) ?? numbers.size;
      numbers.set(key, number);
      return number;
    });
  }
  return joint;
}

import { requireLength } from "./stratified-rows.ts";

/** One attribute that is to be evened out, as levels. */
export interface EvenStep {
  /** Length n: the level of each row, 0..levelCount-1; anything else is not known. */
  readonly codes: Uint16Array | Uint32Array;
  readonly levelCount: number;
}

/** One combination of levels. */
export interface EvenCell {
  /** The level of each step. */
  readonly levels: readonly number[];
  readonly rows: number;
  /** Of one row: 1 / (cells * rows); null for a cell without rows. */
  readonly weight: number | null;
}

/**
 * Divides rows into every combination of the steps' levels, all of which weigh the same: then each step's attribute is
 * evened out within the levels of all before it. A level that no row has is no level. O(n * steps + cells).
 *
 * @param known - length n: 1 for a row that counts
 * @returns the cell of each row, `cells.length` for rows that do not count or have a level that is not known
 * @throws {ComputeError} INVALID_INPUT when lengths differ
 */
export function evenCells(
  steps: readonly EvenStep[],
  known: Uint8Array,
): { readonly codes: Uint32Array; readonly cells: readonly EvenCell[] } {
  const n = known.length;
  for (const { codes } of steps) requireLength("levels", codes.length, n);
  const counts = Uint8Array.from(known, (bit, row) =>
    bit === 1 && steps.every(({ codes, levelCount }) => (codes[row] ?? levelCount) < levelCount) ? 1 : 0,
  );
  // Only levels that occur: places are packed in order of level.
  const places = steps.map(({ codes, levelCount }) => {
    const seen = new Uint8Array(levelCount);
    for (let row = 0; row < n; row += 1) if (counts[row] === 1) seen[codes[row] ?? 0] = 1;
    return [...seen.keys()].filter((level) => seen[level] === 1);
  });
  const total = places.reduce((product, { length }) => product * length, 1);
  const rows = new Uint32Array(total);
  const placeOf = places.map((levels) => new Map(levels.map((level, place) => [level, place])));
  const codes = new Uint32Array(n).fill(total);
  for (let row = 0; row < n; row += 1) {
    if (counts[row] === 0) continue;
    let cell = 0;
    for (const [i, step] of steps.entries()) {
      // `!`: one list a step, and every level that counts has its place.
      cell = cell * places[i]!.length + placeOf[i]!.get(step.codes[row]!)!;
    }
    codes[row] = cell;
    rows[cell]! += 1;
  }
  const cells = Array.from(rows, (count, cell): EvenCell => {
    const levels: number[] = [];
    let rest = cell;
    for (const list of places.toReversed()) {
      levels.unshift(list[rest % list.length] ?? 0);
      rest = Math.floor(rest / list.length);
    }
    return { levels, rows: count, weight: count === 0 ? null : 1 / (total * count) };
  });
  return { codes, cells };
}

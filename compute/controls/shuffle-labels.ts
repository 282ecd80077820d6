import { RandomStream, shuffled } from "../random.ts";

const STREAM = 21 * 2 ** 40;

/**
 * Deals the labels of units (patients) out again by chance: each unit gets the label of one unit, itself perhaps, and each
 * unit's label is dealt once, unknown ones among them. So as many units have each label as before, and the label says
 * nothing about the images. Where a unit's rows differ, the first stands for all. A function of the columns and the seed.
 * O(rows).
 *
 * @param codes - length n: the label of each row
 * @param units - length n: the unit of each row, below `count`
 * @returns length n: the new label of each row, the same for all rows of a unit
 */
export function shuffleLabels<Codes extends Uint8Array | Uint16Array | Uint32Array>(
  codes: Codes,
  units: ArrayLike<number>,
  count: number,
  seed: number,
): Codes {
  const donors = shuffled(count, new RandomStream(seed, STREAM));
  // `!` in these loops: units and donors are below count, rows below n.
  const first = new Int32Array(count).fill(-1);
  for (let row = 0; row < codes.length; row += 1) if (first[units[row]!] === -1) first[units[row]!] = row;
  const dealt = codes.slice() as Codes; // safe: a copy is of the same kind
  for (let row = 0; row < codes.length; row += 1) {
    const from = first[donors[units[row]!]!]!;
    // A unit without a row of its own has no label to deal.
    if (from >= 0) dealt[row] = codes[from]!;
  }
  return dealt;
}

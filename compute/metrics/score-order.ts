/** Scores of one class, of one evaluation; a missing score is NaN. */
export type Scores = Float32Array | Float64Array;

/**
 * The rows of one score column in ascending order of score. Never changes, so a caller may cache it: every statistic
 * of any subset or stratification is then a linear pass.
 */
export interface ScoreOrder {
  /** The column that was sorted; row i holds the score of image (or unit) i. */
  readonly scores: Scores;
  /** Rows with a score, ascending; equal scores in ascending row order. */
  readonly rows: Uint32Array;
  /** `tiedWithNext[k]` is 1 when `rows[k]` and `rows[k + 1]` have equal scores, else 0. */
  readonly tiedWithNext: Uint8Array;
  /** Rows whose score is NaN, ascending: left out of `rows`. */
  readonly missing: Uint32Array;
}

/**
 * Sorts a score column once, for all the statistics that follow.
 *
 * Least-significant-digit radix sort over the bits of the floats (11-bit digits: 3 passes for float32, 6 for
 * float64), O(n). -0 equals +0; infinities sort at the ends; NaN is missing.
 */
export function sortScores(scores: Scores): ScoreOrder {
  return scores instanceof Float32Array ? sortFloat32(scores) : sortFloat64(scores);
}

const DIGIT_BITS = 11;
const BUCKETS = 1 << DIGIT_BITS;
const DIGIT_MASK = BUCKETS - 1;

// In this file `!` follows typed-array reads whose index is bounded by the loop around them.

/** Turns digit counts into the first position of each digit; false when one digit has all rows (nothing to do). */
function toOffsets(counts: Uint32Array, total: number): boolean {
  let position = 0;
  for (let digit = 0; digit < BUCKETS; digit += 1) {
    const count = counts[digit]!;
    if (count === total) return false;
    counts[digit] = position;
    position += count;
  }
  return true;
}

function sortFloat32(scores: Float32Array): ScoreOrder {
  const bits = new Int32Array(scores.buffer, scores.byteOffset, scores.length);
  const allKeys = new Int32Array(scores.length);
  const allRows = new Uint32Array(scores.length);
  const counts0 = new Uint32Array(BUCKETS);
  const counts1 = new Uint32Array(BUCKETS);
  const counts2 = new Uint32Array(BUCKETS);
  const missing: number[] = [];
  let total = 0;
  for (let row = 0; row < bits.length; row += 1) {
    let bit = bits[row]!;
    if ((bit & 0x7fffffff) > 0x7f800000) {
      missing.push(row);
      continue;
    }
    if (bit === -0x80000000) bit = 0; // -0 ties with +0
    // Negative floats order backwards: flip all their bits; flip only the sign of the others.
    const key = bit ^ ((bit >> 31) | -0x80000000);
    allKeys[total] = key;
    allRows[total] = row;
    total += 1;
    counts0[key & DIGIT_MASK]! += 1;
    counts1[(key >>> DIGIT_BITS) & DIGIT_MASK]! += 1;
    counts2[key >>> (2 * DIGIT_BITS)]! += 1;
  }
  let rows = missing.length === 0 ? allRows : allRows.slice(0, total);
  let keys = missing.length === 0 ? allKeys : allKeys.slice(0, total);
  let spareRows = new Uint32Array(total);
  let spareKeys = new Int32Array(total);
  for (const [pass, offsets] of [counts0, counts1, counts2].entries()) {
    if (!toOffsets(offsets, total)) continue;
    scatterWithKeys(rows, keys, spareRows, spareKeys, offsets, pass * DIGIT_BITS);
    [rows, spareRows] = [spareRows, rows];
    [keys, spareKeys] = [spareKeys, keys];
  }
  const tiedWithNext = new Uint8Array(total);
  for (let k = 0; k + 1 < total; k += 1) tiedWithNext[k] = keys[k] === keys[k + 1] ? 1 : 0;
  return Object.freeze({ scores, rows, tiedWithNext, missing: Uint32Array.from(missing) });
}

/** One stable distribution by the digit at `shift`; keys travel with the rows, so that reads stay sequential. */
function scatterWithKeys(
  rows: Uint32Array,
  keys: Int32Array,
  toRows: Uint32Array,
  toKeys: Int32Array,
  offsets: Uint32Array,
  shift: number,
): void {
  for (let k = 0; k < keys.length; k += 1) {
    const key = keys[k]!;
    const digit = (key >>> shift) & DIGIT_MASK;
    const position = offsets[digit]!;
    offsets[digit] = position + 1;
    toKeys[position] = key;
    toRows[position] = rows[k]!;
  }
}

function sortFloat64(scores: Float64Array): ScoreOrder {
  const missing: number[] = [];
  const present: number[] = [];
  for (let row = 0; row < scores.length; row += 1) (Number.isNaN(scores[row]) ? missing : present).push(row);
  const total = present.length;
  const low = new Int32Array(scores.length);
  const high = new Int32Array(scores.length);
  const view = new DataView(scores.buffer, scores.byteOffset, scores.byteLength);
  const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  for (const row of present) {
    let lowBits = view.getInt32(row * 8 + (littleEndian ? 0 : 4), littleEndian);
    let highBits = view.getInt32(row * 8 + (littleEndian ? 4 : 0), littleEndian);
    if (scores[row] === 0) lowBits = highBits = 0; // -0 ties with +0
    const flip = highBits >> 31;
    low[row] = lowBits ^ flip;
    high[row] = highBits ^ (flip | -0x80000000);
  }
  let rows = Uint32Array.from(present);
  let spareRows = new Uint32Array(total);
  for (const words of [low, high]) {
    for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
      const offsets = new Uint32Array(BUCKETS);
      for (let k = 0; k < total; k += 1) offsets[(words[rows[k]!]! >>> shift) & DIGIT_MASK]! += 1;
      if (!toOffsets(offsets, total)) continue;
      scatterByWord(rows, words, spareRows, offsets, shift);
      [rows, spareRows] = [spareRows, rows];
    }
  }
  const tiedWithNext = new Uint8Array(total);
  for (let k = 0; k + 1 < total; k += 1) {
    tiedWithNext[k] = scores[rows[k]!] === scores[rows[k + 1]!] ? 1 : 0;
  }
  return Object.freeze({ scores, rows, tiedWithNext, missing: Uint32Array.from(missing) });
}

function scatterByWord(
  rows: Uint32Array,
  words: Int32Array,
  toRows: Uint32Array,
  offsets: Uint32Array,
  shift: number,
): void {
  for (let k = 0; k < rows.length; k += 1) {
    const row = rows[k]!;
    const digit = (words[row]! >>> shift) & DIGIT_MASK;
    const position = offsets[digit]!;
    offsets[digit] = position + 1;
    toRows[position] = row;
  }
}

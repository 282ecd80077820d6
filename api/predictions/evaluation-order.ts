import { setImmediate as nextTurn } from "node:timers/promises";
import { type ScoreOrder, sortScores } from "../../compute/index.ts";

type Scores = Float32Array | Float64Array;

/** Rows worked through between two turns of the event loop: about 10 ms. */
const STEP_ROWS = 2 ** 18;

/** Scores looked at for each piece when the column is cut into pieces of like size. */
const SAMPLES_PER_PIECE = 64;

/**
 * `sortScores`, with a turn for everybody else now and then: a column of 10 million rows would hold the event loop
 * for most of a second. Short columns are sorted at once; long ones are cut by value into pieces, which are sorted one
 * by one. The result is the same: equal scores lie in one piece, in ascending order of row. O(n).
 */
export async function sortInSteps(scores: Scores, stepRows: number = STEP_ROWS): Promise<ScoreOrder> {
  const count = scores.length;
  if (count <= 2 * stepRows) return sortScores(scores);
  const cuts = cutsBetween(scores, Math.ceil(count / stepRows));
  const { starts, rows, values } = await partition(scores, cuts, stepRows);
  const present = starts[cuts.length + 1] ?? 0;
  const sorted = new Uint32Array(present);
  const tiedWithNext = new Uint8Array(present);
  for (let piece = 0; piece <= cuts.length; piece += 1) {
    const [start = 0, end = 0] = [starts[piece], starts[piece + 1]];
    const order = sortScores(values.subarray(start, end));
    // `!`: order.rows are places of the piece.
    for (let k = 0; k < order.rows.length; k += 1) sorted[start + k] = rows[start + order.rows[k]!]!;
    // The last of a piece is never tied with the first of the next: a cut lies between them.
    tiedWithNext.set(order.tiedWithNext, start);
    await nextTurn();
  }
  return Object.freeze({ scores, rows: sorted, tiedWithNext, missing: rows.slice(present) });
}

/** Ascending values that cut the column into at most `pieces` of about the same size; fewer where values repeat. */
function cutsBetween(scores: Scores, pieces: number): Float64Array {
  const stride = Math.max(1, Math.floor(scores.length / (SAMPLES_PER_PIECE * pieces)));
  const sample: number[] = [];
  for (let row = 0; row < scores.length; row += stride) {
    const score = scores[row];
    if (score !== undefined && !Number.isNaN(score)) sample.push(score);
  }
  sample.sort((a, b) => a - b);
  const quantiles = Array.from(
    { length: pieces - 1 },
    (_, i) => sample[Math.floor(((i + 1) * sample.length) / pieces)],
  );
  return Float64Array.from(new Set(quantiles.flatMap((cut) => cut ?? [])));
}

/** Rows and their values piece by piece, ascending by row within each; rows without a score come last. */
async function partition(
  scores: Scores,
  cuts: Float64Array,
  stepRows: number,
): Promise<{ starts: Uint32Array; rows: Uint32Array; values: Scores }> {
  // `!`: row < scores.length; pieces are at most cuts.length + 1, and starts has one entry more.
  const missing = cuts.length + 1;
  const pieceOf = new Uint32Array(scores.length);
  const starts = new Uint32Array(missing + 2);
  for (let first = 0; first < scores.length; first += stepRows) {
    const end = Math.min(scores.length, first + stepRows);
    for (let row = first; row < end; row += 1) {
      const score = scores[row]!;
      const piece = Number.isNaN(score) ? missing : cutsUpTo(cuts, score);
      pieceOf[row] = piece;
      starts[piece + 1]! += 1;
    }
    await nextTurn();
  }
  for (let piece = 0; piece <= missing; piece += 1) starts[piece + 1]! += starts[piece]!;
  const next = starts.slice();
  const rows = new Uint32Array(scores.length);
  const values =
    scores instanceof Float32Array ? new Float32Array(scores.length) : new Float64Array(scores.length);
  for (let first = 0; first < scores.length; first += stepRows) {
    const end = Math.min(scores.length, first + stepRows);
    for (let row = first; row < end; row += 1) {
      const place = next[pieceOf[row]!]!++;
      rows[place] = row;
      values[place] = scores[row]!;
    }
    await nextTurn();
  }
  return { starts, rows, values };
}

/** How many cuts are at or below a score. */
function cutsUpTo(cuts: Float64Array, score: number): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    // `!`: middle < cuts.length.
    if (cuts[middle]! <= score) low = middle + 1;
    else high = middle;
  }
  return low;
}

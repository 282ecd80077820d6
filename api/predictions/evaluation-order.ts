import { setImmediate as nextTurn } from "node:timers/promises";
import { type ScoreOrder, sortScores } from "../../compute/index.ts";

/** Rows sorted or merged between two turns of the event loop: about 10 ms of work. */
const STEP_ROWS = 2 ** 18;

/**
 * `sortScores`, with a turn for everybody else now and then: a column of 10 million rows would hold the event loop
 * for more than a second. Short columns are sorted at once; long ones in pieces that are then merged two by two.
 * The result is the same: equal scores in ascending order of row.
 */
export async function sortInSteps(
  scores: Float32Array | Float64Array,
  stepRows: number = STEP_ROWS,
): Promise<ScoreOrder> {
  if (scores.length <= 2 * stepRows) return sortScores(scores);
  let runs: Uint32Array[] = [];
  const missing: Uint32Array[] = [];
  for (let first = 0; first < scores.length; first += stepRows) {
    const piece = sortScores(scores.subarray(first, first + stepRows));
    runs.push(piece.rows.map((row) => row + first));
    missing.push(piece.missing.map((row) => row + first));
    await nextTurn();
  }
  while (runs.length > 1) {
    const merged: Uint32Array[] = [];
    for (let pair = 0; pair < runs.length; pair += 2) {
      const [left, right] = [runs[pair], runs[pair + 1]];
      if (left === undefined) continue;
      merged.push(right === undefined ? left : await mergeRuns(scores, left, right, stepRows));
    }
    runs = merged;
  }
  const rows = runs[0] ?? new Uint32Array(0);
  return Object.freeze({
    scores,
    rows,
    tiedWithNext: await markTies(scores, rows, stepRows),
    missing: concatenate(missing),
  });
}

/** Merges two runs whose rows are sorted by score; the left one's rows all come first in the column. */
async function mergeRuns(
  scores: Float32Array | Float64Array,
  left: Uint32Array,
  right: Uint32Array,
  stepRows: number,
): Promise<Uint32Array> {
  // `!`: both cursors are held below their lengths, and rows are rows of `scores`.
  const merged = new Uint32Array(left.length + right.length);
  let fromLeft = 0;
  let fromRight = 0;
  for (let at = 0; at < merged.length; ) {
    const stop = Math.min(merged.length, at + stepRows);
    while (at < stop) {
      const takeLeft =
        fromRight >= right.length ||
        (fromLeft < left.length && scores[left[fromLeft]!]! <= scores[right[fromRight]!]!);
      merged[at++] = takeLeft ? left[fromLeft++]! : right[fromRight++]!;
    }
    await nextTurn();
  }
  return merged;
}

async function markTies(
  scores: Float32Array | Float64Array,
  rows: Uint32Array,
  stepRows: number,
): Promise<Uint8Array> {
  // `!`: k + 1 < rows.length, and rows are rows of `scores`.
  const ties = new Uint8Array(rows.length);
  for (let first = 0; first < rows.length; first += stepRows) {
    const end = Math.min(first + stepRows, rows.length - 1);
    for (let k = first; k < end; k += 1) ties[k] = scores[rows[k]!] === scores[rows[k + 1]!] ? 1 : 0;
    await nextTurn();
  }
  return ties;
}

function concatenate(parts: readonly Uint32Array[]): Uint32Array {
  const joined = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

import type { RocSteps } from "../../../compute/metrics/roc-curve.ts";
import { encodeCells } from "../../../compute/metrics/stratified-rows.ts";
import type { OracleRows } from "./stratified-auc.ts";

/** The steps of a ROC curve in plain TypeScript: one walk down the order. */
export function rocStepsOracle(input: OracleRows, stratum = 0): RocSteps {
  const { codes, sizes } = encodeCells(input);
  // `!`: k < rows.length; rows < scores.length; sizes has two codes per stratum.
  const { rows, tiedWithNext, scores } = input.order;
  const negatives = sizes[2 * stratum]!;
  const positives = sizes[2 * stratum + 1]!;
  const capacity = positives + negatives + 1;
  const falsePositives = new Uint32Array(capacity);
  const truePositives = new Uint32Array(capacity);
  const thresholds = new Float64Array(capacity).fill(Number.POSITIVE_INFINITY);
  let point = 0;
  let calledFalse = 0;
  let calledTrue = 0;
  for (let k = rows.length - 1; k >= 0; k -= 1) {
    const row = rows[k]!;
    const code = codes[row]!;
    if (code >> 1 === stratum) {
      if ((code & 1) === 1) calledTrue += 1;
      else calledFalse += 1;
    }
    const endsStep = k === 0 || tiedWithNext[k - 1] === 0;
    if (!endsStep || calledTrue + calledFalse === falsePositives[point]! + truePositives[point]!) continue;
    point += 1;
    falsePositives[point] = calledFalse;
    truePositives[point] = calledTrue;
    thresholds[point] = scores[row]!;
  }
  return {
    falsePositives: falsePositives.slice(0, point + 1),
    truePositives: truePositives.slice(0, point + 1),
    thresholds: thresholds.slice(0, point + 1),
    positives,
    negatives,
  };
}

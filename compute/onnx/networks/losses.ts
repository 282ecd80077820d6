import { ComputeError } from "../../errors.ts";
import type { Tensor } from "../graph/tensor.ts";

/**
 * Cross-entropy of logits against target distributions, averaged over rows by their weights.
 *
 * @param logits - batch x classes
 * @param targets - batch x classes; each row sums to 1, or is one-hot
 * @param rowWeights - batch; absent: every row counts the same. A row of weight 0 pads a batch.
 * @returns a scalar, 0 or more: sum of weight times loss over sum of weights
 */
export function crossEntropy(logits: Tensor, targets: Tensor, rowWeights?: Tensor): Tensor {
  requireAlike(logits, targets);
  // Not LogSoftmax: there is none on WebGPU.
  const logSum = logits.graph.apply(
    "ReduceLogSumExp",
    [logits],
    { shape: [logits.shape[0] ?? 0, 1], type: logits.type },
    { attributes: { axes: [1], keepdims: 1 } },
  );
  return weightedMean(targets.times(logSum.minus(logits)).sum([1]), rowWeights);
}

/**
 * Binary cross-entropy of logits against targets in [0, 1], averaged over the entries that are known.
 *
 * @param logits - batch x classes
 * @param targets - batch x classes
 * @param known - batch x classes, the weight of each entry: 0 where the truth is unknown
 * @returns a scalar, 0 or more
 */
export function binaryCrossEntropy(logits: Tensor, targets: Tensor, known: Tensor): Tensor {
  requireAlike(logits, targets);
  requireAlike(logits, known);
  // max(x, 0) - x t + log(1 + exp(-|x|)): no overflow on either side.
  const below = logits.map("Abs").negated().exp().plus(1).log();
  const losses = logits.relu().minus(logits.times(targets)).plus(below);
  return losses.times(known).sum().over(known.sum().plus(1e-12));
}

function weightedMean(losses: Tensor, weights: Tensor | undefined): Tensor {
  if (weights === undefined) return losses.mean();
  return losses.times(weights).sum().over(weights.sum().plus(1e-12));
}

function requireAlike(a: Tensor, b: Tensor): void {
  if (a.shape.join() === b.shape.join()) return;
  throw new ComputeError(
    "INVALID_INPUT",
    `Expected targets of the logits' shape [${a.shape.join(", ")}], got [${b.shape.join(", ")}]`,
  );
}

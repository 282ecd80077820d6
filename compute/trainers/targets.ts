import type { TrainingRecipe } from "./recipe.ts";

/** What a batch is held to, as the loss takes it. */
export interface TargetRows {
  /** Length images * classes. */
  readonly targets: Float32Array<ArrayBuffer>;
  /** One an image; for `multilabel` one a class of each, 0 where the truth is unknown. */
  readonly weights: Float32Array<ArrayBuffer>;
}

type TargetRecipe = Pick<TrainingRecipe, "classes" | "task" | "labelSmoothing" | "classWeights">;

/**
 * Targets and weights of a batch. With class weights, exclusive classes are weighed and smoothed as PyTorch's cross-entropy
 * does it: an image weighs as much as its class, and of the smoothed share each class its own.
 */
export function targetRows(
  { classes, task, labelSmoothing = 0, classWeights }: TargetRecipe,
  truths: readonly (number | readonly number[])[],
): TargetRows {
  const count = classes.length;
  const weightOf = (k: number) => classWeights?.[k] ?? 1;
  const targets = new Float32Array(truths.length * count);
  const weights = new Float32Array(task === "exclusive" ? truths.length : targets.length);
  for (const [row, truth] of truths.entries()) {
    for (let k = 0; k < count; k += 1) {
      const place = row * count + k;
      if (typeof truth === "number") {
        const own = weightOf(truth);
        targets[place] =
          (truth === k ? 1 - labelSmoothing : 0) + ((labelSmoothing / count) * weightOf(k)) / own;
        weights[row] = own;
      } else {
        const known = truth[k] ?? -1;
        targets[place] = known < 0 ? 0 : known * (1 - labelSmoothing) + labelSmoothing / 2;
        weights[place] = known < 0 ? 0 : weightOf(k);
      }
    }
  }
  return { targets, weights };
}

/**
 * The loss of logits, as the training step has it: sum of weighted losses over sum of weights.
 *
 * @param logits - length images * classes
 */
export function lossOf(recipe: TargetRecipe, logits: Float32Array, { targets, weights }: TargetRows): number {
  const count = recipe.classes.length;
  let sum = 0;
  let weight = 0;
  // Safe in every cast below: all are images * classes long, or as long as there are images.
  for (let row = 0; row < logits.length / count; row += 1) {
    const own = logits.subarray(row * count, (row + 1) * count);
    const most = own.reduce((max, value) => Math.max(max, value), Number.NEGATIVE_INFINITY);
    const logSum = most + Math.log(own.reduce((total, value) => total + Math.exp(value - most), 0));
    let loss = 0;
    for (let k = 0; k < count; k += 1) {
      const [logit, target] = [own[k] as number, targets[row * count + k] as number];
      if (recipe.task === "exclusive") {
        loss += target * (logSum - logit);
      } else {
        const known = weights[row * count + k] as number;
        sum += known * (Math.max(logit, 0) - logit * target + Math.log1p(Math.exp(-Math.abs(logit))));
        weight += known;
      }
    }
    if (recipe.task === "exclusive") {
      sum += loss * (weights[row] as number);
      weight += weights[row] as number;
    }
  }
  return sum / (weight + 1e-12);
}

/** The scores of logits: shares that sum to 1, or each class's own probability. Length images * classes. */
export function probabilities(
  task: TrainingRecipe["task"],
  logits: Float32Array,
  classes: number,
): Float64Array {
  const scores = Float64Array.from(logits);
  for (let from = 0; from < scores.length; from += classes) {
    const row = scores.subarray(from, from + classes);
    if (task === "multilabel") {
      for (const [k, logit] of row.entries()) row[k] = 1 / (1 + Math.exp(-logit));
      continue;
    }
    const most = row.reduce((max, value) => Math.max(max, value), Number.NEGATIVE_INFINITY);
    for (const [k, logit] of row.entries()) row[k] = Math.exp(logit - most);
    const sum = row.reduce((total, value) => total + value, 0);
    for (const [k, power] of row.entries()) row[k] = power / sum;
  }
  return scores;
}

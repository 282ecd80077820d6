import type { TrainingRecipe } from "./recipe.ts";

/** Which epoch is the best so far; plain values, kept in checkpoints. */
export interface BestEpoch {
  /** Its measure, higher is better; null before the first. */
  readonly measure: number | null;
  /** From 1; 0 before the first. */
  readonly epoch: number;
  /** Epochs since. */
  readonly waited: number;
}

/** Before the first epoch. */
export const noBestEpoch: BestEpoch = { measure: null, epoch: 0, waited: 0 };

/** What of an epoch decides. */
export interface EpochMeasures {
  readonly validationLoss?: number;
  readonly validationAuc?: readonly { readonly auc: number | null }[];
}

/**
 * Holds an epoch against the best so far. The AUC that counts is the mean over the classes that have one; where none has,
 * the loss decides; without validation images the last epoch is the best.
 */
export function judgeEpoch(
  monitor: TrainingRecipe["monitor"],
  best: BestEpoch,
  epoch: number,
  measures: EpochMeasures,
): BestEpoch {
  const measure = measureOf(monitor, measures);
  if (measure === undefined || best.measure === null || measure > best.measure) {
    return { measure: measure ?? null, epoch, waited: 0 };
  }
  return { ...best, waited: best.waited + 1 };
}

function measureOf(
  monitor: TrainingRecipe["monitor"],
  { validationLoss, validationAuc = [] }: EpochMeasures,
): number | undefined {
  const aucs = validationAuc.flatMap(({ auc }) => (auc === null ? [] : [auc]));
  if (monitor === "validation-auc" && aucs.length > 0) {
    return aucs.reduce((sum, auc) => sum + auc, 0) / aucs.length;
  }
  return validationLoss === undefined ? undefined : -validationLoss;
}

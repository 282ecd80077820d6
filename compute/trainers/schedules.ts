import type { Schedule, TrainingRecipe } from "./recipe.ts";

/** What the epochs so far made of the learning rate; plain values, kept in checkpoints. */
export interface RateState {
  /** The plateau's product of factors. */
  readonly share: number;
  /** Least loss so far; null before the first epoch. */
  readonly best: number | null;
  /** Epochs since. */
  readonly waited: number;
}

/** How a learning rate begins. */
export const firstRate: RateState = { share: 1, best: null, waited: 0 };

/** A loss must fall by this share of itself to count as fallen. */
const LEAST_FALL = 1e-4;

/**
 * The learning rate of a step.
 *
 * @param epoch - from 1
 * @param step - over all epochs, from 0
 * @param steps - over all epochs that there may be
 */
export function learningRateAt(
  { learningRate, schedule }: Pick<TrainingRecipe, "learningRate" | "schedule">,
  { share }: RateState,
  { epoch, step, steps }: { readonly epoch: number; readonly step: number; readonly steps: number },
): number {
  if (schedule.kind === "constant") return learningRate;
  if (schedule.kind === "plateau") {
    return Math.max(Math.min(schedule.floor ?? 0, learningRate), learningRate * share);
  }
  if (schedule.kind === "step") {
    return learningRate * schedule.factor ** Math.floor((epoch - 1) / schedule.epochs);
  }
  const { floor = 0 } = schedule;
  return floor + ((learningRate - floor) / 2) * (1 + Math.cos((Math.PI * step) / steps));
}

/** The state after an epoch of this loss: of validation where there is one, of training otherwise. */
export function rateAfterEpoch(schedule: Schedule, state: RateState, loss: number): RateState {
  if (schedule.kind !== "plateau") return state;
  const { share, best, waited } = state;
  if (best === null || loss < best - LEAST_FALL * Math.abs(best)) return { share, best: loss, waited: 0 };
  if (waited + 1 < schedule.patience) return { share, best, waited: waited + 1 };
  return { share: share * schedule.factor, best, waited: 0 };
}

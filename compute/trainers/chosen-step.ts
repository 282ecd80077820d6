import { agreeingStep, type FirstBatch } from "../onnx/lowering/agreeing-step.ts";
import { lowerStep } from "../onnx/lowering/lower-step.ts";
import { probeBlock } from "../onnx/lowering/probe-block.ts";
import type { TrainingStep } from "../onnx/training/training-step.ts";

/** A step as it is run, and whether it was rewritten for the processor's blocked layout. */
export interface ChosenStep {
  readonly step: TrainingStep;
  readonly lowered: boolean;
}

/**
 * The step to train with on the processor: rewritten where that gives what the portable one gives on the first batch.
 *
 * @param before - how an earlier attempt of the same training chose: it goes on alike, since the last bits depend on it
 * @throws {ModelError} MODEL_INVALID, PROVIDER_OUT_OF_MEMORY
 */
export async function chosenStep(
  step: TrainingStep,
  first: FirstBatch,
  before: boolean | undefined,
): Promise<ChosenStep> {
  if (before === undefined) return agreeingStep(step, first);
  const block = before ? await probeBlock() : undefined;
  return block === undefined ? { step, lowered: false } : { step: lowerStep(step, block), lowered: true };
}

import type { ElementArray } from "../graph/graph.ts";
import { openStep, type StateNumbers } from "../training/step-session.ts";
import type { TrainingStep } from "../training/training-step.ts";
import { lowerStep } from "./lower-step.ts";
import { probeBlock } from "./probe-block.ts";

/** The step to train with, on the processor. */
export interface StepChoice {
  readonly step: TrainingStep;
  readonly lowered: boolean;
  /** Why the portable step was taken; absent for a lowered one. */
  readonly reason?: string;
}

/** The first batch: the state before it and what is fed. */
export interface FirstBatch {
  readonly state: StateNumbers;
  readonly feeds: Readonly<Record<string, ElementArray>>;
  /** Threads of one operator; absent: all processors. */
  readonly threads?: number;
}

/** The loss is a continuous function of everything, so only rounding may part the two. */
const LOSS_TOLERANCE = 1e-4;
/**
 * Relative L2 of all gradients together. Where a rectifier's input lies within rounding of 0, the two may take different
 * sides: hundredths in deep networks at first; a layout that is wrong gives about 1.
 */
const CHANGE_TOLERANCE = 0.1;

/**
 * A step lowered for onnxruntime's blocked layout where this processor has it and it gives what the portable step gives on
 * the first batch; else the portable step, with the reason. Cost: opens both steps and runs each once.
 *
 * @param step - a single step, not a loop
 * @throws {ComputeError} INVALID_INPUT for a wrong batch or state
 * @throws {ModelError} MODEL_INVALID, PROVIDER_OUT_OF_MEMORY by the portable step
 */
export async function agreeingStep(step: TrainingStep, first: FirstBatch): Promise<StepChoice> {
  const portable = (reason: string): StepChoice => ({ step, lowered: false, reason });
  const block = await probeBlock();
  if (block === undefined)
    return portable("onnxruntime has no blocked layout that we know on this processor");
  const lowered = lowerStep(step, block);
  const expected = await outcomeOf(step, first);
  const actual = await outcomeOf(lowered, first).catch(() => undefined);
  if (actual === undefined) return portable("onnxruntime refused the lowered step");
  const off = Math.abs(actual.loss - expected.loss);
  if (!(off <= LOSS_TOLERANCE * Math.max(1, Math.abs(expected.loss)))) {
    return portable(`the lowered step's loss was ${actual.loss}, the portable one's ${expected.loss}`);
  }
  const distance = changeDistance(step, first.state, expected.state, actual.state);
  if (!(distance <= CHANGE_TOLERANCE)) {
    return portable(`the lowered step's gradients were ${distance.toPrecision(2)} off the portable one's`);
  }
  return { step: lowered, lowered: true };
}

interface Outcome {
  readonly loss: number;
  readonly state: StateNumbers;
}

async function outcomeOf(step: TrainingStep, { state, feeds, threads }: FirstBatch): Promise<Outcome> {
  const options = { provider: "cpu", ...(threads === undefined ? {} : { threads }) } as const;
  await using session = await openStep(step, options);
  session.writeState(state);
  const { loss } = await session.run(feeds);
  return { loss: Number(loss?.[0]), state: await session.readState() };
}

/**
 * How far apart two steps went, as a share of how far one of them went: L2 over the optimiser's memory, which is
 * proportional to the gradients at first, or over the weights where it has none. (Adam's first steps have the size of the
 * learning rate however small the gradient, so that rounding would decide the direction of some.)
 */
function changeDistance(
  { state }: TrainingStep,
  before: StateNumbers,
  expected: StateNumbers,
  actual: StateNumbers,
): number {
  const role = state.some((each) => each.role === "memory") ? "memory" : "weights";
  let [difference, whole] = [0, 0];
  for (const each of state) {
    if (each.role !== role) continue;
    const [first, one, other] = [before, expected, actual].map((numbers) => numbers.get(each.name) ?? []);
    for (let k = 0; k < each.tensor.size; k += 1) {
      const there = one?.[k] ?? Number.NaN;
      difference += ((other?.[k] ?? Number.NaN) - there) ** 2;
      whole += (there - (first?.[k] ?? Number.NaN)) ** 2;
    }
  }
  return whole === 0 ? difference : Math.sqrt(difference / whole);
}

import type { TrainingStep } from "../training/training-step.ts";
import { lowerGraph } from "./lower-graph.ts";

/** A training step rewritten for onnxruntime's processor provider; state and outputs are the same, by name and shape. */
export function lowerStep(step: TrainingStep, block: number): TrainingStep {
  const { graph, plain } = lowerGraph(step.graph, block);
  return {
    graph,
    state: step.state.map((each) => ({ ...each, tensor: plain(each.tensor), next: plain(each.next) })),
    loss: plain(step.loss),
    logits: plain(step.logits),
  };
}

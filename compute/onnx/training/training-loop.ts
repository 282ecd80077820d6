import { ComputeError } from "../../errors.ts";
import { copyNodes, requireCopy } from "../graph/copy-nodes.ts";
import { Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { buildTrainingStep, type TrainingStep, type TrainingStepSpec } from "./training-step.ts";

/** What is fed anew at every step. All other inputs are state, or weights that do not learn. */
const fedNames: ReadonlySet<string> = new Set([
  "images",
  "targets",
  "weights",
  "learning rate",
  "correction 1",
  "correction 2",
]);

/**
 * `count` training steps, one after the other, as one graph: the state stays within an ONNX Loop, which saves a copy of all
 * of it each step. As `buildTrainingStep`, but what is fed at every step has an axis of `count` steps in front, as have `loss` and
 * `logits`: `images` [count, batch, planes, rows, cols], `learning rate` [count], `loss` [count]. The results are to the bit
 * those of `count` single steps.
 *
 * @throws {ComputeError} INVALID_INPUT, INVALID_PARAM
 */
export function buildTrainingLoop(spec: TrainingStepSpec, count: number): TrainingStep {
  return loopOf(buildTrainingStep(spec), count);
}

/** A training step `count` times over, as `buildTrainingLoop` says. */
export function loopOf(step: TrainingStep, count: number): TrainingStep {
  if (!Number.isInteger(count) || count < 1) {
    throw new ComputeError("INVALID_PARAM", `Expected a whole number of steps from 1, got ${count}`);
  }
  const graph = new Graph("training loop");
  // The outer inputs in the order of the step's, so that a caller may swap the one for the other.
  const outer = new Map(
    step.graph.inputs.map((tensor) => {
      const { name, shape, type } = tensor;
      return [tensor, graph.input(name, fedNames.has(name) ? [count, ...shape] : shape, type)] as const;
    }),
  );
  const body = bodyOf(step, outer);
  const turns = graph.constant(BigInt64Array.of(BigInt(count)), [], "int64", "turns");
  const always = graph.constant(Uint8Array.of(1), [], "bool", "always");
  const made = graph.applyMany(
    "Loop",
    [turns, always, ...step.state.map(({ tensor }) => requireCopy(outer, tensor))],
    [
      ...step.state.map(({ shape }) => ({ shape, type: "float" }) as const),
      ...[step.loss, step.logits].map(({ shape, type }) => ({ shape: [count, ...shape], type })),
    ],
    { attributes: { body } },
  );
  const state = step.state.map((each, k) => ({
    ...each,
    tensor: requireCopy(outer, each.tensor),
    next: made[k] as Tensor, // safe: the loop gives each state back
  }));
  const [loss, logits] = made.slice(-2) as [Tensor, Tensor]; // safe: they are its last two
  graph.output("loss", loss);
  graph.output("logits", logits);
  for (const { name, next } of state) graph.output(`next ${name}`, next);
  return { graph, state, loss, logits };
}

/** The step as the body of a loop: turn, condition and state in; condition, state, loss and logits out. */
function bodyOf(step: TrainingStep, outer: ReadonlyMap<Tensor, Tensor>): Graph {
  const body = new Graph("turn");
  const turn = body.input("turn", [], "int64");
  const condition = body.input("condition", [], "bool");
  const given = new Map<Tensor, Tensor>(
    step.state.map(({ tensor }) => [tensor, body.input(`carried ${tensor.name}`, tensor.shape, tensor.type)]),
  );
  for (const tensor of step.graph.inputs) {
    if (given.has(tensor)) continue;
    const all = body.captured(requireCopy(outer, tensor));
    const { name, shape, type } = tensor;
    const once = () => body.apply("Gather", [all, turn], { shape, type }, { attributes: { axis: 0 } });
    given.set(tensor, fedNames.has(name) ? once() : all);
  }
  copyNodes(step.graph, body, given);
  body.output("go on", condition);
  for (const { name, next } of step.state) body.output(`carried on ${name}`, requireCopy(given, next));
  body.output("turn's loss", requireCopy(given, step.loss));
  body.output("turn's logits", requireCopy(given, step.logits));
  return body;
}

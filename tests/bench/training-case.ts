import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sizeOf } from "../../compute/onnx/graph/shapes.ts";
import { type ArchitectureName, architectures } from "../../compute/onnx/networks/architectures.ts";
import { initialNumbers } from "../../compute/onnx/networks/initialise.ts";
import { buildNetwork, type NetworkShape } from "../../compute/onnx/networks/network.ts";
import type { TrainingStepSpec } from "../../compute/onnx/training/training-step.ts";
import { RandomStream } from "../../compute/random.ts";

/** A network and a size at which its training is timed. */
export interface TrainingCase {
  readonly name: ArchitectureName;
  readonly planes: number;
  readonly side: number;
  readonly batch: number;
  readonly classes: number;
}

export const LEARNING_RATE = 1e-3;

export function shapeOf({ planes, side, batch, classes }: TrainingCase): NetworkShape {
  return { batch, planes, rows: side, cols: side, classes };
}

/** Adam on the cross-entropy, as both sides train. */
export function specOf(training: TrainingCase): TrainingStepSpec {
  return {
    architecture: architectures[training.name],
    shape: shapeOf(training),
    objective: "cross-entropy",
    optimiser: { kind: "adam" },
  };
}

/** One made-up batch of images and its one-hot classes. */
export function batchOf(training: TrainingCase): { images: Float32Array; targets: Float32Array } {
  const { planes, side, batch, classes } = training;
  const stream = new RandomStream(5, 1);
  return {
    images: Float32Array.from({ length: batch * planes * side * side }, () => stream.normal()),
    targets: Float32Array.from({ length: batch * classes }, (_, k) =>
      k % classes === Math.floor(k / classes) % classes ? 1 : 0,
    ),
  };
}

/** The first numbers of every weight and statistic, drawn by name. */
export function weightsOf(training: TrainingCase): ReadonlyMap<string, Float32Array> {
  const { network } = buildNetwork(architectures[training.name], "inference", shapeOf(training));
  return new Map([
    ...network.parameters.map(
      ({ name, shape, initial }) => [name, initialNumbers(name, shape, initial, 7)] as const,
    ),
    ...network.statistics.map(
      ({ name, shape, initial }) => [name, new Float32Array(sizeOf(shape)).fill(initial)] as const,
    ),
  ]);
}

/**
 * Writes what the peer needs: the forward operations by name, the weights' numbers, and the batch.
 *
 * @param device - where it computes if it can; otherwise on the processor
 */
export function writePeerTask(
  training: TrainingCase,
  folder: string,
  threads: number,
  device: "cpu" | "cuda" = "cpu",
): void {
  const { network, images, logits } = buildNetwork(
    architectures[training.name],
    "inference",
    shapeOf(training),
  );
  const { graph } = network;
  const weights = weightsOf(training);
  const task = {
    threads,
    device,
    learningRate: LEARNING_RATE,
    classes: training.classes,
    images: { name: images.name, shape: images.shape },
    weights: [...network.parameters, ...network.statistics].map(({ name, shape }) => ({ name, shape })),
    parameters: network.parameters.map(({ name }) => name),
    constants: Object.fromEntries(
      [...graph.constants.keys()].map((each) => [each.name, graph.numbersOf(each)]),
    ),
    nodes: graph.nodes.map(({ op, inputs, outputs, attributes }) => ({
      op,
      inputs: inputs.map((tensor) => tensor?.name),
      output: outputs[0]?.name,
      attributes,
    })),
    logits: logits.name,
  };
  writeFileSync(join(folder, "task.json"), JSON.stringify(task));
  const numbers = task.weights.map(({ name }) => weights.get(name) as Float32Array); // safe: of the same network
  writeFileSync(join(folder, "weights.f32"), Buffer.concat(numbers.map(({ buffer }) => Buffer.from(buffer))));
  const batch = batchOf(training);
  writeFileSync(join(folder, "images.f32"), Buffer.from(batch.images.buffer));
  writeFileSync(join(folder, "targets.f32"), Buffer.from(batch.targets.buffer));
}

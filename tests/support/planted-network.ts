import { bakedModel } from "../../compute/onnx/import/import-graph.ts";
import { architectures } from "../../compute/onnx/networks/architectures.ts";
import { initialNumbers } from "../../compute/onnx/networks/initialise.ts";
import { buildNetwork } from "../../compute/onnx/networks/network.ts";
import { openStep, type StateNumbers } from "../../compute/onnx/training/step-session.ts";
import { buildTrainingStep } from "../../compute/onnx/training/training-step.ts";
import { RandomStream } from "../../compute/random.ts";

/** Pixels on a side, of the patch too, and images at once. */
export const [SIDE, PATCH, BATCH] = [24, 6, 8];
const architecture = architectures.small_cnn;
const shape = { batch: BATCH, planes: 1, rows: SIDE, cols: SIDE, classes: 2 };

/** Images with a patch somewhere, every second one of class 1. */
export interface PlantedImages {
  /** Top and left of each patch. */
  readonly corners: readonly (readonly number[])[];
  /** Length count * SIDE * SIDE. */
  readonly pixels: Float32Array<ArrayBuffer>;
}

/** What the patch of an image adds to a pixel within it. */
export type Patch = (isOfClass1: boolean, row: number, col: number) => number;

/** Noise with a patch somewhere. */
export function plantedImages(count: number, stream: RandomStream, patch: Patch): PlantedImages {
  const corners = Array.from({ length: count }, () => [
    stream.below(SIDE - PATCH),
    stream.below(SIDE - PATCH),
  ]);
  const pixels = Float32Array.from({ length: count * SIDE * SIDE }, (_, at) => {
    const [image, row, col] = [Math.floor(at / SIDE / SIDE), Math.floor(at / SIDE) % SIDE, at % SIDE];
    const inside = isInPatch(corners[image] ?? [], row, col);
    return 0.5 * stream.normal() + (inside ? patch(image % 2 === 1, row, col) : 0);
  });
  return { corners, pixels };
}

/** Whether a pixel lies in the patch, or within a margin of it. */
export function isInPatch(
  [top = 0, left = 0]: readonly number[],
  row: number,
  col: number,
  margin = 0,
): boolean {
  const within = (at: number, from: number) => at >= from - margin && at < from + PATCH + margin;
  return within(row, top) && within(col, left);
}

/** A small CNN that has learnt to tell the classes of such images, as a model file of BATCH images. */
export async function plantedNetwork(patch: Patch): Promise<Uint8Array> {
  const model = buildTrainingStep({
    architecture,
    shape,
    objective: "cross-entropy",
    optimiser: { kind: "adam" },
  });
  await using step = await openStep(model, { provider: "cpu", threads: 1 });
  step.writeState(
    new Map(
      model.state.map(({ name, shape: size, initial }) => [name, initialNumbers(name, size, initial, 1)]),
    ),
  );
  const targets = Float32Array.from({ length: 2 * BATCH }, (_, k) =>
    Math.floor(k / 2) % 2 === k % 2 ? 1 : 0,
  );
  const stream = new RandomStream(31);
  for (let t = 1; t <= 60; t += 1) {
    await step.run({
      images: plantedImages(BATCH, stream, patch).pixels,
      targets,
      weights: new Float32Array(BATCH).fill(1),
      "learning rate": Float32Array.of(0.003),
      "correction 1": Float32Array.of(1 - 0.9 ** t),
      "correction 2": Float32Array.of(1 - 0.999 ** t),
    });
  }
  return asModel(await step.readState());
}

function asModel(state: StateNumbers): Uint8Array {
  const { network, images: input, logits } = buildNetwork(architecture, "inference", shape);
  return bakedModel({
    graph: network.graph,
    inputs: [input],
    outputs: [{ name: "logits", tensor: logits }],
    weights: network.graph.inputs.flatMap((tensor) => {
      const numbers = state.get(tensor.name);
      return numbers === undefined ? [] : [{ tensor, numbers }];
    }),
  });
}

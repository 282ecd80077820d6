import type { Constant } from "../onnx/graph/graph.ts";
import { sizeOf } from "../onnx/graph/shapes.ts";
import { modelOf } from "../onnx/graph/to-model.ts";
import type { ModelOutput } from "../onnx/preprocessing.ts";
import { runModelOnce } from "../onnx/run-model.ts";
import { RandomStream } from "../random.ts";
import { bakedNetwork } from "./baked-network.ts";
import { type NamedNumbers, numbersSha256 } from "./checkpoint.ts";
import { modelFile } from "./model-file.ts";
import { modelMetadata, type TrainingRecord } from "./model-metadata.ts";
import type { TrainingRecipe } from "./recipe.ts";
import { probabilities } from "./targets.ts";
import type { TrainedNetwork } from "./trained-network.ts";
import { TrainingError } from "./training-error.ts";

/** A model and what it is. */
export interface FinishedModel {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly output: ModelOutput;
  readonly weightsSha256: string;
}

/** Most that folding and baking may change a probability: rounding, of many layers; a fault changes tenths. */
const MOST_CHANGE = 1e-3;

/**
 * The model of a training: plain ONNX (operator set 17) with its numbers inside and probabilities as `scores`. No times and
 * paths enter it, so equal trainings give equal files.
 *
 * @throws {TrainingError} TRAINING_DIVERGED when a weight is no number
 */
export async function finishedModel(
  recipe: TrainingRecipe,
  network: TrainedNetwork,
  numbers: NamedNumbers,
  record: TrainingRecord,
): Promise<FinishedModel> {
  for (const values of numbers.values()) {
    if (values.every(Number.isFinite)) continue;
    const { epoch, step } = record.progress;
    throw new TrainingError(
      "TRAINING_DIVERGED",
      `Expected finite weights, got others at step ${step} of epoch ${epoch}; lower the learning rate or shorten gradients`,
    );
  }
  const weightsSha256 = numbersSha256(numbers);
  const activation = recipe.task === "exclusive" ? "Softmax" : "Sigmoid";
  const graph = bakedNetwork(network.rest, numbers, activation);
  const metadata = modelMetadata(recipe, record, weightsSha256);
  const { threads } = record.session;
  const expected = await plainScores(network, numbers, recipe, threads);
  for (const isOpen of [true, false]) {
    const bytes = modelFile(graph, metadata, isOpen);
    if (await givesSame(bytes, expected, isOpen, threads)) {
      return { bytes, output: { name: "scores", activation: "none" }, weightsSha256 };
    }
  }
  throw new Error("Expected the finished model to score as the trained network does, got other scores");
}

/** Images of noise, and their probabilities by the network before anything was folded. */
interface Scored {
  readonly images: Float32Array;
  readonly shape: readonly number[];
  readonly scores: Float64Array;
}

async function plainScores(
  { rest }: TrainedNetwork,
  numbers: NamedNumbers,
  recipe: TrainingRecipe,
  threads: number,
): Promise<Scored> {
  const shape = rest.inputs.find(({ name }) => name === "images")?.shape ?? [];
  const stream = new RandomStream(1);
  const images = Float32Array.from({ length: sizeOf(shape) }, () => stream.normal());
  const feeds = Object.fromEntries(
    rest.inputs.map((input): [string, Constant] => {
      const data = numbers.get(input.name) ?? images;
      return [input.name, { type: "float", shape: input.shape, data }];
    }),
  );
  const { logits } = await runModelOnce(modelOf(rest), feeds, threads);
  const numbersOf = logits?.data as Float32Array; // safe: an output of the network, of floats
  return { images, shape, scores: probabilities(recipe.task, numbersOf, recipe.classes.length) };
}

/** Whether a model's probabilities are those expected, of the whole batch and, where it is open, of one image alone. */
async function givesSame(
  bytes: Uint8Array,
  expected: Scored,
  isOpen: boolean,
  threads: number,
): Promise<boolean> {
  const [batch = 1, ...sides] = expected.shape;
  const classes = expected.scores.length / batch;
  for (const count of isOpen ? [batch, 1] : [batch]) {
    const data = expected.images.slice(0, count * sizeOf(sides));
    const images: Constant = { type: "float", shape: [count, ...sides], data };
    // One that does not run on another number of images is not open.
    const { scores } = await runModelOnce(bytes, { images }, threads).catch(() => ({ scores: undefined }));
    if (scores?.data.length !== count * classes) return false;
    const isNear = (score: number | bigint, k: number) =>
      Math.abs(Number(score) - (expected.scores[k] ?? Number.NaN)) <= MOST_CHANGE;
    if (!Array.from<number | bigint, boolean>(scores.data, isNear).every(Boolean)) return false;
  }
  return true;
}

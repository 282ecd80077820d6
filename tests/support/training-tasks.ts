import { mkdirSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import type { TrainingImage, TrainTask } from "../../compute/child/protocol.ts";
import { parsePreprocessing } from "../../compute/onnx/parse-preprocessing.ts";
import { RandomStream } from "../../compute/random.ts";
import type { TrainingRecipe } from "../../compute/trainers/recipe.ts";
import type { ScratchFolder } from "./child-tasks.ts";

/** Side of the images that are made here. */
export const SIDE = 16;

/** A recipe that learns stripes in seconds, less what is said otherwise. */
export function trainingRecipe(parts: Partial<TrainingRecipe> = {}): TrainingRecipe {
  return {
    start: { kind: "architecture", name: "small_cnn" },
    preprocessing: parsePreprocessing({ rows: SIDE, cols: SIDE, mean: 0.5, deviation: 0.25 }),
    classes: ["along", "across"],
    task: "exclusive",
    optimiser: { kind: "adam" },
    learningRate: 0.003,
    schedule: { kind: "constant" },
    batch: 8,
    epochs: 3,
    monitor: "validation-loss",
    augmentation: {},
    sampling: { kind: "shuffle" },
    keep: "best",
    seed: 7,
    checkpointSteps: 1_000,
    stepsPerCall: 1,
    lowering: false,
    ...parts,
  };
}

/** A training in a folder of its own below `folder`. */
export function trainTask(
  folder: ScratchFolder,
  recipe: TrainingRecipe,
  parts: Partial<TrainTask> & { readonly name: string },
): TrainTask {
  const { name, ...rest } = parts;
  const own = join(folder.path, name);
  mkdirSync(own, { recursive: true });
  return {
    kind: "train",
    recipe,
    transforms: [],
    provider: "cpu",
    threads: 1,
    root: folder.path,
    total: 0,
    onBadImage: "fail",
    folder: own,
    ...rest,
  };
}

/** How images are made. */
export interface StripeOptions {
  readonly count: number;
  /** The last so many are for validation. */
  readonly validation: number;
  /** Of the stripes, against noise of 60. */
  readonly contrast?: number;
  readonly seed?: number;
}

/** Writes noisy images with stripes along or across, every second one; two images a patient. */
export async function stripeImages(
  folder: ScratchFolder,
  { count, validation, contrast = 60, seed = 1 }: StripeOptions,
): Promise<TrainingImage[]> {
  const stream = new RandomStream(seed);
  const images: TrainingImage[] = [];
  for (let ordinal = 0; ordinal < count; ordinal += 1) {
    const target = ordinal % 2;
    const raw = Uint8Array.from({ length: SIDE * SIDE }, (_, k) => {
      const place = target === 0 ? Math.floor(k / SIDE) : k % SIDE;
      const value = 128 + (place % 4 < 2 ? contrast : -contrast) / 2 + 60 * stream.normal();
      return Math.min(255, Math.max(0, Math.round(value)));
    });
    const png = await sharp(raw, { raw: { width: SIDE, height: SIDE, channels: 1 } })
      .png()
      .toBuffer();
    const uri = `stripes-${seed}-${ordinal}.png`;
    const { sha256 } = folder.file(uri, png);
    const part = ordinal < count - validation ? "train" : "validation";
    images.push({ ordinal, uri, sha256, part, target, patient: Math.floor(ordinal / 2) });
  }
  return images;
}

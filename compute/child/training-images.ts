import type { TrainingRecipe } from "../trainers/recipe.ts";
import { TrainingError } from "../trainers/training-error.ts";
import type { Parent } from "./parent.ts";
import type { ImageFile, TrainingImage } from "./protocol.ts";

/** The images of a training by what they are for. */
export interface TrainingParts {
  readonly train: readonly TrainingImage[];
  readonly validation: readonly TrainingImage[];
}

/**
 * Takes in all pages of a training's images.
 *
 * @throws {TrainingError} TRAINING_TARGET_INVALID
 */
export async function gatherImages(
  pages: ReturnType<Parent["pages"]>,
  recipe: TrainingRecipe,
): Promise<readonly TrainingImage[]> {
  const images: TrainingImage[] = [];
  for await (const page of pages) {
    for (const image of page) {
      if (isTrainingImage(image) && isTarget(image.target, recipe)) images.push(image);
      else {
        throw new TrainingError(
          "TRAINING_TARGET_INVALID",
          `Expected images with targets among ${recipe.classes.length} classes, got one without`,
        );
      }
    }
  }
  return images;
}

function isTrainingImage(image: ImageFile | TrainingImage): image is TrainingImage {
  return "part" in image && "target" in image;
}

function isTarget(target: TrainingImage["target"], { classes, task }: TrainingRecipe): boolean {
  if (typeof target === "number") {
    return task === "exclusive" && Number.isInteger(target) && target >= 0 && target < classes.length;
  }
  const isKnown = (truth: number) => truth === 0 || truth === 1 || truth === -1;
  return task === "multilabel" && target.length === classes.length && target.every(isKnown);
}

/**
 * Sorts images into their parts and holds those to learn from to what learning needs: two images at least, not all of one
 * class; of several findings, one that is both there and absent.
 *
 * @throws {TrainingError} TRAINING_TOO_FEW_IMAGES, TRAINING_ONE_CLASS
 */
export function partsOf(images: readonly TrainingImage[]): TrainingParts {
  const train = images.filter(({ part }) => part === "train");
  const validation = images.filter(({ part }) => part === "validation");
  if (train.length < 2) {
    throw new TrainingError(
      "TRAINING_TOO_FEW_IMAGES",
      `Expected two images to learn from at least, got ${train.length}`,
    );
  }
  if (isOneClass(train)) {
    throw new TrainingError(
      "TRAINING_ONE_CLASS",
      `Expected training images of two classes at least, got ${train.length} of one`,
    );
  }
  return { train, validation };
}

function isOneClass(images: readonly TrainingImage[]): boolean {
  const seen = new Map<number, Set<number>>();
  for (const { target } of images) {
    for (const [k, truth] of (typeof target === "number" ? [target] : target).entries()) {
      if (truth < 0) continue;
      const truths = seen.get(k) ?? new Set();
      seen.set(k, truths.add(truth));
    }
  }
  return ![...seen.values()].some((truths) => truths.size > 1);
}

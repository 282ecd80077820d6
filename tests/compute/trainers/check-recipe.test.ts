import { describe, expect, test } from "vitest";
import { requireRecipe } from "../../../compute/trainers/check-recipe.ts";
import type { TrainingRecipe } from "../../../compute/trainers/recipe.ts";
import { trainingRecipe } from "../../support/training-tasks.ts";

describe("a recipe", () => {
  test("that can be followed passes", () => {
    const recipe = trainingRecipe({
      patience: 3,
      labelSmoothing: 0.1,
      classWeights: [1, 2],
      clipNorm: 1,
      augmentation: { flip: 0.5, rotation: 15, zoom: 0.1, crop: { leastArea: 0.5, leastRatio: 0.75 } },
      schedule: { kind: "plateau", factor: 0.1, patience: 2, floor: 0 },
    });
    expect(() => requireRecipe(recipe)).not.toThrow();
    expect(() => requireRecipe(trainingRecipe({ task: "multilabel", classes: ["one"] }))).not.toThrow();
  });

  test.each<[string, Partial<TrainingRecipe>]>([
    ["one class alone", { classes: ["one"] }],
    ["a class twice", { classes: ["one", "one"] }],
    ["a weight too few", { classWeights: [1] }],
    ["a weight of 0", { classWeights: [1, 0] }],
    ["half a batch", { batch: 0.5 }],
    ["no epochs", { epochs: 0 }],
    ["a learning rate of 0", { learningRate: 0 }],
    ["a learning rate that is no number", { learningRate: Number.NaN }],
    ["all of the target spread", { labelSmoothing: 1 }],
    ["a norm of 0", { clipNorm: 0 }],
    ["a flip above 1", { augmentation: { flip: 1.1 } }],
    ["a zoom of 1", { augmentation: { zoom: 1 } }],
    ["a crop of nothing", { augmentation: { crop: { leastArea: 0 } } }],
    ["a factor above 1", { schedule: { kind: "step", factor: 2, epochs: 1 } }],
    ["a patience of 0", { schedule: { kind: "plateau", factor: 0.5, patience: 0 } }],
    ["a floor above the learning rate", { schedule: { kind: "cosine", floor: 1 } }],
    ["a negative seed", { seed: -1 }],
    ["no steps a call", { stepsPerCall: 0 }],
    // Safe: what comes from outside may name anything.
    ["an unknown architecture", { start: { kind: "architecture", name: "toString" as "resnet18" } }],
  ])("with %s is refused", (_name, change) => {
    expect(() => requireRecipe(trainingRecipe(change))).toThrow(
      expect.objectContaining({ code: "INVALID_PARAM" }),
    );
  });
});

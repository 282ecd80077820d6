import { type Fill, tileOf } from "../../native/index.ts";
import { seedParam } from "../params.ts";
import { mode, STUDY, spaceOfMode } from "./mode.ts";
import { defineTransform } from "./transform.ts";

const grid = {
  kind: "int",
  min: 1,
  max: 64,
  default: 3,
  unit: "tiles",
  doc: "Tiles along each side.",
} as const;

const index = {
  kind: "int",
  min: 0,
  max: 4095,
  unit: "1",
  doc: "Which tile, row by row from 0 at the top left.",
} as const;

/** What is put where pixels were. */
export const fillChoice = {
  kind: "choice",
  choices: ["black", "mean", "noise"],
  meanings: {
    black: "Brightness 0.",
    mean: "The mean of the image.",
    noise: "Normal noise of the image's mean and deviation.",
  },
  default: "black",
  doc: "What is put there. Legacy ignores it and puts the mean grey of ImageNet.",
} as const;

/** Names the noise of a fill. */
export const fillSeed = seedParam("Seed of the noise; each image has its own.");

/** The addon's fill for these parameters; 0 is black as brightness, and the training mean once normalised. */
export function fillOf({ fill, seed }: { readonly fill: string; readonly seed: number }): Fill {
  if (fill === "noise") return { kind: "noise", seed };
  return fill === "mean" ? { kind: "mean" } : { kind: "value", value: 0 };
}

/** Keeps one tile of a grid. */
export const patchKeep = defineTransform({
  id: "patch_keep",
  version: 1,
  doc: "Cuts one tile of a grid out and enlarges it to the size of the image; legacy tiles leave the last rows and columns to none.",
  source: STUDY,
  params: { grid, index, mode },
  example: { grid: 3, index: 4, mode: "corrected" },
  laws: ["preserves-shape", "linear", "batch-free"],
  space: spaceOfMode,
  plan: (params, { rows, cols }) => {
    const legacy = params.mode === "legacy";
    const rectangle = tileOf({ grid: params.grid, index: params.index, legacy }, rows, cols);
    return {
      kind: "pixels",
      steps: [
        { kind: "crop", rectangle },
        { kind: "resize", rows, cols, antialias: !legacy },
      ],
    };
  },
});

/** Blots one tile of a grid out. */
export const patchRemove = defineTransform({
  id: "patch_remove",
  version: 1,
  doc: "Blots one tile of a grid out.",
  source: STUDY,
  params: { grid, index, fill: fillChoice, seed: fillSeed, mode },
  example: { grid: 3, index: 4, fill: "black", seed: 0, mode: "corrected" },
  laws: ["preserves-shape", "idempotent", "batch-free"],
  space: spaceOfMode,
  plan: (params, { rows, cols }) => {
    const legacy = params.mode === "legacy";
    const rectangle = tileOf({ grid: params.grid, index: params.index, legacy }, rows, cols);
    const fill = legacy ? ({ kind: "value", value: 0 } as const) : fillOf(params);
    return { kind: "pixels", steps: [{ kind: "patch", mode: "remove", rectangle, fill }] };
  },
});

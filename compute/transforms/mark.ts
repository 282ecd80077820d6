import { markOf } from "../controls/marks.ts";
import { seedParam } from "../params.ts";
import { defineTransform, type TransformBatch } from "./transform.ts";

const MIDDLE = 0.5;
/** Brightness that one standard deviation of a mark makes. */
const CONTRAST = 0.08;

/** Draws a mark into each image, brighter or darker by chance: what a positive control must find. */
export const mark = defineTransform({
  id: "mark",
  version: 1,
  doc: "Replaces a square in the upper left corner by one grey that is drawn for each image about one of two means: a signal of known strength.",
  source: "Green & Swets 1966, Signal Detection Theory and Psychophysics, section 3.2.4",
  params: {
    seed: seedParam(
      "Seed; the same image and seed have the same mark in any batch, and the attribute `marked:SEED` tells its kind.",
    ),
    strength: {
      kind: "float",
      min: 0,
      max: 6,
      default: 3,
      unit: "standard deviations",
      doc: "Distance of the two means, d': no observer's AUC exceeds Phi(d' / sqrt 2).",
    },
    size: {
      kind: "float",
      min: 0.01,
      max: 1,
      default: 0.15,
      unit: "share of the side",
      doc: "Side of the square.",
    },
  },
  example: { seed: 1, strength: 3, size: 0.15 },
  laws: ["preserves-shape", "idempotent", "batch-free"],
  space: () => "brightness",
  plan: (params) => ({ kind: "batch", apply: (batch) => drawMarks(batch, params) }),
});

function drawMarks(
  { pixels, count, planes, rows, cols, imageNumbers }: TransformBatch,
  { seed, strength, size }: { readonly seed: number; readonly strength: number; readonly size: number },
): Float32Array {
  const within = (side: number) => Math.min(side, Math.max(1, Math.round(size * side)));
  const [height, width] = [within(rows), within(cols)];
  for (let plane = 0; plane < count * planes; plane += 1) {
    const number = imageNumbers[Math.floor(plane / planes)]!; // safe: one an image
    const grey = MIDDLE + CONTRAST * markOf(seed, number, strength).deviate;
    for (let row = 0; row < height; row += 1) {
      const start = (plane * rows + row) * cols;
      pixels.fill(grey, start, start + width);
    }
  }
  return pixels;
}

import { ComputeError } from "../errors.ts";
import { STUDY } from "./mode.ts";
import { fillChoice, fillOf, fillSeed } from "./tile.ts";
import { defineTransform } from "./transform.ts";

const share = (doc: string) => ({ kind: "float", min: 0, max: 1, unit: "share of the side", doc }) as const;

const keep = {
  kind: "choice",
  choices: ["remove", "keep"],
  meanings: { remove: "The rectangle goes.", keep: "All else goes." },
  default: "remove",
  doc: "Whether the rectangle is blotted out, or all else.",
} as const;

/** Blots a rectangle out, or all but it. */
export const rectanglePatch = defineTransform({
  id: "rectangle",
  version: 1,
  doc: "Blots out a rectangle given in shares of the image, or everything but it.",
  source: STUDY,
  params: {
    top: share("Upper edge, 0 at the top."),
    left: share("Left edge, 0 at the left."),
    bottom: share("Lower edge."),
    right: share("Right edge."),
    what: keep,
    fill: fillChoice,
    seed: fillSeed,
  },
  example: { top: 0.25, left: 0.25, bottom: 0.5, right: 0.75, what: "remove", fill: "black", seed: 0 },
  laws: ["preserves-shape", "idempotent", "batch-free"],
  space: () => "brightness",
  plan: (params, { rows, cols }) => {
    const row = Math.round(params.top * rows);
    const col = Math.round(params.left * cols);
    const rectangle = {
      row,
      col,
      rows: Math.round(params.bottom * rows) - row,
      cols: Math.round(params.right * cols) - col,
    };
    if (rectangle.rows < 1 || rectangle.cols < 1) {
      throw new ComputeError(
        "INVALID_PARAM",
        `Expected a rectangle of at least one pixel at ${rows} x ${cols}, got ${rectangle.rows} x ${rectangle.cols}; move its edges apart`,
      );
    }
    const patch = { kind: "patch", mode: params.what, rectangle, fill: fillOf(params) } as const;
    return { kind: "pixels", steps: [patch] };
  },
});

/** Blots a square at a random place out, or all but it. */
export const randomSquare = defineTransform({
  id: "random_square",
  version: 1,
  doc: "Blots out a square of a given share of the area at a place drawn for each image, or everything but it.",
  source: STUDY,
  params: {
    area: {
      kind: "float",
      min: 0.0001,
      max: 1,
      default: 0.2,
      unit: "share of the area",
      doc: "Area of the square; the study took a fifth.",
    },
    what: keep,
    fill: fillChoice,
    seed: { ...fillSeed, doc: "Seed of the places and of the noise; each image has its own." },
  },
  example: { area: 0.2, what: "remove", fill: "black", seed: 1 },
  laws: ["preserves-shape", "batch-free"],
  space: () => "brightness",
  plan: ({ area, what, fill, seed }, { rows, cols }) => {
    const side = Math.sqrt(area * rows * cols);
    const within = (most: number) => Math.min(most, Math.max(1, Math.round(side)));
    return {
      kind: "pixels",
      steps: [
        {
          kind: "random-patch",
          mode: what,
          rows: within(rows),
          cols: within(cols),
          fill: fillOf({ fill, seed }),
          seed,
        },
      ],
    };
  },
});

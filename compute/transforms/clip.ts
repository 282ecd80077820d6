import { mode, STUDY, spaceOfMode } from "./mode.ts";
import { defineTransform } from "./transform.ts";

/** Flattens bright pixels: the study's way of taking bone away. */
export const clip = defineTransform({
  id: "clip",
  version: 1,
  doc: "Flattens what is brighter than a ceiling, such as bone; legacy clips normalised values, where 0.6 is a brightness of 0.54 to 0.62.",
  source: STUDY,
  params: {
    ceiling: {
      kind: "float",
      min: -10,
      max: 10,
      default: 0.6,
      unit: "brightness, or normalised value in legacy",
      doc: "The largest value left.",
    },
    mode,
  },
  example: { ceiling: 0.6, mode: "corrected" },
  laws: ["preserves-shape", "idempotent", "batch-free"],
  space: spaceOfMode,
  plan: ({ ceiling }) => ({
    kind: "pixels",
    steps: [{ kind: "clip", low: Number.NEGATIVE_INFINITY, high: ceiling }],
  }),
});

import { STUDY } from "./mode.ts";
import { defineTransform } from "./transform.ts";

/** Lowers the resolution and keeps the size. */
export const resolution = defineTransform({
  id: "resolution",
  version: 1,
  doc: "Reduces the image to a square of a few pixels and enlarges it to its size again, both bilinear and antialiased.",
  source: STUDY,
  params: {
    side: {
      kind: "int",
      min: 1,
      max: 4096,
      unit: "pixels",
      doc: "Side of the small square; the study went from 1 to 320.",
    },
  },
  example: { side: 16 },
  laws: ["preserves-shape", "linear", "batch-free"],
  space: () => "brightness",
  plan: ({ side }) => ({ kind: "pixels", steps: [{ kind: "reduce", side }] }),
});

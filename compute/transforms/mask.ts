import { STUDY } from "./mode.ts";
import { fillChoice, fillOf, fillSeed } from "./tile.ts";
import { defineTransform } from "./transform.ts";

/** Blots the region of a mask out of each image, or all but it. */
export const mask = defineTransform({
  id: "mask",
  version: 1,
  doc: "Blots out the region of a mask that the dataset has for each image, lungs say, or everything but it.",
  source: STUDY,
  params: {
    name: {
      kind: "name",
      doc: "Which masks of the dataset; `stratum import masks` adds them.",
    },
    what: {
      kind: "choice",
      choices: ["remove", "keep"],
      meanings: { remove: "The region goes.", keep: "All else goes." },
      default: "remove",
      doc: "Whether the region is blotted out, or all else.",
    },
    fill: { ...fillChoice, doc: "What is put there." },
    seed: fillSeed,
  },
  example: { name: "lung", what: "keep", fill: "black", seed: 0 },
  laws: ["preserves-shape", "linear", "idempotent", "batch-free"],
  space: () => "brightness",
  masks: ({ name }) => [name],
  plan: (params) => ({ kind: "mask", name: params.name, mode: params.what, fill: fillOf(params) }),
});

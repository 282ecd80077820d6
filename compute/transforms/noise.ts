import { seedParam } from "../params.ts";
import { mode, STUDY } from "./mode.ts";
import { defineTransform } from "./transform.ts";

/** Adds normal noise. */
export const noise = defineTransform({
  id: "noise",
  version: 1,
  doc: "Adds normal noise, without clamping; corrected draws a field for each image, legacy one field for all.",
  source: STUDY,
  params: {
    deviation: {
      kind: "float",
      min: 0,
      max: 10,
      default: 0.1,
      unit: "brightness",
      doc: "Standard deviation of the noise.",
    },
    seed: seedParam("Seed; the same image and seed have the same noise in any batch."),
    mode,
  },
  example: { deviation: 0.1, seed: 1, mode: "corrected" },
  laws: ["preserves-shape", "batch-free"],
  space: () => "brightness",
  plan: ({ deviation, seed, mode: chosen }) => ({
    kind: "pixels",
    steps: [{ kind: "noise", deviation, seed }],
    sharedChance: chosen === "legacy",
  }),
});

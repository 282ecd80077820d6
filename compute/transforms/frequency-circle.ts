import type { FrequencyFilter } from "../../native/index.ts";
import { mode, STUDY, spaceOfMode } from "./mode.ts";
import { defineTransform } from "./transform.ts";

const given = {
  kind: "choice",
  choices: ["radius", "diameter"],
  meanings: { radius: "As the study's code.", diameter: "As the study's text: twice the radius." },
  default: "radius",
  doc: "What the number measures: the study calls it a diameter, its code uses it as a radius.",
} as const;

const radius = {
  kind: "float",
  min: 0,
  max: 65_536,
  unit: "frequency bins",
  doc: "Size of the circle in the shifted spectrum; a bin passes when its distance from the centre is below it.",
} as const;

function circle(id: "low_pass" | "high_pass", kind: "low" | "high", doc: string) {
  return defineTransform({
    id,
    version: 1,
    doc,
    source: STUDY,
    params: { radius, measure: given, mode },
    example: { radius: 25, measure: "radius", mode: "corrected" },
    // Not idempotent: at odd sizes the centre lies between bins, and the real part halves unpaired ones.
    laws: ["preserves-shape", "linear", "batch-free"],
    space: spaceOfMode,
    plan: ({ radius: size, measure }) => {
      const filter: FrequencyFilter = { kind, radius: measure === "diameter" ? size / 2 : size };
      return { kind: "frequency", filter };
    },
  });
}

/** Keeps the circle of low frequencies. */
export const lowPass = circle(
  "low_pass",
  "low",
  "Keeps the spatial frequencies inside a circle and removes the rest; 1 keeps the mean brightness alone.",
);

/** Keeps what lies outside the circle. */
export const highPass = circle(
  "high_pass",
  "high",
  "Removes the spatial frequencies inside a circle, the mean brightness among them, and keeps the rest.",
);

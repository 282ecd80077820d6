import { ComputeError } from "../errors.ts";
import { mode, STUDY, spaceOfMode } from "./mode.ts";
import { defineTransform } from "./transform.ts";

const inner = {
  kind: "float",
  min: 0,
  max: 65_536,
  unit: "frequency bins",
  doc: "Inner radius of the ring; its own distance is inside.",
} as const;

const outer = {
  kind: "float",
  min: 0,
  max: 65_536,
  unit: "frequency bins",
  doc: "Outer radius of the ring; its own distance is outside.",
} as const;

function ring(id: "band_pass" | "notch", kind: "band" | "notch", doc: string) {
  return defineTransform({
    id,
    version: 1,
    doc,
    source: STUDY,
    params: { inner, outer, mode },
    example: { inner: 10, outer: 25, mode: "corrected" },
    // Not idempotent: at odd sizes the centre lies between bins, and the real part halves unpaired ones.
    laws: ["preserves-shape", "linear", "batch-free"],
    space: spaceOfMode,
    plan: (params) => {
      if (params.inner > params.outer) {
        throw new ComputeError(
          "INVALID_PARAM",
          `Expected inner not above outer, got ${params.inner} and ${params.outer}; swap them`,
        );
      }
      return { kind: "frequency", filter: { kind, inner: params.inner, outer: params.outer } };
    },
  });
}

/** Keeps a ring of frequencies. */
export const bandPass = ring(
  "band_pass",
  "band",
  "Keeps the spatial frequencies of a ring and removes the rest, the mean brightness among them.",
);

/** Removes a ring of frequencies. */
export const notch = ring("notch", "notch", "Removes the spatial frequencies of a ring and keeps the rest.");

import { defineTransform } from "./transform.ts";

/** Stretches a range of brightness to the whole, as a radiologist's window does. */
export const window = defineTransform({
  id: "window",
  version: 1,
  doc: "Stretches a window of brightness to black and white; what lies outside becomes black or white.",
  source:
    "DICOM PS3.3 C.11.2.1.2.1, linear exact; Lotter 2024, doi:10.1038/s41467-024-52003-3, varied its width",
  params: {
    centre: {
      kind: "float",
      min: 0,
      max: 1,
      default: 0.5,
      unit: "brightness",
      doc: "What becomes middle grey.",
    },
    width: {
      kind: "float",
      min: 0.001,
      max: 4,
      unit: "brightness",
      doc: "From what becomes black to what becomes white; 1 about 0.5 changes nothing.",
    },
  },
  example: { centre: 0.5, width: 0.8 },
  laws: ["preserves-shape", "batch-free"],
  space: () => "brightness",
  plan: ({ centre, width }) => ({
    kind: "pixels",
    steps: [
      { kind: "rescale", slope: 1 / width, intercept: 0.5 - centre / width },
      { kind: "clip", low: 0, high: 1 },
    ],
  }),
});

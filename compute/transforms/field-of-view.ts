import { defineTransform } from "./transform.ts";

/** Cuts the middle of the image out and enlarges it: a smaller field of view. */
export const fieldOfView = defineTransform({
  id: "field_of_view",
  version: 1,
  doc: "Cuts the middle of the image out and enlarges it to the size of the image, bilinear and antialiased.",
  source: "Lotter 2024, doi:10.1038/s41467-024-52003-3: resized to 224 to 269 pixels and cropped to 224",
  params: {
    share: {
      kind: "float",
      min: 0.05,
      max: 1,
      unit: "share of the side",
      doc: "How much of each side stays, to the nearest pixel; 1 changes nothing.",
    },
  },
  example: { share: 0.9 },
  laws: ["preserves-shape", "linear", "batch-free"],
  space: () => "brightness",
  plan: ({ share }, { rows, cols }) => {
    const kept = { rows: Math.max(1, Math.round(share * rows)), cols: Math.max(1, Math.round(share * cols)) };
    const rectangle = {
      row: Math.floor((rows - kept.rows) / 2),
      col: Math.floor((cols - kept.cols) / 2),
      ...kept,
    };
    return {
      kind: "pixels",
      steps: [
        { kind: "crop", rectangle },
        { kind: "resize", rows, cols, antialias: true },
      ],
    };
  },
});

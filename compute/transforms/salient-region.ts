import { ComputeError } from "../errors.ts";
import { parseSaliency } from "../onnx/saliency/saliency-method.ts";
import { STUDY } from "./mode.ts";
import { defineTransform } from "./transform.ts";

const methods = { class_activation: "class-activation", grad_cam: "grad-cam" } as const;

/** Paints black what the model's own map of each image marks. Evaluations carry it out, since it takes the model. */
export const salientRegion = defineTransform({
  id: "salient_region",
  version: 1,
  doc: "Paints black, in each image, what the evaluated model's own map of it marks; the last of a chain, in evaluations only.",
  source: STUDY,
  params: {
    method: {
      kind: "choice",
      choices: ["class_activation", "grad_cam"],
      meanings: {
        class_activation: "For models that end in a mean over the image and one linear layer.",
        grad_cam: "For any model with layers of features.",
      },
      default: "class_activation",
      doc: "How the map is made, of the class that the model gives the highest score.",
    },
    threshold: {
      kind: "float",
      min: 0.001,
      max: 1,
      default: 0.1,
      unit: "share of the map's largest value",
      doc: "From which value of the map on a pixel is blotted out.",
    },
    shape: {
      kind: "choice",
      choices: ["region", "box"],
      meanings: {
        region: "The pixels above the threshold.",
        box: "The smallest rectangle around all of them, as the study's code does.",
      },
      default: "region",
      doc: "What is painted.",
    },
    place: {
      kind: "choice",
      choices: ["salient", "elsewhere"],
      meanings: {
        salient: "Where the map says.",
        elsewhere: "The same shape moved to where the map is lowest: a control.",
      },
      default: "salient",
      doc: "Where it is painted.",
    },
  },
  example: { method: "class_activation", threshold: 0.1, shape: "region", place: "salient" },
  laws: ["preserves-shape", "batch-free"],
  // After all else: what the model sees is what its map is of.
  space: () => "normalised",
  occlusion: ({ method, ...rest }) => ({ saliency: parseSaliency({ method: methods[method] }), ...rest }),
  plan: () => ({
    kind: "batch",
    apply: () => {
      throw new ComputeError(
        "INVALID_PARAM",
        "Expected a chain without salient_region, which takes the evaluated model, got one with it; it is for evaluations",
      );
    },
  }),
});

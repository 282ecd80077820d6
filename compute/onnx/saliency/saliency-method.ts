import { ComputeError } from "../../errors.ts";
import { type ParamSpecs, parseParams } from "../../params.ts";

/** How a map of what an image's places do to a class's score is made. */
export const saliencyMethods = [
  "class-activation",
  "gradient",
  "smoothgrad",
  "grad-cam",
  "segmentation",
] as const;
export type SaliencyMethod = (typeof saliencyMethods)[number];

/** What each method is, with its source; for help and documentation. */
export const saliencyNotes: Readonly<Record<SaliencyMethod, string>> = {
  "class-activation":
    "last features times the class's weights, for models that end in a mean and a linear layer (Zhou et al. 2016, doi:10.1109/CVPR.2016.319)",
  gradient:
    "derivative of the class's score by each pixel of the model's input (Simonyan et al. 2014, arXiv:1312.6034)",
  smoothgrad:
    "mean of that derivative over noisy copies of the image (Smilkov et al. 2017, arXiv:1706.03825)",
  "grad-cam":
    "features weighted by their mean derivative, where positive (Selvaraju et al. 2017, doi:10.1109/ICCV.2017.74)",
  segmentation: "share that the class has of each pixel, for models that give a map a class",
};

/** What a picture of each is called. */
export const saliencyTitles: Readonly<Record<SaliencyMethod, string>> = {
  "class-activation": "Class activation",
  gradient: "Gradient",
  smoothgrad: "SmoothGrad",
  "grad-cam": "Grad-CAM",
  segmentation: "Segmentation",
};

/** A method with its parameters, in canonical form: what does not belong to the method is absent. */
export type SaliencySpec =
  | { readonly method: "class-activation" | "gradient" | "segmentation" }
  | {
      readonly method: "smoothgrad";
      /** Noisy copies of each image. */
      readonly samples: number;
      /** Deviation of the noise as a share of the range of the image. */
      readonly noise: number;
      readonly seed: number;
    }
  | {
      readonly method: "grad-cam";
      /** Name of a value or operator that holds features; absent: the last ones before the image's mean. */
      readonly layer?: string;
    };

/** Whether a method takes a derivative of the model. */
export function differentiates({ method }: Pick<SaliencySpec, "method">): boolean {
  return method !== "class-activation" && method !== "segmentation";
}

/** As requests word it. */
export interface SaliencyRequest {
  readonly method?: SaliencyMethod | null | undefined;
  readonly samples?: number | null | undefined;
  readonly noise?: number | null | undefined;
  readonly seed?: number | null | undefined;
  readonly layer?: string | null | undefined;
}

/** Parameters of SmoothGrad; its paper takes 50 copies and finds noise of 10 to 20 percent best. */
export const smoothGradParams = {
  samples: {
    kind: "int",
    min: 1,
    max: 1_000,
    default: 25,
    unit: "copies",
    doc: "Noisy copies of each image.",
  },
  noise: {
    kind: "float",
    min: 0,
    max: 1,
    default: 0.15,
    unit: "1",
    doc: "Deviation of the noise, as a share of the range of the model's input.",
  },
  seed: { kind: "int", min: 0, max: 2 ** 31 - 1, default: 0, unit: "1", doc: "Seed of the noise." },
} as const satisfies ParamSpecs;

const LONGEST_NAME = 300;

/**
 * Brings a request into its canonical form.
 *
 * @throws {ComputeError} INVALID_PARAM for a parameter out of range, or of another method
 */
export function parseSaliency({ method, layer, ...numbers }: SaliencyRequest): SaliencySpec {
  const chosen = method ?? "class-activation";
  const given = Object.fromEntries(Object.entries(numbers).filter(([, value]) => value != null));
  if (layer != null && chosen !== "grad-cam") throw notOf(chosen, "layer");
  const [first] = Object.keys(given);
  if (first !== undefined && chosen !== "smoothgrad") throw notOf(chosen, first);
  if (chosen === "smoothgrad") return { method: chosen, ...parseParams(smoothGradParams, given) };
  if (chosen !== "grad-cam") return { method: chosen };
  if (layer != null && (layer === "" || layer.length > LONGEST_NAME || /\p{Cc}/u.test(layer))) {
    throw new ComputeError(
      "INVALID_PARAM",
      `Expected the name of a layer of the model, of 1 to ${LONGEST_NAME} characters, got another`,
    );
  }
  return { method: chosen, ...(layer == null ? {} : { layer }) };
}

function notOf(method: SaliencyMethod, name: string): ComputeError {
  return new ComputeError("INVALID_PARAM", `Expected no ${name} for ${method}, got one; leave it out`);
}

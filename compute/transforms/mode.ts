import type { PixelSpace } from "./transform.ts";

/** Every transform that the study's code does otherwise than its words say has this parameter. */
export const mode = {
  kind: "choice",
  choices: ["corrected", "legacy"],
  meanings: {
    corrected: "What the study's text says.",
    legacy: "What the study's published code does, to the bit.",
  },
  default: "corrected",
  doc: "Whether to do what the study's text says or what its published code does.",
} as const;

/** The study's code works after normalisation; what its words describe acts on brightness. */
export function spaceOfMode({ mode: chosen }: { readonly mode: string }): PixelSpace {
  return chosen === "legacy" ? "normalised" : "brightness";
}

/** The paper and the published code that legacy reproduces. */
export const STUDY =
  "Gichoya et al. 2022, Lancet Digital Health 4(6):e406-e414, doi:10.1016/S2589-7500(22)00063-2";

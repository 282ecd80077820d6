import { normalCdf } from "../../distributions.ts";
import { type ImagePhantomSpec, PATIENT_SHARE } from "./phantom-patients.ts";
import type { PlantedPattern } from "./planted-pattern.ts";

/**
 * The AUC that no observer of these images can exceed, and that the matched filter attains.
 *
 * An image depends on the attribute through t alone, and its inner product with the pattern tells t; for two normals
 * of unit variance at distance d' the AUC is Phi(d' / sqrt 2) (Green & Swets 1966, Signal Detection Theory, section
 * 3.2.4). The mean over n images of a patient has variance s + (1 - s) / n, s the share that they have in common. A
 * confounder is the patient's and more images add nothing; nothing planted, or nothing that shows, is one half.
 *
 * Ages are whole years from 18 to 90, which costs the age confounder less than 0.002.
 *
 * @param unit - image, or patient: the mean score of the patient's images.
 */
export function idealAuc(
  { planted, strength, imagesPerPatient }: ImagePhantomSpec,
  unit: "image" | "patient" = "image",
): number {
  if (planted.kind === "none" || planted.kind === "hidden") return 0.5;
  const images = unit === "patient" && planted.kind !== "confounder" ? imagesPerPatient : 1;
  const variance = PATIENT_SHARE + (1 - PATIENT_SHARE) / images;
  return normalCdf(strength / Math.sqrt(2 * variance));
}

/**
 * The matched filter: t as an image shows it, up to the rounding to 256 grey levels.
 *
 * @param pixels - brightness from 0 to 1, as many as the pattern has.
 */
export function matchedFilter({ pattern, base, gain }: PlantedPattern, pixels: Float64Array): number {
  let product = 0;
  // `!`: both have one value a pixel.
  for (let pixel = 0; pixel < pattern.length; pixel += 1) product += pattern[pixel]! * pixels[pixel]!;
  return (product - base) / gain;
}

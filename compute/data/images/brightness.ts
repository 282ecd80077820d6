import type { PixelStep } from "../../../native/index.ts";
import type { DecodedImage } from "./decoded-image.ts";

/**
 * The steps that bring an image's recorded values to brightness, 0 black and 1 white, for `transformPixels`. Values
 * outside black and white are cut off, as a display does.
 */
export function brightnessSteps({
  black,
  white,
}: Pick<DecodedImage, "black" | "white">): readonly PixelStep[] {
  const range = white - black;
  return [
    { kind: "rescale", slope: 1 / range, intercept: -black / range },
    { kind: "clip", low: 0, high: 1 },
  ];
}

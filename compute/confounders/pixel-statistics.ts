import type { DecodedImage } from "../data/images/decoded-image.ts";
import { ComputeError } from "../errors.ts";
import type { FeatureColumn } from "./feature-columns.ts";

/** Numbers about an image's grey levels; where they lie in the image plays no part. */
export type PixelStatistic =
  /** Share of the pixels in each of so many equal parts of the brightness from 0 to 1. */
  | { readonly kind: "histogram"; readonly bins: number }
  /** For each threshold the mean brightness of the pixels that are brighter; 0 where none is. */
  | { readonly kind: "thresholds"; readonly thresholds: readonly number[] };

/** Names of the numbers, in order. */
export function statisticNames(statistic: PixelStatistic): readonly string[] {
  if (statistic.kind === "histogram") {
    return Array.from({ length: statistic.bins }, (_, bin) => `pixels in bin ${bin} of ${statistic.bins}`);
  }
  return statistic.thresholds.map((threshold) => `mean of pixels above ${threshold}`);
}

/** @throws {ComputeError} INVALID_PARAM for bins or thresholds out of range. */
export function requireStatistic(statistic: PixelStatistic): void {
  const isFit =
    statistic.kind === "histogram"
      ? Number.isInteger(statistic.bins) && statistic.bins >= 2 && statistic.bins <= 65_536
      : statistic.thresholds.length > 0 && statistic.thresholds.every((one) => one >= 0 && one < 1);
  if (isFit) return;
  throw new ComputeError(
    "INVALID_PARAM",
    "Expected 2 to 65536 bins, or thresholds from 0 to below 1, got others; change them",
  );
}

/** The numbers of one image, in the order of `statisticNames`; brightness is cut off at black and white. */
export function pixelStatistics(
  { pixels, black, white }: Pick<DecodedImage, "pixels" | "black" | "white">,
  statistic: PixelStatistic,
): Float64Array {
  const numbers = new Float64Array(statisticNames(statistic).length);
  const slope = 1 / (white - black);
  const { length } = pixels;
  const counts = new Float64Array(numbers.length);
  // `!`: indices within the pixels and the numbers.
  for (let i = 0; i < length; i += 1) {
    const brightness = Math.min(1, Math.max(0, (pixels[i]! - black) * slope));
    if (statistic.kind === "histogram") {
      numbers[Math.min(statistic.bins - 1, Math.floor(brightness * statistic.bins))]! += 1 / length;
      continue;
    }
    for (let place = 0; place < statistic.thresholds.length; place += 1) {
      if (!(brightness > statistic.thresholds[place]!)) continue;
      counts[place]! += 1;
      numbers[place]! += brightness;
    }
  }
  if (statistic.kind === "thresholds") {
    for (let place = 0; place < numbers.length; place += 1) numbers[place]! /= Math.max(1, counts[place]!);
  }
  return numbers;
}

/** The numbers of all rows as columns; NaN where a row has none yet. */
export function emptyStatistics(
  statistic: PixelStatistic,
  rows: number,
): readonly (FeatureColumn & { readonly kind: "number" })[] {
  return statisticNames(statistic).map((name) => ({
    name,
    kind: "number",
    values: new Float64Array(rows).fill(Number.NaN),
  }));
}

import { normalCdf } from "../distributions.ts";
import { RandomStream } from "../random.ts";

const STREAM = 22 * 2 ** 40;

/** What is drawn into one image as a mark. */
export interface Mark {
  /** 1: of the brighter kind, 0: of the darker. */
  readonly level: 0 | 1;
  /** Normal with standard deviation 1 about +strength / 2 or -strength / 2 by level. */
  readonly deviate: number;
}

/**
 * The mark of one image: a function of seed, image and strength, so that what draws it and what knows the truth of it
 * need not tell each other. Each level is as likely.
 *
 * @param strength - distance of the levels' means in standard deviations
 */
export function markOf(seed: number, imageNumber: number, strength: number): Mark {
  const chance = new RandomStream(seed, STREAM + imageNumber);
  const level = chance.uniform() < 0.5 ? 0 : 1;
  return { level, deviate: (level - 0.5) * strength + chance.normal() };
}

/** The level of the mark of images 0 to count - 1. */
export function markLevelsOf(count: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, image) => markOf(seed, image, 0).level);
}

/**
 * The AUC that no observer of a mark can exceed: its brightness is all that tells the level, and is normal with one
 * variance for both (Green & Swets 1966, Signal Detection Theory, section 3.2.4).
 */
export function idealMarkAuc(strength: number): number {
  return normalCdf(strength / Math.SQRT2);
}

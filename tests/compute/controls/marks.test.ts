import { describe, expect, test } from "vitest";
import {
  controlAttributeName,
  idealMarkAuc,
  markLevelsOf,
  parseChain,
  parseControlAttribute,
  prepareModelInput,
} from "../../../compute/index.ts";

const IMAGES = 600;
const SIDE = 20;

/** Images of one grey after the mark, as brightness. */
async function marked(params: Readonly<Record<string, unknown>>, imageNumbers: Uint32Array) {
  const batch = {
    pixels: new Float32Array(imageNumbers.length * SIDE * SIDE).fill(0.25),
    count: imageNumbers.length,
    planes: 1,
    rows: SIDE,
    cols: SIDE,
    imageNumbers,
  };
  const normalisation = { planes: 1, scale: 1, mean: [0], deviation: [1] };
  return (await prepareModelInput(batch, parseChain([{ id: "mark", params }]), normalisation)).pixels;
}

const all = Uint32Array.from({ length: IMAGES }, (_, image) => image);
const greyOf = (pixels: Float32Array, image: number) => pixels[image * SIDE * SIDE] ?? Number.NaN;

/** Every pair counted. */
function pairAuc(scores: readonly number[], levels: Uint8Array): number {
  let [wins, pairs] = [0, 0];
  for (const [i, score] of scores.entries()) {
    for (const [j, other] of scores.entries()) {
      if (levels[i] !== 1 || levels[j] !== 0) continue;
      pairs += 1;
      wins += score > other ? 1 : 0;
    }
  }
  return wins / pairs;
}

describe("a planted mark", () => {
  test("tells its kind as well as its strength says, and no better", async () => {
    const levels = markLevelsOf(IMAGES, 3);
    for (const strength of [1, 3]) {
      const pixels = await marked({ seed: 3, strength }, all);
      const greys = Array.from(all, (image) => greyOf(pixels, image));
      // Three standard errors of 300 against 300 at most; the seed is fixed.
      expect(Math.abs(pairAuc(greys, levels) - idealMarkAuc(strength))).toBeLessThan(3 * 0.021);
    }
    expect(idealMarkAuc(3)).toBeCloseTo(0.983, 3);
    expect(idealMarkAuc(0)).toBe(0.5);
  });

  test("of no strength tells nothing", async () => {
    const pixels = await marked({ seed: 3, strength: 0 }, all);
    const greys = Array.from(all, (image) => greyOf(pixels, image));
    expect(Math.abs(pairAuc(greys, markLevelsOf(IMAGES, 3)) - 0.5)).toBeLessThan(3 * 0.024);
  });

  test("is a square of one grey in the corner, and all else is as it was", async () => {
    const pixels = await marked({ seed: 3, size: 0.2 }, all.subarray(0, 1));
    const grey = greyOf(pixels, 0);
    for (const [place, value] of pixels.entries()) {
      const isInside = Math.floor(place / SIDE) < 4 && place % SIDE < 4;
      expect(value).toBe(isInside ? grey : 0.25);
    }
  });

  test("is that of the image, whatever batch it comes in", async () => {
    const [together, alone] = [await marked({ seed: 3 }, all), await marked({ seed: 3 }, Uint32Array.of(41))];
    expect(greyOf(alone, 0)).toBe(greyOf(together, 41));
    expect(greyOf(await marked({ seed: 4 }, Uint32Array.of(41)), 0)).not.toBe(greyOf(alone, 0));
  });

  test("is of either kind as often", () => {
    const bright = markLevelsOf(10_000, 1).reduce((sum, level) => sum + level, 0);
    expect(Math.abs(bright - 5_000)).toBeLessThan(3 * 50);
  });
});

describe("the names of control attributes", () => {
  test.each([
    { kind: "shuffled", seed: 2021, attribute: "race" },
    { kind: "shuffled", seed: 0, attribute: "finding:No Finding" },
    { kind: "marked", seed: Number.MAX_SAFE_INTEGER },
  ] as const)("%o read back", (control) => {
    expect(parseControlAttribute(controlAttributeName(control))).toEqual(control);
  });

  test.each([
    "race",
    "shuffled",
    "shuffled:race",
    "shuffled:1:",
    "shuffled:1",
    "marked:1:race",
    "marked:",
    "marked:99999999999999999",
    "xmarked:1",
  ])("%j is the name of no control", (name) => expect(parseControlAttribute(name)).toBeUndefined());
});

import { type PixelStep, transformPixels } from "../../native/index.ts";
import { brightnessSteps } from "../data/images/brightness.ts";
import type { DecodedImage } from "../data/images/decoded-image.ts";
import { placeWithin } from "../data/images/place-within.ts";
import type { Preprocessing } from "../onnx/preprocessing.ts";

/**
 * Brings one image to a model's size and brightness (or, raw, its recorded values). Takes the image's pixels.
 *
 * @param into - length rows * cols of the preprocessing record; written over.
 * @throws {KernelError} BAD_IMAGE_SHAPE, OUT_OF_MEMORY
 */
export async function fitImage(
  image: DecodedImage,
  preprocessing: Preprocessing,
  into: Float32Array,
): Promise<void> {
  const { rows, cols, intensity, resize, antialias } = preprocessing;
  const inner = resize === "pad" ? placeWithin(image, preprocessing) : { rows, cols, top: 0, left: 0 };
  const isSame = inner.rows === image.rows && inner.cols === image.cols;
  const isWhole = inner.rows === rows && inner.cols === cols;
  if (isSame && isWhole) {
    if (intensity === "raw") into.set(image.pixels);
    else brighten(image.pixels, rangeOf(image, intensity), into);
    return;
  }
  const steps: PixelStep[] = intensity === "raw" ? [] : [...brightnessSteps(rangeOf(image, intensity))];
  // Resizing is an average, so it commutes with the scale; brightness first keeps the cut at black and white exact.
  if (!isSame) steps.push({ kind: "resize", rows: inner.rows, cols: inner.cols, antialias });
  if (steps.length === 0) steps.push({ kind: "rescale", slope: 1, intercept: 0 });
  const { pixels } = await transformPixels(
    { pixels: image.pixels, count: 1, rows: image.rows, cols: image.cols },
    steps,
    { threads: 1, ownership: "take" },
  );
  if (isWhole) {
    into.set(pixels);
    return;
  }
  into.fill(intensity === "raw" ? image.black : 0);
  const { top, left } = inner;
  for (let row = 0; row < inner.rows; row++) {
    into.set(pixels.subarray(row * inner.cols, (row + 1) * inner.cols), (top + row) * cols + left);
  }
}

/** Brightness of every byte. */
const fullRange = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/** What `brightnessSteps` say, here: a call of the addon for one small image costs ten times its work. */
function brighten(
  pixels: DecodedImage["pixels"],
  { black, white }: { readonly black: number; readonly white: number },
  into: Float32Array,
): void {
  const slope = 1 / (white - black);
  const cut = (value: number) => (value < 0 ? 0 : value > 1 ? 1 : value);
  // `!` in these loops: indexes below the lengths, and of a byte below 256.
  if (pixels instanceof Uint8Array) {
    const table =
      black === 0 && white === 255 ? fullRange : fullRange.map((_, byte) => cut((byte - black) * slope));
    for (let i = 0; i < pixels.length; i += 1) into[i] = table[pixels[i]!]!;
  } else {
    for (let i = 0; i < pixels.length; i += 1) into[i] = cut((pixels[i]! - black) * slope);
  }
}

/** What is black and what is white: the file's word for it, or the image's own extremes. */
function rangeOf(
  image: DecodedImage,
  intensity: Preprocessing["intensity"],
): { readonly black: number; readonly white: number } {
  if (intensity !== "min-max") return image;
  let black = Number.POSITIVE_INFINITY;
  let white = Number.NEGATIVE_INFINITY;
  for (const pixel of image.pixels) {
    if (pixel < black) black = pixel;
    if (pixel > white) white = pixel;
  }
  // One value everywhere: black.
  return black < white ? { black, white } : { black, white: black + 1 };
}

import { decodeImage } from "../data/images/decode-image.ts";
import { ImageError } from "../data/images/image-error.ts";
import type { Preprocessing } from "../onnx/preprocessing.ts";
import { fitImage } from "./fit-image.ts";
import type { MaskFile } from "./protocol.ts";
import { readImage } from "./read-image.ts";

/**
 * Reads a mask and brings it to a model's size the way its image goes there. The region is what is brighter than half of
 * the brightest pixel of the file, so that 0 and 1 mark as well as 0 and 255; a black mask marks nothing.
 *
 * @returns length rows * cols of the preprocessing record: 1 within the region.
 * @throws {ImageError} IMAGE_MASK_MISSING, and as `readImage` and `decodeImage`
 */
export async function readMask(
  root: string | undefined,
  file: MaskFile | undefined,
  preprocessing: Preprocessing,
): Promise<Uint8Array> {
  if (root === undefined || file === undefined) {
    throw new ImageError("IMAGE_MASK_MISSING", "Expected a mask of the image, got none; add masks for all");
  }
  const mask = await decodeImage(await readImage(root, file.uri, file.sha256), { window: "none" });
  let most = 0;
  for (const pixel of mask.pixels) if (pixel > most) most = pixel;
  const { rows, cols } = preprocessing;
  const shares = new Float32Array(rows * cols);
  if (most > 0) {
    const region = Uint8Array.from(mask.pixels, (pixel) => (2 * pixel > most ? 255 : 0));
    const drawn = { ...mask, pixels: region, black: 0, white: 255 };
    await fitImage(drawn, { ...preprocessing, intensity: "full-range" }, shares);
  }
  return Uint8Array.from(shares, (share) => (share > 0.5 ? 1 : 0));
}

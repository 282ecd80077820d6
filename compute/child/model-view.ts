import { withoutOcclusion } from "../transforms/chain.ts";
import { type BatchMaker, prepareBatch } from "./prepare-batch.ts";
import type { ImageFile } from "./protocol.ts";

/**
 * What a model sees of an image, for people: its input's first plane without the normalisation, or, where brightness is
 * raw, between its own extremes. Transforms that reach its neighbours see it alone, and what
 * the model's own map blots out is still there.
 *
 * @returns length rows * cols of the preprocessing record, 0 black to 1 white
 * @throws {Error} with the code of the image that cannot be read
 */
export async function modelView(maker: BatchMaker, image: ImageFile): Promise<Float32Array> {
  const seen = { ...maker, transforms: withoutOcclusion(maker.transforms) };
  const { rows, cols, scale, mean, deviation, intensity } = maker.preprocessing;
  const { pixels, problems } = await prepareBatch(seen, { images: [image], skip: 0, count: 1 });
  const [problem] = problems;
  if (problem !== undefined) throw Object.assign(new Error(problem.message), { code: problem.code });
  const plane = pixels.subarray(0, rows * cols);
  const [shift = 0, spread = 1] = [mean[0], deviation[0]];
  const bright = plane.map((value) => (value * spread + shift) / scale);
  if (intensity !== "raw") return bright.map((value) => Math.min(1, Math.max(0, value)));
  const least = bright.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = bright.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return bright.map((value) => (most > least ? (value - least) / (most - least) : 0));
}

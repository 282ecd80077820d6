import { type PixelStep, transformPixels } from "../../native/index.ts";
import { mode, STUDY } from "./mode.ts";
import { defineTransform, type TransformBatch } from "./transform.ts";

// scipy.ndimage.gaussian_filter cuts its kernel off at four deviations.
const TRUNCATE = 4;

function reachOf(deviation: number): number {
  return Math.floor(TRUNCATE * deviation + 0.5);
}

/** Gaussian blur. */
export const blur = defineTransform({
  id: "blur",
  version: 1,
  doc: "Gaussian blur; corrected within each image, legacy also from image to image in their order, as the study's code did.",
  source: `${STUDY}; scipy.ndimage.gaussian_filter, mode reflect, truncate 4`,
  params: {
    deviation: {
      kind: "float",
      min: 0,
      max: 1000,
      default: 2,
      unit: "pixels",
      doc: "Standard deviation of the blur.",
    },
    mode,
  },
  example: { deviation: 2, mode: "corrected" },
  laws: ["preserves-shape", "linear", "batch-free"],
  space: () => "brightness",
  reach: ({ deviation, mode: chosen }) => (chosen === "legacy" ? reachOf(deviation) : 0),
  plan: ({ deviation, mode: chosen }) => {
    const within: PixelStep = { kind: "blur", deviation };
    if (chosen !== "legacy") return { kind: "pixels", steps: [within] };
    return {
      kind: "batch",
      apply: async (batch) => {
        const images = batch.count * batch.planes;
        const blurred = await transformPixels({ ...batch, count: images }, [within], { ownership: "take" });
        return blurAcross({ ...batch, pixels: blurred.pixels }, deviation);
      },
    };
  },
});

/** The same kernel along the order of the images, the ends mirrored: the accident of the published code. */
function blurAcross({ pixels, count, planes, rows, cols }: TransformBatch, deviation: number): Float32Array {
  const size = planes * rows * cols;
  const reach = reachOf(deviation);
  if (deviation === 0 || count === 0) return pixels;
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, k) =>
    Math.exp(-0.5 * ((k - reach) / deviation) ** 2),
  );
  const whole = kernel.reduce((sum, weight) => sum + weight, 0);
  const result = new Float32Array(pixels.length);
  const sum = new Float64Array(size);
  for (let image = 0; image < count; image += 1) {
    sum.fill(0);
    for (let k = -reach; k <= reach; k += 1) {
      const weight = (kernel[k + reach] ?? 0) / whole;
      const start = mirrored(image + k, count) * size;
      for (let i = 0; i < size; i += 1) sum[i] = (sum[i] ?? 0) + weight * (pixels[start + i] ?? 0);
    }
    result.set(sum, image * size);
  }
  return result;
}

/** ... 1 0 | 0 1 2 ... n-1 | n-1 n-2 ... */
function mirrored(index: number, count: number): number {
  const period = 2 * count;
  const place = ((index % period) + period) % period;
  return place < count ? place : period - 1 - place;
}

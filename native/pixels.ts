import { requireBinding } from "./binding.ts";
import { KernelError, shown, toKernelError } from "./errors.ts";
import {
  type CallOptions,
  type ImageBatch,
  instructionSetOf,
  requireApart,
  requireBatch,
  threadsOf,
} from "./images.ts";
import { allocate, mayChange, own, requireArray } from "./ownership.ts";
import { encodeSteps, type PixelStep } from "./pixel-steps.ts";

/** Images as they come: bytes, 16-bit words or floats, count x rows x cols. */
export interface SourceBatch extends Omit<ImageBatch, "pixels"> {
  readonly pixels: Uint8Array | Uint16Array | Float32Array;
}

/** What a chain leaves: count x planes x rows x cols. */
export interface TransformedBatch extends ImageBatch {
  readonly planes: number;
}

const SOURCES = ["Float32Array", "Uint16Array", "Uint8Array"] as const;

/** Options of a chain. */
export interface ChainOptions extends CallOptions {
  /** One number per image, which names it for chance; 0, 1, 2, ... when absent. */
  readonly imageNumbers?: Uint32Array | undefined;
}

/**
 * Runs a chain of steps over every image of a batch in one call, image by image, so that each stays in the cache.
 *
 * NaN and infinity follow IEEE 754 through every step: one pixel that is not finite spoils those it is summed into (a
 * blur's reach; the whole image where its mean is used), a clip keeps NaN and bounds infinity, a fill replaces it, and
 * no image touches another. Integers become floats of the same value; `rescale` brings them
 * to a scale.
 *
 * @throws {KernelError} BAD_IMAGE_SHAPE, BAD_PARAMETER, BAD_BUFFER, BAD_BUFFER_LENGTH, BUFFER_DETACHED,
 * BUFFER_NOT_TRANSFERABLE, OUT_OF_MEMORY, ADDON_UNAVAILABLE, ADDON_STALE.
 */
export async function transformPixels(
  batch: SourceBatch,
  steps: readonly PixelStep[],
  options: ChainOptions = {},
): Promise<TransformedBatch> {
  requireBatch(batch, options, SOURCES);
  const { count } = batch;
  const chain = encodeSteps(steps, batch);
  const { planes, rows, cols } = chain;
  const length = count * planes * rows * cols;
  requireApart(batch.pixels, options.into, length);
  const imageNumbers = numbersOf(options.imageNumbers, count);
  const threads = threadsOf(options);
  const instructionSet = instructionSetOf(options);
  const inPlace = chain.keepsPlace && batch.pixels.BYTES_PER_ELEMENT === 4;
  // Values in place of pixels cost no more than the copy that keeps the caller's images out of reach: one pass does both,
  // before anyone else can touch them.
  const now = inPlace && chain.onlyValues && options.ownership !== "take" && !mayChange(batch.pixels);
  const source = now
    ? batch.pixels
    : own(batch.pixels, SOURCES, options.ownership, inPlace ? options.into : undefined);
  const output =
    !now && inPlace && source instanceof Float32Array
      ? source
      : options.into === undefined
        ? allocate("Float32Array", length)
        : own(options.into, ["Float32Array"], "take");
  try {
    const pixels = await requireBinding().runPixelChain(
      source,
      count,
      batch.rows,
      batch.cols,
      chain.numbers,
      chain.bitmaps,
      imageNumbers,
      output,
      threads,
      instructionSet,
      now,
    );
    return { pixels, count, planes, rows, cols };
  } catch (cause) {
    throw toKernelError(cause);
  }
}

/** What a classifier of mere brightness sees of an image. */
export interface PixelFeatures {
  /** Length count: mean and standard deviation (over n) of each image. */
  readonly means: Float32Array;
  readonly deviations: Float32Array;
  /** Length count * bins: the share of the pixels in each equal part of [low, high], the last closed at high. */
  readonly histograms: Float32Array;
}

/**
 * Mean, deviation and histogram of every image. Pixels outside [low, high] and NaN are in no bin; an image with a pixel
 * that is not finite has no finite deviation, and its mean is what IEEE 754 makes of the sum.
 *
 * @param options.bins - 1 to 65,536.
 * @throws {KernelError} as `transformPixels`.
 */
export async function pixelFeatures(
  batch: ImageBatch,
  options: CallOptions & { readonly bins: number; readonly low: number; readonly high: number },
): Promise<PixelFeatures> {
  requireBatch(batch, options);
  const { count, rows, cols } = batch;
  const { bins, low, high } = options;
  const wholeBins = Number.isInteger(bins) && bins >= 1 && bins <= 65_536;
  // As the floats that the kernel compares with: ends that round to the same float leave no range.
  const isRange = Number.isFinite(low) && Number.isFinite(high) && Math.fround(low) < Math.fround(high);
  if (!wholeBins || !isRange || Math.abs(low) > 3e38 || Math.abs(high) > 3e38) {
    throw new KernelError(
      "BAD_PARAMETER",
      `Expected 1 to 65536 bins over a range within -3e38 to 3e38, got ${shown(bins)} over ${shown(low)} to ${shown(high)}; change them`,
    );
  }
  const threads = threadsOf(options);
  const images = own(batch.pixels, ["Float32Array"], options.ownership);
  const output = allocate("Float32Array", count * (bins + 2));
  try {
    const rowsOf = await requireBinding().pixelFeatures(
      images,
      count,
      rows,
      cols,
      bins,
      low,
      high,
      output,
      threads,
    );
    const histograms = new Float32Array(count * bins);
    for (let i = 0; i < count; i += 1) {
      histograms.set(rowsOf.subarray(i * (bins + 2) + 2, (i + 1) * (bins + 2)), i * bins);
    }
    const column = (k: number) =>
      Float32Array.from({ length: count }, (_, i) => rowsOf[i * (bins + 2) + k] ?? 0);
    return { means: column(0), deviations: column(1), histograms };
  } catch (cause) {
    throw toKernelError(cause);
  }
}

function numbersOf(numbers: Uint32Array | undefined, count: number): Uint32Array {
  if (numbers === undefined) return new Uint32Array(0);
  requireArray(numbers, ["Uint32Array"]);
  if (numbers.length !== count) {
    throw new KernelError(
      "BAD_BUFFER_LENGTH",
      `Expected ${count} image numbers, one per image, got ${numbers.length}; align them`,
    );
  }
  return own(numbers, ["Uint32Array"]);
}

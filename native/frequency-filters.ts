import { requireBinding } from "./binding.ts";
import { KernelError, requireObject, shown, toKernelError } from "./errors.ts";
import {
  type CallOptions,
  type ImageBatch,
  instructionSetOf,
  requireApart,
  requireBatch,
  threadsOf,
} from "./images.ts";
import { allocate, own } from "./ownership.ts";

/**
 * Which frequencies pass. A bin's distance d from the centre is counted in bins after the shift: (y - rows/2,
 * x - cols/2), real division.
 */
export type FrequencyFilter =
  /** low: d < radius; high: the rest. */
  | { readonly kind: "low" | "high"; readonly radius: number }
  /** band: inner <= d < outer; notch: the rest. */
  | { readonly kind: "band" | "notch"; readonly inner: number; readonly outer: number };

const KINDS = ["low", "high", "band", "notch"] as const satisfies readonly FrequencyFilter["kind"][];
const MAX_FILTERS = 4096;

/**
 * Filters every image: the real part of ifft2(ifftshift(mask * fftshift(fft2(image)))), to 1e-5 of the image's range.
 *
 * Any size; about 20 to 70 us an image of 224 x 224 on one thread (tests/bench/native). An image with a NaN or
 * infinite pixel becomes all NaN; the others are not touched by it.
 *
 * @returns the filtered pixels, in the batch's layout; with `ownership: "take"` in the batch's own memory.
 * @throws {KernelError} BAD_IMAGE_SHAPE, BAD_PARAMETER, BAD_BUFFER, BAD_BUFFER_LENGTH, BUFFER_DETACHED,
 * BUFFER_NOT_TRANSFERABLE, OUT_OF_MEMORY, ADDON_UNAVAILABLE, ADDON_STALE.
 */
export async function filterFrequencies(
  batch: ImageBatch,
  filter: FrequencyFilter,
  options: CallOptions = {},
): Promise<Float32Array> {
  const call = prepare(batch, [filter], options);
  requireApart(batch.pixels, options.into, batch.pixels.length);
  const pixels = own(batch.pixels, ["Float32Array"], options.ownership, options.into);
  return run(call, batch, pixels, pixels);
}

/**
 * Many filters of the same images in one call: they share the forward transform, complements share everything, and
 * rows of frequencies that none wants are never computed. An image with a NaN or infinite pixel becomes all NaN under
 * every filter; the others are not touched by it.
 *
 * @returns filter by filter, a batch in the layout of the images.
 * @throws {KernelError} as `filterFrequencies`.
 */
export async function filterBank(
  batch: ImageBatch,
  filters: readonly FrequencyFilter[],
  options: CallOptions = {},
): Promise<Float32Array> {
  const call = prepare(batch, filters, options);
  const length = filters.length * batch.pixels.length;
  const { into } = options;
  requireApart(batch.pixels, into, length);
  const pixels = own(batch.pixels, ["Float32Array"], options.ownership);
  const output = into === undefined ? allocate("Float32Array", length) : own(into, ["Float32Array"], "take");
  return run(call, batch, pixels, output);
}

interface Call {
  readonly filters: Float64Array;
  readonly threads: number;
  readonly instructionSet: number;
}

function prepare(batch: ImageBatch, filters: readonly FrequencyFilter[], options: CallOptions): Call {
  requireBatch(batch, options);
  requireObject("filters", filters, "array");
  if (filters.length < 1 || filters.length > MAX_FILTERS) {
    throw new KernelError(
      "BAD_PARAMETER",
      `Expected 1 to ${MAX_FILTERS} filters, got ${filters.length}; split the bank`,
    );
  }
  return {
    filters: Float64Array.from(Array.from(filters, encode).flat()),
    threads: threadsOf(options),
    instructionSet: instructionSetOf(options),
  };
}

/** Kind, inner and outer radius, as the addon reads them. */
function encode(filter: FrequencyFilter): number[] {
  requireObject("a filter", filter);
  const kind = KINDS.indexOf(filter.kind);
  if (kind < 0) {
    throw new KernelError(
      "BAD_PARAMETER",
      `Expected a filter of kind ${KINDS.join(", ")}, got ${shown(filter.kind)}; choose one`,
    );
  }
  const [inner, outer] = "radius" in filter ? [0, filter.radius] : [filter.inner, filter.outer];
  if (typeof inner !== "number" || typeof outer !== "number" || !(inner >= 0 && outer >= inner)) {
    throw new KernelError(
      "BAD_PARAMETER",
      `Expected radii of 0 or more, the inner not above the outer, got ${shown(inner)} and ${shown(outer)}; give them in frequency bins`,
    );
  }
  return [kind, inner, outer];
}

async function run(
  call: Call,
  { count, rows, cols }: ImageBatch,
  pixels: Float32Array,
  output: Float32Array,
): Promise<Float32Array> {
  const { filters, threads, instructionSet } = call;
  try {
    return await requireBinding().filterFrequencies(
      pixels,
      count,
      rows,
      cols,
      filters,
      output,
      threads,
      instructionSet,
    );
  } catch (cause) {
    throw toKernelError(cause);
  }
}

import { availableParallelism } from "node:os";
import { requireBinding } from "./binding.ts";
import { KernelError, requireObject, shown } from "./errors.ts";
import { type Ownership, requireArray } from "./ownership.ts";

/** Images of one size, one after the other, row by row. */
export interface ImageBatch {
  /** Length count * rows * cols; pixel (row, col) of image i is at (i * rows + row) * cols + col. */
  readonly pixels: Float32Array;
  readonly count: number;
  /** 1 to 32,768. */
  readonly rows: number;
  readonly cols: number;
}

/** How a call is carried out; never changes its numbers. */
export interface CallOptions {
  /** Threads that share the images of the batch, 1 to 256; all the machine has when absent. */
  readonly threads?: number;
  /** Whether `pixels` is copied first (the default) or becomes the result. */
  readonly ownership?: Ownership;
  /**
   * An array as long as the result, over memory of its own: taken, and returned as the result. Fresh memory costs
   * more at its first touch than a copy, so a loop should hand its results back. Left alone when images that are
   * taken become the result themselves.
   */
  readonly into?: Float32Array | undefined;
  /** Which of `instructionSets()` to use; the fastest when absent. For tests and comparisons. */
  readonly instructionSet?: string | undefined;
}

/** Names of the instruction sets that this machine runs, slowest first. @throws {KernelError} ADDON_UNAVAILABLE */
export function instructionSets(): readonly string[] {
  return requireBinding().instructionSets;
}

/** @throws {KernelError} BAD_PARAMETER when this machine does not run it; ADDON_UNAVAILABLE. */
export function instructionSetOf({ instructionSet: name }: CallOptions): number {
  const sets = instructionSets();
  const number = name === undefined ? sets.length - 1 : sets.indexOf(name);
  if (number >= 0) return number;
  throw new KernelError(
    "BAD_PARAMETER",
    `Expected one of ${sets.join(", ")}, got ${shown(name)}; leave it out to use the fastest`,
  );
}

const MAX_SIDE = 32_768;
const MAX_THREADS = 256;

const FLOATS = ["Float32Array"] as const;

/**
 * Everything that can be known of a batch and of what is to become of it, before anything is touched.
 *
 * @throws {KernelError} BAD_PARAMETER, BAD_BUFFER, BUFFER_DETACHED, BUFFER_NOT_TRANSFERABLE for the arrays;
 * BAD_IMAGE_SHAPE for sides out of range; BAD_BUFFER_LENGTH when the pixels do not fill the shape.
 */
export function requireBatch(
  batch: Omit<ImageBatch, "pixels"> & { readonly pixels: Float32Array | Uint8Array | Uint16Array },
  options: CallOptions,
  kinds: readonly ("Float32Array" | "Uint16Array" | "Uint8Array")[] = FLOATS,
): void {
  requireObject("the batch", batch);
  requireObject("options", options);
  const { pixels, count, rows, cols } = batch;
  requireArray(pixels, kinds, options.ownership);
  if (options.into !== undefined) requireArray(options.into, FLOATS, "take");
  for (const [name, side] of Object.entries({ rows, cols })) {
    if (!Number.isInteger(side) || side < 1 || side > MAX_SIDE) {
      throw new KernelError(
        "BAD_IMAGE_SHAPE",
        `Expected ${name} to be a whole number from 1 to ${MAX_SIDE}, got ${shown(side)}; resize the images`,
      );
    }
  }
  if (!Number.isSafeInteger(count) || count < 0 || !Number.isSafeInteger(count * rows * cols)) {
    throw new KernelError(
      "BAD_IMAGE_SHAPE",
      `Expected count to be a whole number of 0 or more, got ${shown(count)}; count the images`,
    );
  }
  if (pixels.length !== count * rows * cols) {
    throw new KernelError(
      "BAD_BUFFER_LENGTH",
      `Expected ${count * rows * cols} pixels (${count} x ${rows} x ${cols}), got ${pixels.length}; align shape and pixels`,
    );
  }
}

/**
 * @throws {KernelError} BAD_BUFFER_LENGTH when the array to write into has not `length` entries; BAD_PARAMETER when it
 * shares memory with the images.
 */
export function requireApart(
  pixels: { readonly buffer: ArrayBufferLike },
  into: Float32Array | undefined,
  length: number,
): void {
  if (into === undefined) return;
  if (into.length !== length) {
    throw new KernelError(
      "BAD_BUFFER_LENGTH",
      `Expected ${length} pixels to write into, got ${into.length}; give an array of that length`,
    );
  }
  if (into.buffer === pixels.buffer) {
    throw new KernelError(
      "BAD_PARAMETER",
      "Expected an output apart from the images, got the same memory; give another array",
    );
  }
}

/** @throws {KernelError} BAD_PARAMETER when `threads` is out of range. */
export function threadsOf({ threads }: CallOptions): number {
  if (threads === undefined) return Math.min(availableParallelism(), MAX_THREADS);
  if (Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS) return threads;
  throw new KernelError(
    "BAD_PARAMETER",
    `Expected 1 to ${MAX_THREADS} threads, got ${shown(threads)}; leave it out to use the whole machine`,
  );
}

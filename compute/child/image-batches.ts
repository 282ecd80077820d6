import type { BatchFiles } from "./prepare-batch.ts";
import type { ImageFile } from "./protocol.ts";

/** Memory that a model is reckoned to hold for each byte of its input while it runs: U-Nets hold more, most hold less. */
const BYTES_FOR_EACH = 64;
/** From here on a larger batch gains no speed. */
const MOST_IMAGES = 32;

/**
 * Images a batch, a power of two: a quarter of the memory for what the model holds of them. The same for the same input
 * size and memory, whatever the machine does meanwhile.
 *
 * @param inputBytes - of one image
 */
export function batchSizeFor(inputBytes: number, memoryMiB: number): number {
  const fitting = (memoryMiB * 2 ** 20) / 4 / (inputBytes * BYTES_FOR_EACH);
  return 2 ** Math.floor(Math.log2(Math.min(MOST_IMAGES, Math.max(1, fitting))));
}

/** Memory that a model is reckoned to hold while it runs on a batch. */
export function batchBytes(inputBytes: number, images: number): number {
  return inputBytes * images * BYTES_FOR_EACH;
}

/**
 * Cuts pages of images into batches of `size`, each with up to `reach` neighbours on either side, in the order they came.
 */
export async function* imageBatches(
  pages: AsyncIterable<readonly ImageFile[]>,
  size: number,
  reach: number,
): AsyncGenerator<BatchFiles> {
  // The images from `reach` before the next batch on.
  let window: ImageFile[] = [];
  let skip = 0;
  for await (const page of pages) {
    window = window.concat(page);
    let from = 0;
    for (; window.length - from - skip >= size + reach; ) {
      yield { images: window.slice(from, from + skip + size + reach), skip, count: size };
      const done = skip + size;
      skip = Math.min(reach, done);
      from += done - skip;
    }
    window = window.slice(from);
  }
  while (window.length > skip) {
    const count = Math.min(size, window.length - skip);
    yield { images: window.slice(0, skip + count + reach), skip, count };
    const done = skip + count;
    skip = Math.min(reach, done);
    window = window.slice(done - skip);
  }
}

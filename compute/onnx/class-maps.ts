import type { Activation } from "./preprocessing.ts";
import type { SessionResult } from "./session.ts";

/** What a model that segments gives of a batch, after its activation. */
export interface ClassMaps {
  /** Length images * channels * rows * cols: what each class has of each pixel. */
  readonly values: Float32Array<ArrayBuffer>;
  readonly channels: number;
  readonly rows: number;
  readonly cols: number;
}

/** Whether an output of these sizes is a map a class (n x classes x rows x cols) rather than a number a class. */
export function isClassMap(dims: readonly number[]): boolean {
  return dims.length === 4 && (dims[2] ?? 1) * (dims[3] ?? 1) > 1;
}

/**
 * Maps of the first images of a batch, activated pixel by pixel: a softmax is over the classes of each pixel. O(values).
 *
 * @param images - how many of the batch count; the rest filled it up.
 */
export function classMaps({ data, dims }: SessionResult, images: number, activation: Activation): ClassMaps {
  const [, channels = 1, rows = 1, cols = 1] = dims;
  const size = rows * cols;
  const values = data.slice(0, images * channels * size);
  // `!` in these loops: places are below the length.
  if (activation === "sigmoid") {
    for (let i = 0; i < values.length; i += 1) values[i] = 1 / (1 + Math.exp(-values[i]!));
  }
  if (activation === "softmax") {
    for (let image = 0; image < images; image += 1) {
      const first = image * channels * size;
      for (let pixel = first; pixel < first + size; pixel += 1) softmaxOver(values, pixel, channels, size);
    }
  }
  return { values, channels, rows, cols };
}

/** Of the numbers `step` apart from `first` on, in place; less the largest, so that nothing overflows. */
function softmaxOver(values: Float32Array, first: number, count: number, step: number): void {
  const end = first + count * step;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = first; i < end; i += step) most = Math.max(most, values[i]!);
  let sum = 0;
  for (let i = first; i < end; i += step) {
    values[i] = Math.exp(values[i]! - most);
    sum += values[i]!;
  }
  for (let i = first; i < end; i += step) values[i] = values[i]! / sum;
}

/**
 * The share of each image that each class has: the mean of its map. It stands for the score where a model segments.
 *
 * @returns length images * channels, image after image
 */
export function areasOf({ values, rows, cols }: ClassMaps): Float32Array<ArrayBuffer> {
  const size = rows * cols;
  return Float32Array.from({ length: values.length / size }, (_, map) => {
    let sum = 0;
    for (let i = map * size; i < (map + 1) * size; i += 1) sum += values[i]!;
    return sum / size;
  });
}

/**
 * One class of each image: its own map, or for the first of two classes of a model with a single map what that one leaves.
 *
 * @returns length images * rows * cols
 */
export function mapsOfClass(
  { values, channels, rows, cols }: ClassMaps,
  classes: number,
  classIndex: number,
): Float32Array<ArrayBuffer> {
  const size = rows * cols;
  const images = values.length / (channels * size);
  const isPair = channels === 1 && classes === 2;
  const chosen = new Float32Array(images * size);
  for (let image = 0; image < images; image += 1) {
    const from = (image * channels + (isPair ? 0 : classIndex)) * size;
    chosen.set(values.subarray(from, from + size), image * size);
  }
  return isPair && classIndex === 0 ? chosen.map((share) => 1 - share) : chosen;
}

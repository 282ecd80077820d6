import { areasOf, classMaps, isClassMap } from "./class-maps.ts";
import { ModelError } from "./model-error.ts";
import type { Activation } from "./preprocessing.ts";
import type { SessionResult } from "./session.ts";

/**
 * The scores of a batch from what the model gave: length images * classes, image after image.
 *
 * One number an image for two classes becomes the scores of both: 1 - s and s of a probability, -s and s of a logit. Of a
 * model that segments, the number is the share of the image that the class has.
 *
 * @param images - how many of the batch count; the rest filled it up.
 * @throws {ModelError} MODEL_OUTPUT_INVALID when a number is missing or not finite.
 */
export function scoresOf(
  result: SessionResult,
  batch: number,
  images: number,
  classes: number,
  activation: Activation,
): Float32Array<ArrayBuffer> {
  const isMap = isClassMap(result.dims) && result.dims[0] === batch;
  const data = isMap ? areasOf(classMaps(result, images, activation)) : result.data;
  const dims = isMap ? [batch, result.dims[1] ?? 1] : result.dims;
  const columns = isMap ? (dims[1] ?? 1) : data.length / batch;
  const isPair = classes === 2 && columns === 1;
  // n images in the first dimension: an output of the same length the other way round is another output.
  if ((columns !== classes && !isPair) || (dims[0] !== batch && !(batch === 1 && columns === dims[0]))) {
    throw new ModelError(
      "MODEL_OUTPUT_INVALID",
      `Expected an output of ${batch} x ${classes}, got ${dims.join(" x ")}`,
    );
  }
  const scores = new Float32Array(images * classes);
  for (let image = 0; image < images; image++) {
    const row = data.subarray(image * columns, (image + 1) * columns);
    if (!isMap) activate(row, activation);
    if (isPair) {
      const score = row[0] ?? Number.NaN;
      scores[image * 2] = activation === "none" ? -score : 1 - score;
      scores[image * 2 + 1] = score;
    } else scores.set(row, image * classes);
  }
  if (scores.every(Number.isFinite)) return scores;
  throw new ModelError("MODEL_OUTPUT_INVALID", "Expected finite scores, got infinity or not a number");
}

/** In place. */
function activate(row: Float32Array, activation: Activation): void {
  if (activation === "sigmoid") {
    for (let i = 0; i < row.length; i++) row[i] = 1 / (1 + Math.exp(-(row[i] ?? 0)));
  }
  if (activation !== "softmax") return;
  // Less the largest, so that nothing overflows.
  const largest = row.reduce((max, value) => Math.max(max, value), Number.NEGATIVE_INFINITY);
  let sum = 0;
  for (let i = 0; i < row.length; i++) {
    const power = Math.exp((row[i] ?? 0) - largest);
    row[i] = power;
    sum += power;
  }
  for (let i = 0; i < row.length; i++) row[i] = (row[i] ?? 0) / sum;
}

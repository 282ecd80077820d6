import { classActivation, findClassHead } from "../onnx/class-activation.ts";
import { classMaps, isClassMap, mapsOfClass } from "../onnx/class-maps.ts";
import { findPenultimate, findValue, hasValue, PENULTIMATE } from "../onnx/expose-values.ts";
import { readModel } from "../onnx/model-bytes.ts";
import { ModelError } from "../onnx/model-error.ts";
import type { ModelOutput } from "../onnx/preprocessing.ts";
import type { SessionResult } from "../onnx/session.ts";
import type { ExtraOutputs } from "./protocol.ts";

/** What is wanted of each image besides its scores. */
export type WantedExtras = Pick<ExtraOutputs, "embedding" | "saliency">;

/** Rows of one file of an evaluation, one an image. */
export interface ExtraRows {
  readonly file: "embeddings.npy" | "saliency.npy";
  readonly values: Float32Array<ArrayBuffer>;
  /** Shape of one image's row. */
  readonly row: readonly number[];
}

/** A value within a model that is wanted, and what becomes of it. */
export interface ExtraValue {
  readonly name: string;
  toRows(result: SessionResult, images: number): ExtraRows;
}

/**
 * Finds the values of a model that what is wanted is made of, but for maps that take a derivative.
 *
 * @param classes - how many the model has
 * @throws {ModelError} MODEL_SIGNATURE_MISMATCH
 */
export function extraValues(
  bytes: Uint8Array,
  output: ModelOutput,
  classes: number,
  { embedding, saliency }: WantedExtras = {},
): readonly ExtraValue[] {
  if (embedding === undefined && saliency === undefined) return [];
  const model = readModel(bytes);
  const values: ExtraValue[] = [];
  if (embedding !== undefined) {
    const isNamed = embedding !== PENULTIMATE || hasValue(model, PENULTIMATE);
    values.push(embeddingOf(isNamed ? findValue(model, embedding) : findPenultimate(model, output.name)));
  }
  if (saliency?.method === "class-activation") {
    const head = findClassHead(model, output.name);
    values.push({
      name: head.features,
      toRows({ data, dims }, images) {
        const [, channels = 0, rows = 0, cols = 0] = dims;
        const maps = classActivation(
          data,
          { images, channels, size: rows * cols },
          head,
          saliency.classIndex,
        );
        return { file: "saliency.npy", values: maps, row: [rows, cols] };
      },
    });
  }
  if (saliency?.method === "segmentation") values.push(segmentationOf(output, classes, saliency.classIndex));
  return values;
}

function segmentationOf({ name, activation }: ModelOutput, classes: number, classIndex: number): ExtraValue {
  return {
    name,
    toRows(result, images) {
      if (!isClassMap(result.dims)) {
        throw new ModelError(
          "MODEL_SIGNATURE_MISMATCH",
          `Expected a model that gives a map a class, got an output of ${result.dims.join(" x ")}; use another method of saliency`,
        );
      }
      const maps = classMaps(result, images, activation);
      const values = mapsOfClass(maps, classes, classIndex);
      return { file: "saliency.npy", values, row: [maps.rows, maps.cols] };
    },
  };
}

function embeddingOf(name: string): ExtraValue {
  return {
    name,
    toRows({ data, dims }, images) {
      const numbers = data.length / (dims[0] || 1);
      return { file: "embeddings.npy", values: data.slice(0, images * numbers), row: [numbers] };
    },
  };
}

/**
 * The rows of the images of a batch that count.
 *
 * @param batch - images that ran
 * @throws {ModelError} MODEL_OUTPUT_INVALID for a value that is not one of each image, or not finite
 */
export function extraRows(
  result: SessionResult | undefined,
  batch: number,
  images: number,
  value: ExtraValue,
): ExtraRows {
  if (result?.dims[0] !== batch) {
    throw new ModelError(
      "MODEL_OUTPUT_INVALID",
      `Expected a value with ${batch} images first, got ${result?.dims.join(" x ") ?? "none"}`,
    );
  }
  const rows = value.toRows(result, images);
  return finite(rows);
}

/** @throws {ModelError} MODEL_OUTPUT_INVALID for numbers that are not finite */
export function finite(rows: ExtraRows): ExtraRows {
  if (rows.values.every(Number.isFinite)) return rows;
  throw new ModelError("MODEL_OUTPUT_INVALID", `Expected finite numbers for ${rows.file}, got others`);
}

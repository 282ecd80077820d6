import { classActivation, findClassHead } from "../onnx/class-activation.ts";
import { readModel } from "../onnx/model-bytes.ts";
import type { Preprocessing } from "../onnx/preprocessing.ts";
import { type OcclusionSpec, occludedPixels } from "../onnx/saliency/occlude.ts";
import {
  openSaliency,
  type SaliencyMaps,
  type SaliencyOptions,
  type SaliencySession,
} from "../onnx/saliency/saliency-session.ts";
import type { ExtraRows, ExtraValue } from "./extra-values.ts";

/** What a model gave for a batch, as the maps of its images need it. */
export interface ScoredImages {
  /** The model's input, images x planes x rows x cols. */
  readonly pixels: Float32Array;
  readonly ordinals: ArrayLike<number>;
  /** Length images * classes, after the activation. */
  readonly scores: Float32Array;
  /** As the model gives them. */
  readonly raw: Float32Array;
  /** What `Occluder.values` made of the run. */
  readonly extras: readonly ExtraRows[];
}

/** Blots the salient region out of images of a model. */
export interface Occluder extends AsyncDisposable {
  /** Values within the model that a run has to give beside its scores. */
  readonly values: readonly ExtraValue[];
  /**
   * @returns the images with the region of each painted black, and how many pixels that are of each
   * @throws {ModelError} as the maps; {ComputeError} INVALID_INPUT for an operator that cannot be differentiated
   */
  occlude(
    scored: ScoredImages,
  ): Promise<{ readonly pixels: Float32Array<ArrayBuffer>; readonly counts: Uint32Array }>;
}

/** What an occluder needs to know of its model. */
export interface OccluderOptions extends Omit<SaliencyOptions, "classIndex" | "spec"> {
  readonly preprocessing: Preprocessing;
}

/** @throws {ModelError} MODEL_SIGNATURE_MISMATCH for class activation of a model without such an end */
export function occluderOf(spec: OcclusionSpec, options: OccluderOptions): Occluder {
  const { saliency } = spec;
  return new Painter(
    spec,
    options,
    saliency.method === "class-activation"
      ? new ActivationMaps(options)
      : new DerivativeMaps({ ...options, spec: saliency }),
  );
}

/** Makes maps of the images of one class. */
interface MapMaker extends AsyncDisposable {
  readonly values: readonly ExtraValue[];
  /** Maps of a class of the images at these places. */
  maps(scored: ScoredImages, places: readonly number[], classIndex: number): Promise<SaliencyMaps>;
}

class Painter implements Occluder {
  readonly values: readonly ExtraValue[];
  readonly #spec: OcclusionSpec;
  readonly #options: OccluderOptions;
  readonly #maker: MapMaker;

  constructor(spec: OcclusionSpec, options: OccluderOptions, maker: MapMaker) {
    this.#spec = spec;
    this.#options = options;
    this.#maker = maker;
    this.values = maker.values;
  }

  async occlude(scored: ScoredImages) {
    const { classes, planes, rows, cols, preprocessing } = this.#options;
    const images = scored.ordinals.length;
    const size = rows * cols;
    const pixels = new Float32Array(scored.pixels.subarray(0, images * planes * size));
    const counts = new Uint32Array(images);
    const predicted = Array.from({ length: images }, (_, image) =>
      indexOfLargest(scored.scores.subarray(image * classes, (image + 1) * classes)),
    );
    for (const classIndex of new Set(predicted)) {
      const places = [...predicted.keys()].filter((image) => predicted[image] === classIndex);
      const maps = await this.#maker.maps(scored, places, classIndex);
      const mapSize = maps.rows * maps.cols;
      for (const [i, image] of places.entries()) {
        const map = { ...maps, values: maps.values.subarray(i * mapSize, (i + 1) * mapSize) };
        const region = occludedPixels(map, { rows, cols }, this.#spec);
        counts[image] = region.reduce((sum, bit) => sum + bit, 0);
        for (let plane = 0; plane < planes; plane += 1) {
          const black = -(preprocessing.mean[plane] ?? 0) / (preprocessing.deviation[plane] ?? 1);
          const slot = pixels.subarray((image * planes + plane) * size, (image * planes + plane + 1) * size);
          for (let at = 0; at < size; at += 1) if (region[at] === 1) slot[at] = black;
        }
      }
    }
    return { pixels, counts };
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#maker[Symbol.asyncDispose]();
  }
}

/** The first of equal ones. */
function indexOfLargest(values: Float32Array): number {
  return values.reduce((best, value, k) => (value > (values[best] ?? value) ? k : best), 0);
}

/** Maps of every class at once, from the last features of the run itself. */
class ActivationMaps implements MapMaker {
  readonly values: readonly ExtraValue[];
  readonly #classes: number;

  constructor({ bytes, output, classes }: OccluderOptions) {
    const head = findClassHead(readModel(bytes), output);
    this.#classes = classes;
    const toRows: ExtraValue["toRows"] = ({ data, dims }, images) => {
      const [, channels = 0, rows = 0, cols = 0] = dims;
      const size = rows * cols;
      const values = new Float32Array(images * classes * size);
      for (let k = 0; k < classes; k += 1) {
        const maps = classActivation(data, { images, channels, size }, head, k);
        for (let image = 0; image < images; image += 1) {
          values.set(maps.subarray(image * size, (image + 1) * size), (image * classes + k) * size);
        }
      }
      return { file: "saliency.npy", values, row: [classes, rows, cols] };
    };
    this.values = [{ name: head.features, toRows }];
  }

  maps({ extras }: ScoredImages, places: readonly number[], classIndex: number): Promise<SaliencyMaps> {
    const [all] = extras;
    const [, rows = 0, cols = 0] = all?.row ?? [];
    const size = rows * cols;
    const values = new Float32Array(places.length * size);
    for (const [i, place] of places.entries()) {
      const from = (place * this.#classes + classIndex) * size;
      values.set(all?.values.subarray(from, from + size) ?? [], i * size);
    }
    return Promise.resolve({ values, rows, cols });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** A differentiated model for each class that some image is given. */
class DerivativeMaps implements MapMaker {
  readonly values: readonly ExtraValue[] = [];
  readonly #options: Omit<SaliencyOptions, "classIndex">;
  readonly #sessions = new Map<number, Promise<SaliencySession>>();

  constructor(options: Omit<SaliencyOptions, "classIndex">) {
    this.#options = options;
  }

  async maps(
    { pixels, ordinals, raw }: ScoredImages,
    places: readonly number[],
    classIndex: number,
  ): Promise<SaliencyMaps> {
    const opened = this.#sessions.get(classIndex) ?? openSaliency({ ...this.#options, classIndex });
    this.#sessions.set(classIndex, opened);
    const { planes, rows, cols } = this.#options;
    const columns = raw.length / ordinals.length;
    return (await opened).maps(
      gather(pixels, places, planes * rows * cols),
      places.map((place) => Number(ordinals[place])),
      gather(raw, places, columns),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const opened of this.#sessions.values()) await (await opened)[Symbol.asyncDispose]();
  }
}

function gather(values: Float32Array, places: readonly number[], size: number): Float32Array {
  const some = new Float32Array(places.length * size);
  for (const [i, place] of places.entries())
    some.set(values.subarray(place * size, (place + 1) * size), i * size);
  return some;
}

import {
  type FrequencyFilter,
  filterFrequencies,
  type PixelStep,
  transformPixels,
} from "../../native/index.ts";
import { ComputeError } from "../errors.ts";
import { links, type TransformChain } from "./chain.ts";
import type { TransformBatch, TransformPlan } from "./transform.ts";

/** How brightness becomes what a model was trained on: plane p is (brightness * scale - mean[p]) / deviation[p]. */
export interface Normalisation {
  readonly planes: number;
  /** Above 0. */
  readonly scale: number;
  /** Length planes. */
  readonly mean: readonly number[];
  /** Length planes; none 0. */
  readonly deviation: readonly number[];
}

/** How the work is done; never changes its numbers. */
export interface ModelInputOptions {
  /** Threads that share the images; all the machine has when absent. */
  readonly threads?: number;
}

/**
 * Carries a chain out and normalises: grey images of the model's size in, what the model takes out.
 *
 * What acts on brightness comes first, then normalisation, then the legacy transforms, which act on the model's scale.
 * Neighbouring pixel steps run as one call of the addon. Takes the batch's pixels: they are not to be used afterwards.
 *
 * @param batch - one plane, brightness; alone, or with the neighbours that `reachOfChain` asks for.
 * @returns count x planes x rows x cols.
 * @throws {ComputeError | KernelError} INVALID_INPUT, INVALID_PARAM, BAD_IMAGE_SHAPE, BAD_PARAMETER, BAD_BUFFER*.
 */
export async function prepareModelInput(
  batch: TransformBatch,
  chain: TransformChain,
  normalisation: Normalisation,
  options: ModelInputOptions = {},
): Promise<TransformBatch> {
  if (batch.planes !== 1) {
    throw new ComputeError("INVALID_INPUT", `Expected grey images of one plane, got ${batch.planes} planes`);
  }
  const work = new ChainWork(batch, options);
  let normalised = false;
  for (const { transform, params } of links(chain)) {
    if (!normalised && transform.space(params) === "normalised") {
      work.addPlanes(planesOf(normalisation), normalisation.planes);
      normalised = true;
    }
    await work.add(transform.plan(params, work.shape));
  }
  if (!normalised) work.addPlanes(planesOf(normalisation), normalisation.planes);
  return work.finish();
}

/**
 * Carries a chain of transforms out on brightness alone, for pictures of what a model would see.
 *
 * @throws {ComputeError | KernelError} INVALID_PARAM for a transform in legacy mode; as `prepareModelInput`.
 */
export async function transformBrightness(
  batch: TransformBatch,
  chain: TransformChain,
  options: ModelInputOptions = {},
): Promise<TransformBatch> {
  const work = new ChainWork(batch, options);
  for (const { transform, params } of links(chain)) {
    if (transform.space(params) !== "brightness") {
      throw new ComputeError(
        "INVALID_PARAM",
        `Expected ${transform.id} in its corrected mode, got legacy, which needs a model's normalisation`,
      );
    }
    await work.add(transform.plan(params, work.shape));
  }
  return work.finish();
}

function planesOf({ planes, scale, mean, deviation }: Normalisation): PixelStep {
  if (!(scale > 0) || mean.length !== planes || deviation.length !== planes) {
    throw new ComputeError(
      "INVALID_INPUT",
      `Expected a scale above 0, and a mean and a deviation for each of ${planes} planes, got ${scale}, ${mean.length} and ${deviation.length}`,
    );
  }
  const of = (plane: number) => ({
    // Safe: both have `planes` entries.
    mean: (mean[plane] ?? 0) / scale,
    deviation: (deviation[plane] ?? 0) / scale,
  });
  return { kind: "planes", planes: Array.from({ length: planes }, (_, plane) => of(plane)) };
}

/** A batch in the middle of a chain: pixel steps gather until something else must run. */
class ChainWork {
  readonly #threads: { readonly threads?: number };
  #batch: TransformBatch;
  #planesAfter: number;
  #pending: PixelStep[] = [];
  #sharedChance = false;
  #endsInPlanes = false;

  constructor(batch: TransformBatch, { threads }: ModelInputOptions) {
    this.#threads = threads === undefined ? {} : { threads };
    this.#batch = batch;
    this.#planesAfter = batch.planes;
  }

  /** The images as the next transform gets them. */
  get shape(): { readonly rows: number; readonly cols: number; readonly planes: number } {
    const { rows, cols } = this.#batch;
    return { rows, cols, planes: this.#planesAfter };
  }

  async add(plan: TransformPlan): Promise<void> {
    if (plan.kind === "pixels") {
      const shared = plan.sharedChance ?? false;
      // One call draws either for each image or once for all; and planes are the last step of a call.
      const otherChance = this.#pending.length > 0 && shared !== this.#sharedChance;
      if (otherChance || this.#endsInPlanes) await this.#flush();
      this.#sharedChance = shared;
      this.#pending.push(...plan.steps);
      return;
    }
    if (plan.kind === "mask") {
      const { mode, fill } = plan;
      await this.add({
        kind: "pixels",
        steps: [{ kind: "bitmap", mode, bitmap: this.#mask(plan.name), fill }],
      });
      return;
    }
    await this.#flush();
    if (plan.kind === "frequency") await this.#filter(plan.filter);
    else this.#batch = { ...this.#batch, pixels: await plan.apply(this.#batch) };
  }

  #mask(name: string): Uint8Array {
    const { masks, planes } = this.#batch;
    const found = masks?.get(name);
    if (found === undefined || planes !== 1) {
      throw new ComputeError(
        "INVALID_INPUT",
        `Expected grey images with the mask "${name}" each, got ${planes === 1 ? "none" : `${planes} planes`}; masks belong to images of a dataset`,
      );
    }
    return found;
  }

  /** Normalises and copies into planes; draws nothing, so it joins whatever waits. */
  addPlanes(step: PixelStep, planes: number): void {
    this.#pending.push(step);
    this.#planesAfter = planes;
    this.#endsInPlanes = true;
  }

  async finish(): Promise<TransformBatch> {
    await this.#flush();
    return this.#batch;
  }

  async #flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    const { pixels, count, planes, rows, cols, imageNumbers } = this.#batch;
    const images = count * planes;
    const numbers = new Uint32Array(images);
    if (!this.#sharedChance)
      for (let i = 0; i < images; i += 1) numbers[i] = imageNumbers[Math.floor(i / planes)] ?? 0;
    const done = await transformPixels({ pixels, count: images, rows, cols }, this.#pending, {
      ...this.#threads,
      ownership: "take",
      imageNumbers: numbers,
    });
    if (done.rows !== rows || done.cols !== cols) {
      throw new ComputeError(
        "INVALID_INPUT",
        `Expected transforms that keep the size of ${rows} x ${cols}, got ${done.rows} x ${done.cols}`,
      );
    }
    this.#batch = { ...this.#batch, pixels: done.pixels, planes: this.#planesAfter };
    this.#pending = [];
    this.#sharedChance = false;
    this.#endsInPlanes = false;
  }

  async #filter(filter: FrequencyFilter): Promise<void> {
    const { pixels, count, planes, rows, cols } = this.#batch;
    const size = rows * cols;
    const options = { ...this.#threads, ownership: "take" } as const;
    if (planes === 1) {
      this.#batch = {
        ...this.#batch,
        pixels: await filterFrequencies({ pixels, count, rows, cols }, filter, options),
      };
      return;
    }
    const first = new Float32Array(count * size);
    for (let i = 0; i < count; i += 1) {
      first.set(pixels.subarray(i * planes * size, (i * planes + 1) * size), i * size);
    }
    const filtered = await filterFrequencies({ pixels: first, count, rows, cols }, filter, options);
    for (let i = 0; i < count * planes; i += 1) {
      const image = Math.floor(i / planes);
      pixels.set(filtered.subarray(image * size, (image + 1) * size), i * size);
    }
  }
}

import { InferenceSession, Tensor } from "onnxruntime-node";
import { RandomStream } from "../../random.ts";
import { ModelError } from "../model-error.ts";
import type { Provider } from "../provider.ts";
import { runModelOnce } from "../run-model.ts";
import { toSessionError } from "../session-error.ts";
import { sessionOptions } from "../session-options.ts";
import { buildSaliencyGraph, type SaliencyGraph } from "./saliency-graph.ts";
import type { SaliencySpec } from "./saliency-method.ts";

/** Images that are differentiated at once: more would only take memory. */
const MOST_IMAGES = 8;
/** Largest difference between the scores of the differentiated graph and the model's, over their size. */
const MOST_DIFFERENCE = 1e-3;
/** Largest difference between a provider's maps and the processor's, as a share of the processor's norm. */
const MOST_DISAGREEMENT = 1e-2;

/** Which maps are wanted of which model. */
export interface SaliencyOptions {
  readonly bytes: Uint8Array;
  readonly input: string;
  readonly output: string;
  /** Images that the model takes at once, where its signature fixes them. */
  readonly batch?: number;
  readonly planes: number;
  readonly rows: number;
  readonly cols: number;
  readonly classes: number;
  readonly classIndex: number;
  readonly spec: Exclude<SaliencySpec, { readonly method: "class-activation" }>;
  readonly provider: Provider;
  readonly threads: number;
}

/** Maps of some images. */
export interface SaliencyMaps {
  /** Length images * rows * cols. */
  readonly values: Float32Array<ArrayBuffer>;
  readonly rows: number;
  readonly cols: number;
}

/** A model that is ready to be differentiated. It blocks its thread while it runs. */
export interface SaliencySession extends AsyncDisposable {
  /**
   * Maps of what the places of each image do to the class's score.
   *
   * @param pixels - the model's input, images x planes x rows x cols
   * @param ordinals - one an image: the noise of SmoothGrad is a function of the seed and this number alone
   * @param scores - what the model itself gave for these images
   * @throws {ModelError} MODEL_OUTPUT_INVALID, PROVIDER_DISAGREES, PROVIDER_LOST, PROVIDER_OUT_OF_MEMORY
   */
  maps(pixels: Float32Array, ordinals: ArrayLike<number>, scores: Float32Array): Promise<SaliencyMaps>;
}

/**
 * Differentiates a model and opens the result on exactly the provider asked for.
 *
 * @throws {ModelError} PROVIDER_UNAVAILABLE, PROVIDER_OUT_OF_MEMORY, and every code of `buildSaliencyGraph`
 * @throws {ComputeError} INVALID_INPUT for an operator that cannot be differentiated
 */
export async function openSaliency(options: SaliencyOptions): Promise<SaliencySession> {
  const { bytes, planes, rows, cols, spec, provider, threads } = options;
  const batch = options.batch ?? MOST_IMAGES;
  const by = spec.method === "grad-cam" ? (spec.layer === undefined ? {} : { layer: spec.layer }) : "pixels";
  const graph = await buildSaliencyGraph(
    bytes,
    { ...options, shape: [batch, planes, rows, cols], by },
    (model, feeds) => runModelOnce(model, feeds, threads),
  );
  const open = (on: Provider) =>
    InferenceSession.create(graph.bytes, sessionOptions(on, threads)).catch((cause: unknown) => {
      throw toSessionError(cause, on, "open");
    });
  const session = await open(provider);
  return new Differentiated(
    options,
    batch,
    graph,
    session,
    provider === "cpu" ? undefined : () => open("cpu"),
  );
}

interface Chunk {
  readonly maps: Float32Array;
  readonly scores: Float32Array;
  readonly sides: readonly number[];
}

class Differentiated implements SaliencySession {
  readonly #options: SaliencyOptions;
  readonly #batch: number;
  readonly #graph: SaliencyGraph;
  readonly #session: InferenceSession;
  #openReferee: (() => Promise<InferenceSession>) | undefined;

  constructor(
    options: SaliencyOptions,
    batch: number,
    graph: SaliencyGraph,
    session: InferenceSession,
    openReferee: (() => Promise<InferenceSession>) | undefined,
  ) {
    this.#options = options;
    this.#batch = batch;
    this.#graph = graph;
    this.#session = session;
    this.#openReferee = openReferee;
  }

  async maps(pixels: Float32Array, ordinals: ArrayLike<number>, scores: Float32Array): Promise<SaliencyMaps> {
    const { planes, rows, cols } = this.#options;
    const size = planes * rows * cols;
    const columns = scores.length / ordinals.length;
    const parts: Float32Array[] = [];
    let sides: readonly number[] = [0, 0];
    for (let from = 0; from < ordinals.length; from += this.#batch) {
      const images = Math.min(this.#batch, ordinals.length - from);
      const whole = new Float32Array(this.#batch * size);
      whole.set(pixels.subarray(from * size, (from + images) * size));
      const plain = await this.#run(this.#session, whole, images);
      this.#requireScores(plain.scores, scores.subarray(from * columns, (from + images) * columns));
      await this.#requireAgreement(plain, whole, images);
      const numbers = Array.from({ length: images }, (_, i) => Number(ordinals[from + i]));
      parts.push(
        this.#options.spec.method === "smoothgrad" ? await this.#smoothed(whole, numbers) : plain.maps,
      );
      sides = plain.sides;
    }
    const [mapRows = 0, mapCols = 0] = sides;
    const values = new Float32Array(ordinals.length * mapRows * mapCols);
    let at = 0;
    for (const part of parts) {
      values.set(part, at);
      at += part.length;
    }
    return { values, rows: mapRows, cols: mapCols };
  }

  /** The mean over noisy copies; the noise of an image is its own, and the same in all planes. */
  async #smoothed(pixels: Float32Array, ordinals: readonly number[]): Promise<Float32Array> {
    const { spec, planes, rows, cols } = this.#options;
    if (spec.method !== "smoothgrad") throw new Error("Expected SmoothGrad");
    const size = rows * cols;
    const streams = ordinals.map((ordinal) => new RandomStream(spec.seed, ordinal));
    const deviations = ordinals.map((_, i) => {
      const image = pixels.subarray(i * planes * size, (i + 1) * planes * size);
      return spec.noise * rangeOf(image);
    });
    const sums = new Float64Array(ordinals.length * size);
    for (let sample = 0; sample < spec.samples; sample += 1) {
      const noisy = pixels.slice();
      // Safe in the casts: one stream and deviation an image, indices within the batch.
      for (const [i, stream] of streams.entries()) {
        for (let k = 0; k < size; k += 1) {
          const added = (deviations[i] as number) * stream.normal();
          for (let plane = 0; plane < planes; plane += 1) {
            const at = (i * planes + plane) * size + k;
            noisy[at] = (noisy[at] as number) + added;
          }
        }
      }
      const { maps } = await this.#run(this.#session, noisy, ordinals.length);
      for (const [k, value] of maps.entries()) sums[k] = (sums[k] as number) + value;
    }
    return Float32Array.from(sums, (sum) => sum / spec.samples);
  }

  /** Maps and scores of the first images of a batch. */
  async #run(session: InferenceSession, pixels: Float32Array, images: number): Promise<Chunk> {
    const { input, planes, rows, cols, provider } = this.#options;
    const feeds = { [input]: new Tensor("float32", pixels, [this.#batch, planes, rows, cols]) };
    const results = await session.run(feeds).catch((cause: unknown) => {
      throw toSessionError(cause, provider, "run");
    });
    const [maps, scores] = [results[this.#graph.maps], results[this.#graph.scores]];
    if (!(maps?.data instanceof Float32Array) || !(scores?.data instanceof Float32Array)) {
      throw new ModelError("MODEL_OUTPUT_INVALID", "Expected maps and scores of float32, got others");
    }
    const first = (data: Float32Array) => data.slice(0, (data.length / this.#batch) * images);
    return { maps: first(maps.data), scores: first(scores.data), sides: maps.dims.slice(1) };
  }

  /** The differentiated graph is another model until it gives the model's own scores. */
  #requireScores(scores: Float32Array, expected: Float32Array): void {
    const size = expected.reduce((most, score) => Math.max(most, Math.abs(score)), 1);
    const isSame =
      scores.length === expected.length &&
      scores.every((score, i) => Math.abs(score - (expected[i] as number)) <= MOST_DIFFERENCE * size); // safe: as long
    if (isSame) return;
    throw new ModelError(
      "MODEL_OUTPUT_INVALID",
      "Expected the differentiated graph to score as the model does, got other scores",
    );
  }

  /** Once, where another provider than the processor runs. */
  async #requireAgreement(chunk: Chunk, pixels: Float32Array, images: number): Promise<void> {
    const openReferee = this.#openReferee;
    if (openReferee === undefined) return;
    this.#openReferee = undefined;
    const referee = await openReferee();
    const expected = await this.#run(referee, pixels, images).finally(() => referee.release());
    const difference = normOf(expected.maps.map((value, k) => value - (chunk.maps[k] ?? Number.NaN)));
    const norm = normOf(expected.maps);
    if (difference <= MOST_DISAGREEMENT * norm) return;
    throw new ModelError(
      "PROVIDER_DISAGREES",
      `Expected maps within ${MOST_DISAGREEMENT} of the processor's, got ${(difference / norm).toPrecision(3)} from ${this.#options.provider}; use another provider`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.release();
  }
}

function normOf(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

function rangeOf(values: Float32Array): number {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return most - least;
}

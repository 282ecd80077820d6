import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { checkSignature, type ModelPorts } from "../onnx/check-signature.ts";
import { exposeValues } from "../onnx/expose-values.ts";
import { inspectModel, MOST_MODEL_BYTES } from "../onnx/inspect-model.ts";
import { ModelError } from "../onnx/model-error.ts";
import type { ModelOutput, Preprocessing } from "../onnx/preprocessing.ts";
import type { Provider, SessionRecord } from "../onnx/provider.ts";
import type { OcclusionSpec } from "../onnx/saliency/occlude.ts";
import { differentiates } from "../onnx/saliency/saliency-method.ts";
import { openSaliency, type SaliencySession } from "../onnx/saliency/saliency-session.ts";
import { scoresOf } from "../onnx/score-output.ts";
import { openSession, type Session } from "../onnx/session.ts";
import { settleSizes } from "../onnx/settle-sizes.ts";
import {
  type ExtraRows,
  type ExtraValue,
  extraRows,
  extraValues,
  finite,
  type WantedExtras,
} from "./extra-values.ts";
import { type Occluder, occluderOf } from "./occluder.ts";

/** Largest difference between a provider's scores and the processor's, over the size of the processor's. */
export const MOST_DISAGREEMENT = 1e-2;

/** A model file and what it is held to. */
export interface OpenModelOptions {
  readonly path: string;
  /** Absent while it is not known yet: when it is registered. */
  readonly sha256?: string;
  readonly trusted: boolean;
  readonly preprocessing: Preprocessing;
  readonly output: ModelOutput;
  readonly classes: number;
  readonly provider: Provider;
  readonly threads?: number;
  /** Images a batch, where the model does not fix them. */
  readonly batch: number;
  readonly extras?: WantedExtras;
  /** What each image loses, by the model's own map of it, before it is scored; not together with `extras`. */
  readonly occlusion?: OcclusionSpec;
}

/** Scores of a batch and what else was asked for. */
export interface ScoredBatch {
  readonly scores: Float32Array<ArrayBuffer>;
  readonly extras: readonly ExtraRows[];
  readonly disagreement?: number;
  /** Pixels blotted out of each image, where some were to be. */
  readonly occluded?: Uint32Array;
}

/** What is known once a model is open. */
export interface OpenedModel {
  readonly record: SessionRecord;
  readonly batch: number;
}

/** A model ready to score. */
export interface OpenModel extends AsyncDisposable {
  readonly opened: OpenedModel;
  /**
   * Scores of the first images of up to a batch of pixels, as many as there are ordinals.
   *
   * @throws {ModelError} MODEL_INVALID, MODEL_OUTPUT_INVALID, PROVIDER_DISAGREES, PROVIDER_LOST, PROVIDER_OUT_OF_MEMORY
   */
  scores(pixels: Float32Array<ArrayBuffer>, ordinals: ArrayLike<number>): Promise<ScoredBatch>;
}

/**
 * Reads a model file and its digest.
 *
 * @throws {ModelError} MODEL_MISSING, MODEL_TOO_LARGE
 */
export async function readModelFile(
  path: string,
  maxBytes: number = MOST_MODEL_BYTES,
): Promise<{ readonly bytes: Uint8Array; readonly sha256: string }> {
  const isMissing = (cause: unknown) => {
    throw new ModelError("MODEL_MISSING", "Expected a readable model file, got none", { cause });
  };
  const status = await stat(path).catch(isMissing);
  if (!status.isFile()) isMissing(undefined);
  if (status.size > maxBytes) {
    throw new ModelError(
      "MODEL_TOO_LARGE",
      `Expected a model of at most ${maxBytes} bytes, got ${status.size}`,
    );
  }
  const bytes = await readFile(path).catch(isMissing);
  return { bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/**
 * Checks a model's bytes once more and opens a session on them; no path reaches onnxruntime.
 *
 * @throws {ModelError} MODEL_MISSING, MODEL_HASH_MISMATCH, every code of `inspectModel`, MODEL_SIGNATURE_MISMATCH,
 *   PROVIDER_UNAVAILABLE, PROVIDER_OUT_OF_MEMORY
 */
export async function openModel(options: OpenModelOptions): Promise<OpenModel> {
  const { bytes, sha256 } = await readModelFile(options.path);
  if (options.sha256 !== undefined && options.sha256 !== sha256) {
    throw new ModelError("MODEL_HASH_MISMATCH", "Expected the model that was registered, got other bytes");
  }
  const { preprocessing, output, classes, provider, threads } = options;
  const signature = inspectModel(bytes, { trusted: options.trusted });
  const ports = checkSignature(signature, preprocessing, output, classes);
  const batch = ports.batch ?? options.batch;
  const isWhole = ports.batch !== undefined || provider !== "cpu";
  const { planes, rows, cols } = preprocessing;
  const settled = provider === "cpu" ? bytes : settleSizes(bytes, ports.input, [batch, planes, rows, cols]);
  const occluder = openOccluder(bytes, ports, options);
  const extras = [...extraValues(bytes, output, classes, options.extras), ...(occluder?.values ?? [])];
  const names = extras.map(({ name }) => name);
  const exposed = names.length === 0 ? settled : exposeValues(settled, names);
  const open = (on: Provider) =>
    openSession({
      bytes: exposed,
      ports,
      extras: names,
      provider: on,
      ...(threads === undefined ? {} : { threads }),
    });
  const session = await open(provider);
  const opened = { record: session.record, batch };
  const maps = await openMaps(bytes, ports, options, session.record.threads);
  return new CheckedModel(session, options, opened, {
    isWhole,
    extras,
    maps,
    occluder,
    openReferee: () => open("cpu"),
  });
}

/** The same model differentiated, where maps that take a derivative are wanted. */
async function openMaps(
  bytes: Uint8Array,
  ports: ModelPorts,
  { preprocessing, classes, provider, extras }: OpenModelOptions,
  threads: number,
): Promise<SaliencySession | undefined> {
  if (extras?.saliency === undefined || !differentiates(extras.saliency)) return undefined;
  const { classIndex, ...spec } = extras.saliency;
  const { planes, rows, cols } = preprocessing;
  return openSaliency({ bytes, ...ports, planes, rows, cols, classes, classIndex, spec, provider, threads });
}

function openOccluder(
  bytes: Uint8Array,
  ports: ModelPorts,
  { occlusion, preprocessing, classes, provider, threads }: OpenModelOptions,
): Occluder | undefined {
  if (occlusion === undefined) return undefined;
  const { planes, rows, cols } = preprocessing;
  const sides = { planes, rows, cols, classes };
  return occluderOf(occlusion, {
    ...{ bytes, ...ports, ...sides, preprocessing, provider },
    threads: threads ?? availableParallelism(),
  });
}

class CheckedModel implements OpenModel {
  readonly opened: OpenedModel;
  readonly #session: Session;
  readonly #options: OpenModelOptions;
  readonly #isWhole: boolean;
  readonly #extras: readonly ExtraValue[];
  readonly #maps: SaliencySession | undefined;
  readonly #occluder: Occluder | undefined;
  #openReferee: (() => Promise<Session>) | undefined;

  constructor(
    session: Session,
    options: OpenModelOptions,
    opened: OpenedModel,
    how: {
      /** Only whole batches run. */
      readonly isWhole: boolean;
      readonly extras: readonly ExtraValue[];
      readonly maps: SaliencySession | undefined;
      readonly occluder: Occluder | undefined;
      openReferee(): Promise<Session>;
    },
  ) {
    this.opened = opened;
    this.#session = session;
    this.#options = options;
    this.#isWhole = how.isWhole;
    this.#extras = how.extras;
    this.#maps = how.maps;
    this.#occluder = how.occluder;
    this.#openReferee = opened.record.provider === "cpu" ? undefined : how.openReferee;
  }

  async scores(pixels: Float32Array<ArrayBuffer>, ordinals: ArrayLike<number>): Promise<ScoredBatch> {
    const scored = await this.#run(this.#session, pixels, ordinals.length);
    const checked = { ...scored, ...(await this.#agreement(scored.scores, pixels)) };
    if (this.#occluder !== undefined) {
      const { pixels: left, counts } = await this.#occluder.occlude({ pixels, ordinals, ...scored });
      const { scores } = await this.#run(this.#session, left, ordinals.length);
      return { ...checked, scores, extras: [], occluded: counts };
    }
    if (this.#maps === undefined) return checked;
    const maps = await this.#maps.maps(pixels, ordinals, scored.raw);
    const rows = finite({ file: "saliency.npy", values: maps.values, row: [maps.rows, maps.cols] });
    return { ...checked, extras: [...scored.extras, rows] };
  }

  /** Once, where another provider than the processor runs: how far its scores are from the processor's. */
  async #agreement(
    scores: Float32Array,
    pixels: Float32Array<ArrayBuffer>,
  ): Promise<{ readonly disagreement?: number }> {
    const openReferee = this.#openReferee;
    if (openReferee === undefined) return {};
    this.#openReferee = undefined;
    await using referee = await openReferee();
    const expected = await this.#run(referee, pixels, scores.length / this.#options.classes);
    const disagreement = differenceOf(scores, expected.scores);
    if (disagreement <= MOST_DISAGREEMENT) return { disagreement };
    throw new ModelError(
      "PROVIDER_DISAGREES",
      `Expected scores within ${MOST_DISAGREEMENT} of the processor's, got ${disagreement.toPrecision(3)} from ${this.#options.provider}; use another provider`,
    );
  }

  async #run(session: Session, pixels: Float32Array<ArrayBuffer>, images: number) {
    const { preprocessing, classes, output } = this.#options;
    const { planes, rows, cols } = preprocessing;
    const n = this.#isWhole ? this.opened.batch : images;
    const numbers = n * planes * rows * cols;
    const whole = pixels.length === numbers ? pixels : filledUp(pixels, numbers);
    const result = await session.run(whole, [n, planes, rows, cols]);
    const extras = this.#extras.map((value, i) => extraRows(result.extras[i], n, images, value));
    // What the model gave, before its activation is applied in place.
    const raw = result.data.slice(0, (result.data.length / n) * images);
    return { scores: scoresOf(result, n, images, classes, output.activation), extras, raw };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#maps?.[Symbol.asyncDispose]();
    await this.#occluder?.[Symbol.asyncDispose]();
    await this.#session[Symbol.asyncDispose]();
  }
}

function filledUp(pixels: Float32Array, numbers: number): Float32Array {
  const whole = new Float32Array(numbers);
  whole.set(pixels);
  return whole;
}

function differenceOf(scores: Float32Array, expected: Float32Array): number {
  let size = 1;
  let most = 0;
  for (const [i, score] of expected.entries()) {
    size = Math.max(size, Math.abs(score));
    most = Math.max(most, Math.abs(score - (scores[i] ?? Number.NaN)));
  }
  return most / size;
}

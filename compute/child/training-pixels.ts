import { availableParallelism } from "node:os";
import { masksOfChain } from "../transforms/chain.ts";
import { RUN_SECONDS } from "./evaluate.ts";
import { shareOfCache } from "./pixel-cache.ts";
import type { TrainingImage, TrainTask } from "./protocol.ts";
import { BadImageError } from "./tally.ts";
import { Thread } from "./thread.ts";
import { withinSeconds } from "./time-limit.ts";
import type { SlottedImage, TrainingDecodeAnswer, TrainingDecodeRequest } from "./training-decode-thread.ts";

/** Threads that decode: with more, the disk or the session is what waits. */
const MOST_DECODERS = 8;
/** Share of the memory that decoded images may take. */
const CACHE_SHARE = 1 / 4;
/** Share that batches may take which stand ready before the session. */
const AHEAD_SHARE = 1 / 8;
/** Images that a thread looks at between two signs of life. */
const LOOK_IMAGES = 32;

/** An image that could not be had. */
export interface ImageProblem {
  readonly image: TrainingImage;
  readonly code: string;
  readonly message: string;
}

/** Images on their way into a network: decoded once where memory allows, changed anew each epoch, on threads. */
export class TrainingPixels {
  readonly #threads: readonly Thread<TrainingDecodeRequest, TrainingDecodeAnswer>[];
  readonly #images: readonly TrainingImage[];
  /** Batches worth asking for ahead: one for each thread and the session, where memory allows. */
  readonly ahead: number;
  #next = 0;

  private constructor(
    threads: readonly Thread<TrainingDecodeRequest, TrainingDecodeAnswer>[],
    images: readonly TrainingImage[],
    batchesThatFit: number,
  ) {
    this.#threads = threads;
    this.#images = images;
    this.ahead = Math.max(2, Math.min(threads.length + 1, Math.floor(batchesThatFit)));
  }

  static async open(
    task: TrainTask,
    images: readonly TrainingImage[],
    memoryMiB: number,
  ): Promise<TrainingPixels> {
    const { recipe, root, maskRoots = {}, transforms, plugins = [] } = task;
    const { preprocessing, augmentation, seed } = recipe;
    const size = preprocessing.rows * preprocessing.cols;
    const bytes = size * 4;
    const names = masksOfChain(transforms);
    const slotBytes = bytes + size * names.length;
    const slots = Math.min(images.length, Math.floor((memoryMiB * 2 ** 20 * CACHE_SHARE) / slotBytes));
    const cache = {
      pixels: new SharedArrayBuffer(slots * bytes),
      masks: Object.fromEntries(names.map((name) => [name, new SharedArrayBuffer(slots * size)])),
      filled: new SharedArrayBuffer(slots),
    };
    const threads = Array.from(
      { length: Math.max(1, Math.min(MOST_DECODERS, availableParallelism() - 1)) },
      () => new Thread<TrainingDecodeRequest, TrainingDecodeAnswer>("training-decode-thread"),
    );
    const kept = await shareOfCache(task.pixelCache, threads.length);
    const maker = { root, maskRoots, preprocessing, transforms, plugins, augmentation, seed, cache };
    const open = { kind: "open", maker: { ...maker, ...(kept === undefined ? {} : { kept }) } } as const;
    await Promise.all(threads.map((thread) => thread.ask(open)));
    const batchBytes = recipe.batch * preprocessing.planes * bytes;
    return new TrainingPixels(threads, images, (memoryMiB * 2 ** 20 * AHEAD_SHARE) / batchBytes);
  }

  /**
   * Reads every image once, so that what is missing or broken is known before the first step.
   *
   * @param onImages - told of each portion that was read
   * @returns what cannot be had, in the order of the images
   */
  async look(onImages: (count: number) => Promise<void>): Promise<readonly ImageProblem[]> {
    const problems: (ImageProblem & { readonly index: number })[] = [];
    let next = 0;
    const lookSome = async (thread: Thread<TrainingDecodeRequest, TrainingDecodeAnswer>) => {
      while (next < this.#images.length) {
        const from = next;
        const indexes = [...this.#images.slice(from, from + LOOK_IMAGES).keys()].map((k) => from + k);
        next += indexes.length;
        const request = { kind: "look", images: this.#slotted(indexes) } as const;
        const answer = await withinSeconds(RUN_SECONDS, thread.ask(request));
        for (const { place, code, message } of answer.problems) {
          const index = from + place;
          // Safe: a place within the portion.
          problems.push({ index, image: this.#images[index] as TrainingImage, code, message });
        }
        await onImages(indexes.length);
      }
    };
    await Promise.all(this.#threads.map(lookSome));
    return problems.sort((a, b) => a.index - b.index);
  }

  /**
   * The input of a network: images by their indexes, changed as drawn for their places in an epoch, or as they are.
   *
   * @throws {BadImageError} for an image that could be read before
   */
  async batch(
    indexes: ArrayLike<number>,
    drawn?: { readonly epoch: number; readonly from: number },
  ): Promise<Float32Array<ArrayBuffer>> {
    const thread = this.#threads[this.#next++ % this.#threads.length];
    if (thread === undefined) throw new Error("Expected threads that decode, got none");
    const images = this.#slotted(Array.from(indexes));
    const request = { kind: "batch", images, ...(drawn === undefined ? {} : { drawn }) } as const;
    const { problems, pixels } = await withinSeconds(RUN_SECONDS, thread.ask(request));
    const [problem] = problems;
    if (problem === undefined) return pixels;
    const ordinal = images[problem.place]?.image.ordinal ?? 0; // safe: a place within the request
    throw new BadImageError(problem.code, problem.message, ordinal);
  }

  #slotted(indexes: readonly number[]): readonly SlottedImage[] {
    return indexes.map((index) => {
      const { ordinal, uri, sha256, masks = {} } = this.#images[index] as TrainingImage; // safe: indexes are of these images
      return { slot: index, image: { ordinal, uri, sha256, masks } };
    });
  }
}

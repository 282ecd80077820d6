import { RandomStream, shuffle } from "../random.ts";
import type { Sampling } from "./recipe.ts";
import { TrainingError } from "./training-error.ts";

/** What sampling needs to know of a training image. */
export interface SampledImage {
  readonly target: number | readonly number[];
  readonly stratum?: number;
}

/** Streams of a seed from 2^32 on are the epochs'; those below begin weights. */
const EPOCH_STREAMS = 2 ** 32;

/** The random numbers of a place in an epoch: a function of seed, epoch and place alone. */
export function streamOf(seed: number, epoch: number, place: number): RandomStream {
  return new RandomStream(seed, epoch * EPOCH_STREAMS + place);
}

/**
 * Which images an epoch sees, in order: a function of the seed and the epoch alone. O(n).
 *
 * Shuffled, every image comes once before any comes twice; `length` beyond the images begins a new order.
 *
 * @param length - draws in all
 * @param epoch - from 1
 * @returns indexes into `images`
 * @throws {TrainingError} TRAINING_TOO_FEW_IMAGES: strata are to be matched, and the classes have none in common
 */
export function epochOrder(
  sampling: Sampling,
  images: readonly SampledImage[],
  length: number,
  { seed, epoch }: { readonly seed: number; readonly epoch: number },
): Uint32Array<ArrayBuffer> {
  // Place 2^32 - 1 of the epoch is no image's.
  const stream = streamOf(seed, epoch, EPOCH_STREAMS - 1);
  if (sampling.kind === "shuffle") return rounds(images.length, length, stream);
  const draw = draws[sampling.kind](images);
  return Uint32Array.from({ length }, () => draw(stream));
}

function rounds(count: number, length: number, stream: RandomStream): Uint32Array<ArrayBuffer> {
  const order = new Uint32Array(length);
  const round = Uint32Array.from({ length: count }, (_, k) => k);
  for (let from = 0; from < length; from += count) {
    shuffle(round, stream);
    order.set(round.subarray(0, Math.min(count, length - from)), from);
  }
  return order;
}

type Draw = (stream: RandomStream) => number;

/** A class, each as likely; of many findings one of them, and then its presence or absence. */
function byClass(images: readonly SampledImage[]): Draw {
  const classes = new Map<number, Map<number, number[]>>();
  for (const [index, { target }] of images.entries()) {
    if (typeof target === "number") push(classes, target, 1, index);
    else for (const [k, truth] of target.entries()) if (truth >= 0) push(classes, k, truth, index);
  }
  const groups = inOrder(classes).map(inOrder);
  return (stream) => pick(stream, pick(stream, pick(stream, groups)));
}

/** An image's class as often as it occurs, but each level within it as likely as any other. */
function byStratum(images: readonly SampledImage[]): Draw {
  const codes = new Map<string, number>();
  const classes = new Map<number, Map<number, number[]>>();
  const classOf = images.map(({ target, stratum }, index) => {
    const key = String(target);
    const code = codes.get(key) ?? codes.size;
    codes.set(key, code);
    push(classes, code, stratum ?? -1, index);
    return code;
  });
  const levels = new Map([...classes].map(([code, strata]) => [code, inOrder(strata)]));
  return (stream) => {
    const code = pick(stream, classOf);
    // Safe: every image's class has its levels.
    return pick(stream, pick(stream, levels.get(code) as readonly number[][]));
  };
}

/**
 * An image's class as often as it occurs, but each level within it as often as among all images of levels that every class
 * has: the classes then agree in how often each level comes, whatever else differs.
 */
function byMatchedStratum(images: readonly SampledImage[]): Draw {
  const strata = new Map<number, Map<number, number[]>>();
  const classes = new Set(images.map(({ target }) => Number(target)));
  for (const [index, { target, stratum }] of images.entries())
    push(strata, stratum ?? -1, Number(target), index);
  const common = images.flatMap(({ stratum }) => {
    const members = strata.get(stratum ?? -1);
    return members?.size === classes.size ? [members] : [];
  });
  if (common.length === 0) {
    throw new TrainingError(
      "TRAINING_TOO_FEW_IMAGES",
      "Expected a level that images of every class have, got none; even out fewer attributes",
    );
  }
  const targets = images.map(({ target }) => Number(target));
  return (stream) => {
    const target = pick(stream, targets);
    // Safe: a common level has images of every class.
    return pick(stream, pick(stream, common).get(target) as readonly number[]);
  };
}

const draws = {
  balanced: byClass,
  "equal-strata": byStratum,
  "matched-strata": byMatchedStratum,
} as const satisfies Record<Exclude<Sampling["kind"], "shuffle">, (images: readonly SampledImage[]) => Draw>;

function push(into: Map<number, Map<number, number[]>>, key: number, level: number, index: number): void {
  const levels = into.get(key) ?? new Map<number, number[]>();
  into.set(key, levels);
  const members = levels.get(level) ?? [];
  levels.set(level, members);
  members.push(index);
}

function inOrder<Value>(map: ReadonlyMap<number, Value>): readonly Value[] {
  return [...map].sort(([a], [b]) => a - b).map(([, value]) => value);
}

function pick<Value>(stream: RandomStream, from: readonly Value[]): Value {
  return from[below(stream, from.length)] as Value; // safe: no group is empty
}

/** A whole number below the bound; 52 bits make the likeliest exceed the least likely by 2^-20 of it at most. */
function below(stream: RandomStream, bound: number): number {
  return Math.floor(stream.uniform() * bound);
}

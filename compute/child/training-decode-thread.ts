import type { Preprocessing } from "../onnx/preprocessing.ts";
import { applyChange, drawChange } from "../trainers/augmentation.ts";
import type { Augmentation } from "../trainers/recipe.ts";
import { streamOf } from "../trainers/sampling.ts";
import { masksOfChain, parseChain, type TransformChain } from "../transforms/chain.ts";
import { loadTransforms } from "../transforms/load-transforms.ts";
import { prepareModelInput } from "../transforms/model-input.ts";
import { PixelCache, type PixelCachePlace } from "./pixel-cache.ts";
import { masksAt, readInput } from "./prepare-batch.ts";
import type { ImageFile } from "./protocol.ts";
import { serveThread } from "./thread.ts";

/** Images that are read and decoded at once: one waits for the disk, one for libvips, one is resized. */
const AT_ONCE = 4;

/** What makes a network's input of training images. */
export interface TrainingMaker {
  readonly root: string;
  /** Folder of the masks of each name that a transform asks for. */
  readonly maskRoots: Readonly<Record<string, string>>;
  readonly preprocessing: Preprocessing;
  readonly transforms: TransformChain;
  readonly plugins: readonly string[];
  readonly augmentation: Augmentation;
  readonly seed: number;
  /** What this thread may keep of decoded images for other runs. */
  readonly kept?: PixelCachePlace;
  /**
   * Shared by all threads: grey images of rows * cols by their slots, with as many bytes of each mask, and 1 for each slot
   * that is filled.
   */
  readonly cache: {
    readonly pixels: SharedArrayBuffer;
    readonly masks: Readonly<Record<string, SharedArrayBuffer>>;
    readonly filled: SharedArrayBuffer;
  };
}

/** An image and its slot in the cache; beyond it, it is read anew each time. */
export interface SlottedImage {
  readonly slot: number;
  readonly image: ImageFile;
}

/** Asks a thread to make itself ready, to read images for the first time, or for a batch. */
export type TrainingDecodeRequest =
  | { readonly kind: "open"; readonly maker: TrainingMaker }
  | { readonly kind: "look"; readonly images: readonly SlottedImage[] }
  | {
      readonly kind: "batch";
      readonly images: readonly SlottedImage[];
      /** Changes drawn for these places of an epoch, the first image's and on; absent: none. */
      readonly drawn?: { readonly epoch: number; readonly from: number };
    };

/** Images that cannot be had, by their place in the request; a batch's pixels. */
export interface TrainingDecodeAnswer {
  readonly problems: readonly { readonly place: number; readonly code: string; readonly message: string }[];
  /** Length images * planes * rows * cols; empty for "look". */
  readonly pixels: Float32Array<ArrayBuffer>;
}

interface OpenMaker extends TrainingMaker {
  readonly pixelCache?: PixelCache;
  readonly pixels: Float32Array;
  readonly masks: Masks;
  readonly flags: Uint8Array;
}

/** Bits by the name of the masks, image after image. */
type Masks = ReadonlyMap<string, Uint8Array>;

let opened: OpenMaker | undefined;

serveThread<TrainingDecodeRequest, TrainingDecodeAnswer>(async (request) => {
  if (request.kind === "open") {
    const { maker } = request;
    await loadTransforms(maker.plugins);
    opened = {
      ...maker,
      ...(maker.kept === undefined ? {} : { pixelCache: new PixelCache(maker.kept, maker.preprocessing) }),
      transforms: parseChain(maker.transforms),
      pixels: new Float32Array(maker.cache.pixels),
      masks: new Map(Object.entries(maker.cache.masks).map(([name, bits]) => [name, new Uint8Array(bits)])),
      flags: new Uint8Array(maker.cache.filled),
    };
    return { value: { problems: [], pixels: new Float32Array() } };
  }
  if (opened === undefined) throw new Error("Expected to be opened first");
  const { rows, cols } = opened.preprocessing;
  const length = request.images.length * rows * cols;
  const grey = new Float32Array(length);
  const names = masksOfChain(opened.transforms);
  const masks: Masks = new Map(names.map((name) => [name, new Uint8Array(length)]));
  const problems = await readAll(opened, request.images, grey, masks);
  if (request.kind === "look" || problems.length > 0) {
    return { value: { problems, pixels: new Float32Array() } };
  }
  const changed =
    request.drawn === undefined ? { pixels: grey, masks } : change(opened, grey, masks, request.drawn);
  const imageNumbers = Uint32Array.from(request.images, ({ image }) => image.ordinal);
  const batch = { ...changed, count: request.images.length, planes: 1, rows, cols, imageNumbers };
  const made = await prepareModelInput(batch, opened.transforms, opened.preprocessing, { threads: 1 });
  const pixels =
    made.pixels.buffer instanceof ArrayBuffer && made.pixels.byteLength === made.pixels.buffer.byteLength
      ? new Float32Array(made.pixels.buffer)
      : new Float32Array(made.pixels);
  return { value: { problems, pixels }, transfer: [pixels.buffer] };
});

/** Fills `into`, image after image, from the cache where they are there; what is read goes there. */
async function readAll(
  maker: OpenMaker,
  images: readonly SlottedImage[],
  into: Float32Array,
  masks: Masks,
): Promise<TrainingDecodeAnswer["problems"]> {
  const size = maker.preprocessing.rows * maker.preprocessing.cols;
  const problems: TrainingDecodeAnswer["problems"][number][] = [];
  let next = 0;
  const readSome = async () => {
    for (let place = next++; place < images.length; place = next++) {
      const wanted = images[place];
      if (wanted === undefined) return;
      const { slot, image } = wanted;
      const grey = into.subarray(place * size, (place + 1) * size);
      const isCached = slot < maker.flags.length;
      const cached = maker.pixels.subarray(slot * size, (slot + 1) * size);
      const [bits, cachedBits] = [masksAt(masks, place, size), masksAt(maker.masks, slot, size)];
      if (isCached && Atomics.load(maker.flags, slot) === 1) {
        grey.set(cached);
        copyMasks(cachedBits, bits);
        continue;
      }
      const problem = await readInput(maker, image, grey, bits);
      if (problem !== undefined) problems.push({ place, ...problem });
      else if (isCached) {
        // Another thread may do the same with the same numbers.
        cached.set(grey);
        copyMasks(bits, cachedBits);
        Atomics.store(maker.flags, slot, 1);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, readSome));
  return problems;
}

function copyMasks(from: Masks, into: Masks): void {
  for (const [name, bits] of from) into.get(name)?.set(bits);
}

/** Changes images as drawn for their places, each with its masks: a region stays where its pixels are. */
function change(
  { preprocessing, augmentation, seed }: OpenMaker,
  grey: Float32Array,
  masks: Masks,
  { epoch, from }: { readonly epoch: number; readonly from: number },
): { readonly pixels: Float32Array; readonly masks: Masks } {
  const { rows, cols, intensity } = preprocessing;
  const size = rows * cols;
  const changed = new Float32Array(grey.length);
  const shares = new Float32Array(size);
  // Recorded values have no black that all images share.
  const beyond = intensity === "raw" ? "edge" : 0;
  for (let k = 0; k * size < grey.length; k += 1) {
    const image = grey.subarray(k * size, (k + 1) * size);
    const into = changed.subarray(k * size, (k + 1) * size);
    const map = drawChange(augmentation, rows, cols, streamOf(seed, epoch, from + k));
    if (map === undefined) {
      into.set(image);
      continue;
    }
    applyChange(image, rows, cols, map, beyond, into);
    for (const bits of masksAt(masks, k, size).values()) {
      applyChange(Float32Array.from(bits), rows, cols, map, 0, shares);
      bits.set(Uint8Array.from(shares, (share) => (share > 0.5 ? 1 : 0)));
    }
  }
  return { pixels: changed, masks };
}

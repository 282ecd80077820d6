import { decodeImage } from "../data/images/decode-image.ts";
import type { Preprocessing } from "../onnx/preprocessing.ts";
import { masksOfChain, type TransformChain } from "../transforms/chain.ts";
import { prepareModelInput } from "../transforms/model-input.ts";
import { fitImage } from "./fit-image.ts";
import type { PixelCache } from "./pixel-cache.ts";
import type { ImageFile } from "./protocol.ts";
import { readImage } from "./read-image.ts";
import { readMask } from "./read-mask.ts";

/** Images that are read and decoded at once: one waits for the disk, one for libvips, one is resized. */
const AT_ONCE = 4;

/** What makes a model's input of files. */
export interface BatchMaker {
  readonly root: string;
  readonly preprocessing: Preprocessing;
  readonly transforms: TransformChain;
  /** Folder of the masks of each name that a transform asks for. */
  readonly maskRoots?: Readonly<Record<string, string>>;
  /** Where images lie that were decoded before. */
  readonly pixelCache?: PixelCache;
}

/** Images of a batch, with neighbours before and after that only have a part in what a transform makes of them. */
export interface BatchFiles {
  readonly images: readonly ImageFile[];
  /** How many of `images` come before those that count, and how many count. */
  readonly skip: number;
  readonly count: number;
}

/** A batch as a model takes it. */
export interface PreparedBatch {
  /** Length count * planes * rows * cols. */
  readonly pixels: Float32Array<ArrayBuffer>;
  /** Length count. */
  readonly ordinals: Uint32Array<ArrayBuffer>;
  /** Images without pixels, by their place in the batch: they are black there, and their scores mean nothing. */
  readonly problems: readonly { readonly place: number; readonly code: string; readonly message: string }[];
}

/**
 * Reads, checks, decodes, resizes, transforms and normalises a batch. What an image becomes depends on itself and, where a
 * transform reaches that far, on its neighbours: never on where a batch ends.
 *
 * @throws {ComputeError | KernelError} when the chain cannot be done
 */
export async function prepareBatch(maker: BatchMaker, files: BatchFiles): Promise<PreparedBatch> {
  const { preprocessing, transforms } = maker;
  const { rows, cols, planes } = preprocessing;
  const { images, skip, count } = files;
  const size = rows * cols;
  const pixels = new Float32Array(images.length * size);
  const masks = new Map(masksOfChain(transforms).map((name) => [name, new Uint8Array(images.length * size)]));
  const problems: PreparedBatch["problems"][number][] = [];
  let next = 0;
  const readSome = async () => {
    for (let i = next++; i < images.length; i = next++) {
      const image = images[i];
      if (image === undefined) return;
      const slot = pixels.subarray(i * size, (i + 1) * size);
      const problem = await readInput(maker, image, slot, masksAt(masks, i, size));
      if (problem === undefined) continue;
      slot.fill(0);
      if (i >= skip && i < skip + count) problems.push({ place: i - skip, ...problem });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, readSome));
  const imageNumbers = Uint32Array.from(images, ({ ordinal }) => ordinal);
  const batch = { pixels, count: images.length, planes: 1, rows, cols, imageNumbers, masks };
  const prepared = await prepareModelInput(batch, transforms, preprocessing, { threads: 1 });
  return {
    // A copy only where neighbours are to be left behind; the addon's results are plain memory.
    pixels: sliceOf(prepared.pixels, skip * planes * size, count * planes * size),
    ordinals: imageNumbers.slice(skip, skip + count),
    problems,
  };
}

/** The part of each mask's bits that belongs to one image of a batch; `size` pixels an image. */
export function masksAt(
  masks: ReadonlyMap<string, Uint8Array>,
  place: number,
  size: number,
): ReadonlyMap<string, Uint8Array> {
  return new Map([...masks].map(([name, bits]) => [name, bits.subarray(place * size, (place + 1) * size)]));
}

/**
 * Reads, checks, decodes and resizes one image and its masks; or says why it has no pixels.
 *
 * @param masks - by name, rows * cols each, written over: 1 within the region
 */
export async function readInput(
  maker: Pick<BatchMaker, "root" | "preprocessing" | "maskRoots" | "pixelCache">,
  image: ImageFile,
  slot: Float32Array,
  masks: ReadonlyMap<string, Uint8Array>,
): Promise<CodedProblem | undefined> {
  return codedProblem(async () => {
    await readPixels(maker, image, slot);
    for (const [name, bits] of masks) {
      bits.set(await readMask(maker.maskRoots?.[name], image.masks?.[name], maker.preprocessing));
    }
  });
}

async function readPixels(
  { root, preprocessing, pixelCache }: Pick<BatchMaker, "root" | "preprocessing" | "pixelCache">,
  image: ImageFile,
  slot: Float32Array,
): Promise<void> {
  // Also where its pixels are kept: a file that has changed since it was imported is refused.
  const bytes = await readImage(root, image.uri, image.sha256);
  if ((await pixelCache?.read(image.sha256, slot)) === true) return;
  const window = preprocessing.intensity === "window" ? "file" : "none";
  const decoded = await decodeImage(bytes, { window });
  const size = decoded.rows * decoded.cols;
  await fitImage(decoded, preprocessing, slot);
  await pixelCache?.keep(image.sha256, slot, size);
}

interface CodedProblem {
  readonly code: string;
  readonly message: string;
}

async function codedProblem(read: () => Promise<void>): Promise<CodedProblem | undefined> {
  try {
    await read();
    return undefined;
  } catch (error) {
    // Codes of the readers and of the addon; whatever carries none is our own fault and ends the run.
    if (error instanceof Error && "code" in error && /^(IMAGE|BAD_IMAGE)_/.test(String(error.code))) {
      return { code: String(error.code), message: error.message };
    }
    throw error;
  }
}

function sliceOf(pixels: Float32Array, from: number, length: number): Float32Array<ArrayBuffer> {
  if (from === 0 && length === pixels.length && pixels.buffer instanceof ArrayBuffer) {
    return new Float32Array(pixels.buffer, pixels.byteOffset, length);
  }
  return new Float32Array(pixels.subarray(from, from + length));
}

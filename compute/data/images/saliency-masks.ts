import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ComputeError } from "../../errors.ts";
import { loadSharp } from "./load-sharp.ts";
import { placeWithin, type Size } from "./place-within.ts";

/** The image that a saliency map is of. */
export interface MappedImage {
  readonly id: string;
  readonly rows: number;
  readonly cols: number;
}

/** How a map becomes a region. */
export interface SaliencyRegion {
  /** From which value of the map on a pixel is within; above 0, at most 1. */
  readonly threshold: number;
  /** Whether that is a share of the map's largest value; else a value as it stands, of a model that segments. */
  readonly relative: boolean;
  /** The smallest rectangle around all of it instead. */
  readonly box: boolean;
  /** Size of the model's input where it pads images to it; absent: it stretches them. */
  readonly padded?: Size;
}

/**
 * Writes a mask for each image of an evaluation's `saliency.npy`: maps are brought to the size of their image
 * bilinearly, as the model saw it. The study's code boxes what is above 0.1.
 *
 * @param folder - absolute path of the files that an evaluation left
 * @param into - absolute path of a folder, made where there is none
 * @returns path below `into` by the image's id
 * @throws {ComputeError} INVALID_INPUT for files in another form, INVALID_PARAM for a threshold out of range
 */
export async function writeSaliencyMasks(
  folder: string,
  into: string,
  imageOf: (ordinal: number) => MappedImage | undefined,
  { threshold, relative, box, padded }: SaliencyRegion,
): Promise<ReadonlyMap<string, string>> {
  if (!(threshold > 0 && threshold <= 1)) {
    throw new ComputeError("INVALID_PARAM", `Expected a threshold above 0, at most 1, got ${threshold}`);
  }
  const maps = await readNpy(join(folder, "saliency.npy"), "<f4", 3);
  const ordinals = await readNpy(join(folder, "ordinals.npy"), "<u4", 1);
  const [count = 0, rows = 0, cols = 0] = maps.shape;
  if (ordinals.shape[0] !== count) {
    throw new ComputeError(
      "INVALID_INPUT",
      `Expected an ordinal for each of ${count} maps, got another number`,
    );
  }
  const values = new Float32Array(maps.bytes);
  const places = new Uint32Array(ordinals.bytes);
  const sharp = await loadSharp();
  await mkdir(into, { recursive: true });
  const paths = new Map<string, string>();
  for (const [i, ordinal] of places.entries()) {
    const image = imageOf(ordinal);
    if (image === undefined) continue;
    const map = values.subarray(i * rows * cols, (i + 1) * rows * cols);
    const most = relative ? map.reduce((high, value) => Math.max(high, value), 0) : 1;
    const grey = Uint8Array.from(map, (value) =>
      most > 0 ? Math.min(255, Math.max(0, Math.round((255 * value) / most))) : 0,
    );
    const { data } = await sharp(grey, { raw: { width: cols, height: rows, channels: 1 } })
      .extract(partOf({ rows, cols }, image, padded))
      .resize(image.cols, image.rows, { fit: "fill", kernel: "linear" })
      .extractChannel(0)
      .raw()
      .toBuffer({ resolveWithObject: true });
    const region = Uint8Array.from(data, (value) => (value > 0 && value >= threshold * 255 ? 255 : 0));
    if (box) fillBox(region, image);
    const raw = { width: image.cols, height: image.rows, channels: 1 } as const;
    const path = `${ordinal}.png`;
    await writeFile(join(into, path), await sharp(region, { raw }).png().toBuffer());
    paths.set(image.id, path);
  }
  return paths;
}

/** The part of a map that is of the image: all of it, or what is not padding. */
function partOf(map: Size, image: Size, padded: Size | undefined) {
  if (padded === undefined) return { left: 0, top: 0, width: map.cols, height: map.rows };
  const { rows, cols, top, left } = placeWithin(image, padded);
  const down = map.rows / padded.rows;
  const right = map.cols / padded.cols;
  const [first, last] = [Math.round(left * right), Math.round((left + cols) * right)];
  const [upper, lower] = [Math.round(top * down), Math.round((top + rows) * down)];
  return { left: first, top: upper, width: Math.max(1, last - first), height: Math.max(1, lower - upper) };
}

function fillBox(region: Uint8Array, { rows, cols }: MappedImage): void {
  const marked = [...region.keys()].filter((i) => region[i] !== 0);
  if (marked.length === 0) return;
  const at = (place: (i: number) => number, pick: (a: number, b: number) => number) =>
    marked.reduce((best, i) => pick(best, place(i)), place(marked[0] ?? 0));
  const rowOf = (i: number) => Math.floor(i / cols);
  const colOf = (i: number) => i % cols;
  const [top, bottom] = [at(rowOf, Math.min), at(rowOf, Math.max)];
  const [left, right] = [at(colOf, Math.min), at(colOf, Math.max)];
  for (let row = 0; row < rows; row += 1) {
    for (let col = 0; col < cols; col += 1) {
      if (row >= top && row <= bottom && col >= left && col <= right) region[row * cols + col] = 255;
    }
  }
}

async function readNpy(
  path: string,
  type: string,
  dimensions: number,
): Promise<{ readonly shape: readonly number[]; readonly bytes: ArrayBuffer }> {
  const file = await readFile(path).catch((cause: unknown) => {
    throw new ComputeError("INVALID_INPUT", "Expected an evaluation's files in the folder, got none", {
      cause,
    });
  });
  const length = file.length >= 10 ? file.readUInt16LE(8) : 0;
  const header = file.toString("latin1", 10, 10 + length);
  const shape = (/'shape': \(([0-9, ]*)\)/.exec(header)?.[1] ?? "")
    .split(",")
    .filter((side) => side.trim() !== "");
  const sides = shape.map(Number);
  const size = sides.reduce((product, side) => product * side, 4);
  if (!header.includes(`'${type}'`) || sides.length !== dimensions || file.length !== 10 + length + size) {
    throw new ComputeError(
      "INVALID_INPUT",
      `Expected a NumPy file of ${type}, got another; is it of an evaluation?`,
    );
  }
  return { shape: sides, bytes: Uint8Array.from(file.subarray(10 + length)).buffer };
}

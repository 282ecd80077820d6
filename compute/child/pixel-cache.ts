import { createHash, randomUUID } from "node:crypto";
import type { Stats } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Preprocessing } from "../onnx/preprocessing.ts";

/** Where pixels are kept between runs, and how many bytes of them. */
export interface PixelCachePlace {
  /** Absolute path of a folder, made where there is none. */
  readonly folder: string;
  readonly bytes: number;
}

/** How many times the pixels of its fitted form an image must have to be kept: below, decoding costs as little as reading. */
const WORTH = 4;
const CHECK_BYTES = 16;

/** Raised when decoding or fitting comes to give other numbers. */
const PIXELS_VERSION = 1;

/**
 * Images as they were decoded and fitted to a model's size, in files named by the digest of the image, so that the runs of a
 * sweep decode each image once. A file that is damaged counts as none, and a disk that is full as one that keeps nothing more.
 */
export class PixelCache {
  readonly #folder: string;
  #room: number;
  readonly #made = new Set<string>();

  /** @param room - bytes that may still be added */
  constructor({ folder, bytes: room }: PixelCachePlace, preprocessing: Preprocessing) {
    this.#folder = join(folder, keyOf(preprocessing));
    this.#room = room;
  }

  /** Fills `into` with what was kept of an image; false where nothing was. */
  async read(sha256: string, into: Float32Array): Promise<boolean> {
    const bytes = await readFile(this.#pathOf(sha256)).catch(() => undefined);
    if (bytes?.length !== into.byteLength + CHECK_BYTES) return false;
    const pixels = bytes.subarray(0, into.byteLength);
    if (!checkOf(pixels).equals(bytes.subarray(into.byteLength))) return false;
    new Uint8Array(into.buffer, into.byteOffset, into.byteLength).set(pixels);
    return true;
  }

  /** Keeps an image's pixels, where they are worth it and there is room. */
  async keep(sha256: string, fitted: Float32Array, decoded: number): Promise<void> {
    const size = fitted.byteLength + CHECK_BYTES;
    if (decoded < WORTH * fitted.length || size > this.#room) return;
    this.#room -= size;
    const path = this.#pathOf(sha256);
    const unfinished = `${path}.${randomUUID()}.tmp`;
    try {
      const folder = join(path, "..");
      if (!this.#made.has(folder)) await mkdir(folder, { recursive: true, mode: 0o700 });
      this.#made.add(folder);
      const pixels = Buffer.from(fitted.buffer, fitted.byteOffset, fitted.byteLength);
      await writeFile(unfinished, Buffer.concat([pixels, checkOf(pixels)]), { mode: 0o600 });
      await rename(unfinished, path);
    } catch {
      this.#room = 0;
      await rm(unfinished, { force: true }).catch(() => undefined);
    }
  }

  #pathOf(sha256: string): string {
    return join(this.#folder, sha256.slice(0, 2), `${sha256}.f32`);
  }
}

/** What of a preprocessing record fitted pixels depend on. */
function keyOf({ rows, cols, intensity, resize, antialias }: Preprocessing): string {
  const how = JSON.stringify([PIXELS_VERSION, rows, cols, intensity, resize, antialias]);
  return createHash("sha256").update(how).digest("hex").slice(0, 16);
}

function checkOf(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest().subarray(0, CHECK_BYTES);
}

/** What each of some threads may add; undefined where nothing is to be kept. */
export async function shareOfCache(
  place: PixelCachePlace | undefined,
  threads: number,
): Promise<PixelCachePlace | undefined> {
  if (place === undefined) return undefined;
  return { folder: place.folder, bytes: Math.floor((await roomOf(place)) / threads) };
}

/**
 * What may still be added below a folder. Where it is nine tenths full, the oldest files go first until it is half empty.
 * Looks at every file.
 *
 * @returns bytes; 0 where the folder cannot be used
 */
export async function roomOf({ folder, bytes }: PixelCachePlace): Promise<number> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const names = await readdir(folder, { recursive: true });
    const files: { readonly path: string; readonly status: Stats }[] = [];
    for (const name of names) {
      const path = join(folder, name);
      const status = await stat(path).catch(() => undefined);
      if (status?.isFile() === true) files.push({ path, status });
    }
    let held = files.reduce((sum, { status }) => sum + status.size, 0);
    if (held > 0.9 * bytes) {
      for (const { path, status } of files.sort((a, b) => a.status.mtimeMs - b.status.mtimeMs)) {
        if (held <= bytes / 2) break;
        await rm(path, { force: true });
        held -= status.size;
      }
    }
    return Math.max(0, bytes - held);
  } catch {
    return 0;
  }
}

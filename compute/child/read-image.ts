import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { ImageError } from "../data/images/image-error.ts";
import { DiskPace } from "./disk-pace.ts";

/** Longest image file that is read. */
const MOST_BYTES = 2 ** 30;
/** A pipe that nobody writes into must not be waited for. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/** A file is not the one that was imported. */
export class ImageChangedError extends Error {
  override readonly name = "ImageChangedError";
  readonly code = "IMAGE_CHANGED";
}

/**
 * Reads an image file whole and holds it to the digest it was imported with. Blocks its thread where files come fast.
 *
 * @param root - absolute path
 * @param uri - path below the root
 * @throws {ImageError} IMAGE_UNREADABLE, IMAGE_TOO_LARGE
 * @throws {ImageChangedError} IMAGE_CHANGED
 */
export async function readImage(root: string, uri: string, sha256: string): Promise<Uint8Array> {
  const parts = uri.split(/[\\/]/);
  if (uri === "" || uri.startsWith("/") || uri.includes("\0") || parts.includes("..")) {
    throw new ImageError("IMAGE_UNREADABLE", "Expected a path below the dataset's folder, got another");
  }
  const bytes = await readWhole(join(root, uri));
  if (createHash("sha256").update(bytes).digest("hex") === sha256) return bytes;
  throw new ImageChangedError(
    "Expected the file that was imported, got other bytes; restore it or import a new version",
  );
}

async function readWhole(path: string): Promise<Uint8Array> {
  try {
    return disk.isSlow() ? await readLater(path) : disk.timed(() => readNow(path));
  } catch (cause) {
    if (cause instanceof ImageError) throw cause;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "an error";
    throw new ImageError("IMAGE_UNREADABLE", `Expected a readable file, got ${code}`, { cause });
  }
}

/** Of this thread. */
const disk = new DiskPace();

function readNow(path: string): Uint8Array {
  const file = openSync(path, FLAGS);
  try {
    const status = fstatSync(file);
    requireFile(status);
    const bytes = Buffer.allocUnsafeSlow(status.size);
    let length = 0;
    while (length < bytes.length) {
      const read = readSync(file, bytes, length, bytes.length - length, length);
      if (read === 0) break;
      length += read;
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

/** Reads a file on libuv's threads. */
export async function readLater(path: string): Promise<Uint8Array> {
  await using file: FileHandle = await open(path, FLAGS);
  requireFile(await file.stat());
  return await file.readFile();
}

function requireFile(status: { isFile(): boolean; readonly size: number }): void {
  if (!status.isFile()) throw new ImageError("IMAGE_UNREADABLE", "Expected a file, got something else");
  if (status.size > MOST_BYTES) {
    throw new ImageError("IMAGE_TOO_LARGE", `Expected a file of at most ${MOST_BYTES} bytes, got more`);
  }
}

import { createHash } from "node:crypto";
import { open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Checkpoint, checkpointParts, readCheckpoint } from "../trainers/checkpoint.ts";

/** Checkpoints that stay: should the last be torn by the disk itself, there is one before it. */
const KEPT = 2;
const NAME = /^checkpoint-(\d{12})\.bin$/;
const UNFINISHED = ".tmp";

/** A file that lies there whole. */
export interface WrittenFile {
  readonly file: string;
  readonly sha256: string;
}

/**
 * Writes a file that is there whole or not at all, whatever ends the process or the machine: under another name, forced to
 * the disk, renamed, and the folder forced to the disk.
 *
 * @throws what the file system gives, ENOSPC among it; the unfinished file is gone then
 */
export async function writeAtomically(
  folder: string,
  file: string,
  parts: readonly Uint8Array[],
): Promise<WrittenFile> {
  const unfinished = join(folder, file + UNFINISHED);
  const hash = createHash("sha256");
  try {
    const handle = await open(unfinished, "w", 0o600);
    try {
      for (const part of parts) {
        hash.update(part);
        for (let at = 0; at < part.length; ) at += (await handle.write(part, at)).bytesWritten;
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, join(folder, file));
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  await using directory = await open(folder, "r");
  await directory.sync();
  return { file, sha256: hash.digest("hex") };
}

/** Writes a checkpoint, and removes all but the last two. */
export async function writeCheckpoint(folder: string, checkpoint: Checkpoint): Promise<WrittenFile> {
  const file = `checkpoint-${String(checkpoint.progress.step).padStart(12, "0")}.bin`;
  const written = await writeAtomically(folder, file, checkpointParts(checkpoint));
  const files = await checkpointFiles(folder);
  for (const old of files.slice(KEPT)) await rm(join(folder, old), { force: true });
  return written;
}

/** What a folder of checkpoints holds. */
export interface FoundCheckpoint {
  /** The newest that is whole. */
  readonly newest?: { readonly file: string; readonly checkpoint: Checkpoint };
  /** Files that were passed over since they are torn or were changed. */
  readonly damaged: number;
}

/** Looks for the newest whole checkpoint; removes what a process left unfinished. */
export async function findCheckpoint(folder: string): Promise<FoundCheckpoint> {
  for (const name of await readdir(folder)) {
    if (name.endsWith(UNFINISHED)) await rm(join(folder, name), { force: true });
  }
  let damaged = 0;
  for (const file of await checkpointFiles(folder)) {
    const checkpoint = readCheckpoint(await readFile(join(folder, file)));
    if (checkpoint !== undefined) return { newest: { file, checkpoint }, damaged };
    damaged += 1;
  }
  return { damaged };
}

/** Newest first. */
async function checkpointFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => NAME.test(name))
    .sort()
    .reverse();
}

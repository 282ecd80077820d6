import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/** Where one attempt of a training keeps its checkpoints. */
export interface CheckpointFolder {
  /** Absolute path. */
  readonly path: string;
  /** Removes all that the run left, of this attempt and of earlier ones. */
  remove(): Promise<void>;
}

const FOLDER = /^(\d+)-[0-9a-f-]{36}$/;
const FINGERPRINT = /^[0-9a-f]{64}$/;

/**
 * Opens the checkpoints of a run for one attempt. The folder that an earlier attempt left gets a new name, so that a worker
 * that lost the run and still lives can no longer write into it; what such a one makes anew is thrown away.
 *
 * @param root - folder of all trainings' checkpoints; made when it is needed
 */
export async function openCheckpoints(root: string, fingerprint: string): Promise<CheckpointFolder> {
  const ofRun = join(root, fingerprint);
  await mkdir(ofRun, { recursive: true, mode: 0o700 });
  const earlier = (await readdir(ofRun))
    .map((name) => ({ name, number: Number(FOLDER.exec(name)?.[1] ?? -1) }))
    .sort((a, b) => b.number - a.number);
  const number = Math.max(0, earlier[0]?.number ?? 0) + 1;
  const path = join(ofRun, `${number}-${randomUUID()}`);
  const [last, ...rest] = earlier;
  if (last !== undefined && last.number >= 0) await rename(join(ofRun, last.name), path);
  else await mkdir(path, { mode: 0o700 });
  for (const { name } of last !== undefined && last.number < 0 ? earlier : rest)
    await removeAll(join(ofRun, name));
  return { path, remove: () => removeAll(ofRun) };
}

/** Fingerprints of the runs whose checkpoints lie in the folder. */
export async function listCheckpoints(root: string): Promise<readonly string[]> {
  const names = await readdir(root).catch(() => []);
  return names.filter((name) => FINGERPRINT.test(name));
}

/** Removes the checkpoints of a run, if there are any. */
export function removeCheckpoints(root: string, fingerprint: string): Promise<void> {
  return removeAll(join(root, fingerprint));
}

/** A process that is being killed may still write a file while its folder is removed. */
function removeAll(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

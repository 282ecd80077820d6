import { realpath, stat } from "node:fs/promises";
import { isAbsolute, relative, sep } from "node:path";
import { ServiceError } from "../errors.ts";
import type { DatasetLocation } from "./image-files.queries.ts";

/** Folders that the operator lets the API read images from, by name. */
export type ImageRoots = Readonly<Record<string, string>>;

const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/**
 * Reads the setting STRATUM_IMAGE_ROOTS: `name=/absolute/path` with commas between.
 *
 * @returns undefined when it does not read so
 */
export function parseImageRoots(text: string): ImageRoots | undefined {
  const entries = text
    // A comma inside a path is no separator: what follows one must start with a name.
    .split(/,(?=[a-z0-9][a-z0-9_-]{0,62}=)/)
    .map(
      (entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1).trim()] as const,
    );
  if (entries.some(([name, path]) => !NAME.test(name) || !isAbsolute(path))) return undefined;
  if (new Set(entries.map(([name]) => name)).size !== entries.length) return undefined;
  return Object.freeze(Object.fromEntries(entries));
}

/** A folder with its links resolved. @throws {ServiceError} BAD_USER_INPUT when there is none */
export async function realFolder(path: string): Promise<string> {
  try {
    const real = await realpath(path);
    if ((await stat(real)).isDirectory()) return real;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "an error";
    throw new ServiceError("BAD_USER_INPUT", `Expected a folder of images, got ${code}`, { cause: error });
  }
  throw new ServiceError("BAD_USER_INPUT", "Expected a folder of images, got something else");
}

/** Where a folder lies, by the operator's name for the root it is in where it is in one. */
export async function locationOf(
  folder: string,
  roots: ImageRoots,
): Promise<Pick<DatasetLocation, "root" | "rootName" | "folder">> {
  const root = await realFolder(folder);
  for (const [rootName, path] of Object.entries(roots)) {
    const named = await realpath(path).catch(() => undefined);
    if (named === undefined || !isWithin(named, root)) continue;
    return { root, rootName, folder: relative(named, root).split(sep).join("/") };
  }
  return { root, rootName: null, folder: null };
}

/** The folder that a location means on this machine: a named root may lie elsewhere here. */
export function folderOf(
  location: Pick<DatasetLocation, "root" | "rootName" | "folder">,
  roots: ImageRoots,
): string {
  const { root, rootName, folder } = location;
  const named = rootName === null || !Object.hasOwn(roots, rootName) ? undefined : roots[rootName];
  if (named === undefined) return root;
  return folder === null || folder === "" ? named : `${named}/${folder}`;
}

/** Whether a path is a folder or lies in it; both absolute with links resolved. */
export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? folder : `${folder}${sep}`);
}

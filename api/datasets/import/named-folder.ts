import { lstat, realpath } from "node:fs/promises";
import { join } from "node:path";
import { normalisePath } from "../../../compute/index.ts";
import { ServiceError } from "../../errors.ts";
import { type ImageRoots, isWithin, realFolder } from "../image-roots.ts";

/**
 * A folder below one of the operator's named roots, never one that a link leads out of it.
 *
 * @throws {ServiceError} NOT_FOUND (no such root), BAD_USER_INPUT
 */
export async function namedFolder(roots: ImageRoots, name: string, folder: string): Promise<string> {
  const path = Object.hasOwn(roots, name) ? roots[name] : undefined;
  if (path === undefined) {
    throw new ServiceError(
      "NOT_FOUND",
      "Expected the name of an image root, found none of this name; the operator sets them in STRATUM_IMAGE_ROOTS",
    );
  }
  const root = await realFolder(path);
  if (folder === "") return root;
  const below = normalisePath(folder);
  const real = below === undefined ? undefined : await realFolder(join(root, below));
  if (real !== undefined && isWithin(root, real)) return real;
  throw new ServiceError("BAD_USER_INPUT", "Expected a folder below the image root, got another path");
}

/**
 * A table's file below a folder: an ordinary file with one name, reached by no link.
 *
 * @throws {ServiceError} BAD_USER_INPUT
 */
export async function tableBelow(root: string, name: string, path: string): Promise<string> {
  const below = normalisePath(path);
  try {
    const file = join(root, below ?? "");
    const stat = await lstat(file);
    const real = await realpath(file);
    if (below !== undefined && stat.isFile() && stat.nlink === 1 && isWithin(root, real)) return real;
  } catch {
    // Said below: which of the reasons it was would tell of files outside.
  }
  throw new ServiceError(
    "BAD_USER_INPUT",
    `Expected a file below the folder for the table "${name}", got another path; links are not followed`,
  );
}

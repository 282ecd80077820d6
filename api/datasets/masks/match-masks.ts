import { normalisePath } from "../../../compute/index.ts";
import type { ImageFile } from "../image-files.queries.ts";

/**
 * The path of each image's mask: what a table says of its id or its path, else the file of the same path but for the
 * ending, else the only file of the same name but for the ending.
 *
 * @param found - paths below the masks' root
 * @returns one entry an image; undefined where there is none
 */
export function matchMasks(
  images: readonly Pick<ImageFile, "externalId" | "uri">[],
  found: readonly string[],
  paths?: ReadonlyMap<string, string>,
): readonly (string | undefined)[] {
  if (paths !== undefined) {
    return images.map(({ externalId, uri }) => {
      const path = paths.get(externalId) ?? paths.get(uri);
      return path === undefined ? undefined : normalisePath(path);
    });
  }
  const byPath = new Map(found.map((path) => [stemOf(path), path]));
  const byName = new Map<string, string | undefined>();
  for (const path of found) {
    const name = nameOf(path);
    byName.set(name, byName.has(name) ? undefined : path);
  }
  return images.map(({ uri }) => byPath.get(stemOf(uri)) ?? byName.get(nameOf(uri)));
}

function stemOf(path: string): string {
  return path.replace(/\.[^./]*$/, "");
}

function nameOf(path: string): string {
  return stemOf(path.slice(path.lastIndexOf("/") + 1));
}

import { opendir } from "node:fs/promises";
import { join } from "node:path";

/** Files that systems leave behind, and the index that DICOM media carry: never images. */
const silent: readonly string[] = ["thumbs.db", "desktop.ini", "dicomdir"];
/** Files that lie beside images and say so by their names. */
const companions =
  /\.(txt|csv|tsv|json|jsonl|md|xml|html?|pdf|xlsx?|parquet|gz|zip|tar|ya?ml|log|py|ipynb|npy|npz|h5|pt|onnx|sha256|md5)$/i;

/** What lies below a root. */
export interface FolderListing {
  /** Paths below the root with slashes, in byte order. */
  readonly paths: readonly string[];
  /** Files left aside because their names say that they are no images. */
  readonly otherFiles: number;
}

/** The most folders in each other. */
const DEPTH_CAP = 64;

/**
 * Lists the files below a root. Links are listed, never followed; names that start with a dot are left out. Files of
 * other kinds (tables, texts, archives) are counted, unless `all`.
 *
 * @param signal - ends the walk
 */
export async function walkFolder(
  root: string,
  { all = false, signal }: { readonly all?: boolean; readonly signal?: AbortSignal | undefined } = {},
): Promise<FolderListing> {
  const paths: string[] = [];
  let otherFiles = 0;
  const walk = async (folder: string, depth: number): Promise<void> => {
    signal?.throwIfAborted();
    const inner: string[] = [];
    for await (const entry of await opendir(join(root, folder), { bufferSize: 1_024 })) {
      const { name } = entry;
      if (name.startsWith(".") || silent.includes(name.toLowerCase())) continue;
      const path = folder === "" ? name : `${folder}/${name}`;
      if (entry.isDirectory()) inner.push(path);
      else if (!all && companions.test(name)) otherFiles++;
      else paths.push(path);
    }
    if (depth < DEPTH_CAP) for (const path of inner) await walk(path, depth + 1);
  };
  await walk("", 0);
  const order = new Map(paths.map((path) => [path, Buffer.from(path)]));
  // Byte order, as `LC_ALL=C sort` has it: the same on every machine. `!`: every path is in the map.
  paths.sort((left, right) => Buffer.compare(order.get(left)!, order.get(right)!));
  return { paths, otherFiles };
}

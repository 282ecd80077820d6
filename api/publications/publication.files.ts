import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type PublicationData,
  type PublicationFileName,
  parsePublication,
  publicationFileNames,
} from "../../compute/index.ts";
import { packageRoot } from "../package-root.ts";

/** Where the data files of published studies are: a folder each. */
export const publicationsFolder: string = join(packageRoot, "publications");

/**
 * Every published study of a folder, parsed and checked, by name of its folder.
 *
 * @throws {ComputeError} INVALID_INPUT when a file is not what its printed texts say
 */
export async function readPublications(folder = publicationsFolder): Promise<readonly PublicationData[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
  return Promise.all(names.map((name) => readPublication(join(folder, name))));
}

async function readPublication(folder: string): Promise<PublicationData> {
  const texts = await Promise.all(
    publicationFileNames.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const),
  );
  // safe: fromEntries forgets that every name is there
  return parsePublication(Object.fromEntries(texts) as Record<PublicationFileName, string>);
}

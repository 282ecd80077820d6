import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../../api/package-root.ts";
import {
  type PublicationData,
  type PublicationFileName,
  parsePublication,
  publicationFileNames,
} from "../../../compute/data/publications/parse.ts";

/** The text of every data file of the study, by name. */
export function publicationFiles(): Record<PublicationFileName, string> {
  const read = (name: string) => readFileSync(join(packageRoot, "publications/gichoya-2022", name), "utf8");
  // fromEntries forgets that every name is there
  return Object.fromEntries(publicationFileNames.map((name) => [name, read(name)])) as Record<
    PublicationFileName,
    string
  >;
}

/** The study's data, parsed and checked. */
export function publishedStudy(): PublicationData {
  return parsePublication(publicationFiles());
}

/** The digest the data files were made from, where it lies beside the project; undefined elsewhere. */
export function digestFolder(): string | undefined {
  const folder = join(process.env["STRATUM_SHARED"] ?? join(packageRoot, "../shared"), "design");
  return existsSync(join(folder, "paper-numbers.json")) ? folder : undefined;
}

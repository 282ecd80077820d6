import { openFilePass } from "../../compute/index.ts";
import type { Database } from "../db/client.ts";
import { withTransaction } from "../db/transaction.ts";
import { ServiceError } from "../errors.ts";
import { findRoot, type ImageFile, insertLocation, listImageFiles } from "./image-files.queries.ts";
import { type ImageRoots, locationOf } from "./image-roots.ts";
import { type FileVersion, listFileVersions } from "./import/dataset-import.queries.ts";

/** Files of a version that are read before its new place is believed. */
const SAMPLE = 64;
const MOST_BYTES = 512 * 1024 ** 2;

/** A version whose files were found. */
export interface LocatedVersion {
  readonly version: number;
  readonly images: number;
  /** Files that were read and are the same. */
  readonly checked: number;
  /** False when they were known to lie there. */
  readonly moved: boolean;
}

/** Tells the warehouse where the files of a dataset lie now. */
export class LocateService {
  readonly #database: Database;
  readonly #roots: ImageRoots;

  constructor(database: Database, roots: ImageRoots = {}) {
    this.#database = database;
    this.#roots = roots;
  }

  /**
   * Records a new folder for a version of a dataset, after 64 of its files (or all) have been found there unchanged.
   *
   * @param version - default the newest one with files
   * @throws {ServiceError} NOT_FOUND, BAD_USER_INPUT when a file is missing or differs
   */
  async locate(
    slug: string,
    folder: string,
    { version, all = false, threads }: { version?: number; all?: boolean; threads?: number } = {},
  ): Promise<LocatedVersion> {
    const found = await this.#require(slug, version);
    const location = await locationOf(folder, this.#roots);
    const files = await this.#sample(found, all);
    const check = {
      root: location.root,
      verify: "header",
      maxBytes: MOST_BYTES,
      allowHardLinks: true,
      wantsAttributes: false,
    } as const;
    await using pass = openFilePass(check, threads);
    const seen = await pass.check(files.map(({ uri }) => uri));
    const same = files.filter(({ sha256 }, index) => {
      const result = seen[index];
      return result?.ok === true && Buffer.from(result.sha256).toString("hex") === sha256;
    });
    if (same.length < files.length) {
      throw new ServiceError(
        "BAD_USER_INPUT",
        `Expected the files of version ${found.version} in this folder, got ${files.length - same.length} of ${files.length} missing or changed; name the folder that its paths start from`,
      );
    }
    const moved = await withTransaction(this.#database, async (tx) => {
      const known = await findRoot(tx, found.id);
      const { root, rootName, folder: below } = location;
      if (known?.root === root && known.rootName === rootName && known.folder === below) return false;
      await insertLocation(tx, found.id, location);
      return true;
    });
    return { version: found.version, images: found.imageCount, checked: same.length, moved };
  }

  async #require(slug: string, version: number | undefined): Promise<FileVersion> {
    const versions = await listFileVersions(this.#database.db, slug);
    const found = versions.find((each) => version === undefined || each.version === version);
    if (found !== undefined) return found;
    const what = version === undefined ? "a dataset" : `a version ${version} of a dataset`;
    throw new ServiceError("NOT_FOUND", `Expected ${what} with image files, found none of this name`);
  }

  /** Files spread evenly over a version. */
  async #sample({ id, imageCount }: FileVersion, all: boolean): Promise<readonly ImageFile[]> {
    const count = all ? imageCount : Math.min(SAMPLE, imageCount);
    const within = Uint32Array.from({ length: count }, (_, index) =>
      Math.floor((index * imageCount) / count),
    );
    const files: ImageFile[] = [];
    for (let after = -1; files.length < count; after = files.at(-1)?.ordinal ?? imageCount) {
      const page = await listImageFiles(this.#database.db, id, {
        afterOrdinal: after,
        limit: 10_000,
        within,
      });
      if (page.length === 0) break;
      files.push(...page);
    }
    return files;
  }
}

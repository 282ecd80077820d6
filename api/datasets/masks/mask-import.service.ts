import { createHash } from "node:crypto";
import {
  openFilePass,
  PARAM_NAME,
  type SaliencyRegion,
  walkFolder,
  writeSaliencyMasks,
} from "../../../compute/index.ts";
import type { Database } from "../../db/client.ts";
import { withTransaction } from "../../db/transaction.ts";
import { ServiceError } from "../../errors.ts";
import { tryLock } from "../../predictions/import/import.queries.ts";
import { type ImageFile, listImageFiles } from "../image-files.queries.ts";
import { type ImageRoots, locationOf } from "../image-roots.ts";
import { type FileVersion, listFileVersions } from "../import/dataset-import.queries.ts";
import { insertMasks, maskSetsOf, moveMasks, type NewMask } from "./mask.queries.ts";
import { matchMasks } from "./match-masks.ts";

const MOST_BYTES = 512 * 1024 ** 2;
const PAGE = 10_000;

/** Masks to add to a version of a dataset. */
export interface ImportMasksRequest {
  readonly dataset: string;
  /** Number of the version; default the newest with image files. */
  readonly version?: number | undefined;
  /** What transforms call them: `lung`. */
  readonly name: string;
  /** Folder that their paths start from. */
  readonly root: string;
  /** Path of each image's mask below the root, by the image's id or path; absent: files with the images' names. */
  readonly paths?: ReadonlyMap<string, string> | undefined;
  /** Takes what is there; images without a mask cannot be evaluated under it. */
  readonly allowMissing?: boolean | undefined;
}

/** What came of it. */
export interface ImportedMasks {
  readonly version: number;
  readonly images: number;
  /** Images that have a mask now. */
  readonly masks: number;
  readonly sha256: string;
  /** False when the same masks were there. */
  readonly created: boolean;
}

/** Takes mask files of the images of a dataset into the warehouse; the files stay where they are. */
export class MaskImportService {
  readonly #database: Database;
  readonly #roots: ImageRoots;

  constructor(database: Database, roots: ImageRoots = {}) {
    this.#database = database;
    this.#roots = roots;
  }

  /**
   * Finds the mask of each image, reads every file once (SHA-256, format, size), and stores all or nothing. A mask has the
   * shape of its image, at any scale. The same masks again are known; others need another name.
   *
   * @param threads - that read files; 0 does it here
   * @throws {ServiceError} NOT_FOUND, BAD_USER_INPUT with the counts of what is wrong
   */
  async importMasks(request: ImportMasksRequest, threads?: number): Promise<ImportedMasks> {
    if (!PARAM_NAME.test(request.name)) {
      throw new ServiceError(
        "BAD_USER_INPUT",
        "Expected masks to be named by 1 to 64 lower-case letters, digits, dashes and underscores",
      );
    }
    const version = await this.#requireVersion(request);
    const location = await locationOf(request.root, this.#roots);
    const images = await this.#images(version.id);
    const { paths: found } = await walkFolder(location.root, { all: true });
    const uris = matchMasks(images, found, request.paths);
    const masks = await this.#check(images, uris, location.root, request.allowMissing ?? false, threads);
    const sha256 = digestOf(masks);
    const created = await withTransaction(this.#database, async (tx) => {
      await tryLock(tx, `masks/${version.id}`, "exclusive");
      const known = (await maskSetsOf(tx, [version.id])).find(({ name }) => name === request.name);
      if (known === undefined) {
        const set = { datasetVersionId: version.id, name: request.name, sha256, imageCount: masks.length };
        await insertMasks(tx, { ...set, ...location }, masks);
        return true;
      }
      if (known.sha256 !== sha256) {
        throw new ServiceError(
          "BAD_USER_INPUT",
          `Expected the masks "${request.name}" that the version has, got others; give them another name`,
        );
      }
      await moveMasks(tx, known.id, location);
      return false;
    });
    return { version: version.version, images: images.length, masks: masks.length, sha256, created };
  }

  /**
   * Makes masks of the maps that an evaluation left, writes them into the root, and imports them.
   *
   * @param folder - absolute path of the evaluation's files
   * @throws {ServiceError} as importMasks; {ComputeError} INVALID_INPUT, INVALID_PARAM
   */
  async importSaliency(
    request: Omit<ImportMasksRequest, "paths">,
    folder: string,
    region: SaliencyRegion,
    threads?: number,
  ): Promise<ImportedMasks> {
    const version = await this.#requireVersion(request);
    const images = new Map((await this.#images(version.id)).map((image) => [image.ordinal, image]));
    const paths = await writeSaliencyMasks(
      folder,
      request.root,
      (ordinal) => {
        const image = images.get(ordinal);
        return image && { id: image.externalId, rows: image.rows, cols: image.cols };
      },
      region,
    );
    return this.importMasks({ ...request, version: version.version, paths }, threads);
  }

  async #requireVersion({ dataset, version }: ImportMasksRequest): Promise<FileVersion> {
    const versions = await listFileVersions(this.#database.db, dataset);
    const found = versions.find((each) => version === undefined || each.version === version);
    if (found !== undefined) return found;
    const what = version === undefined ? "a dataset" : `a version ${version} of a dataset`;
    throw new ServiceError("NOT_FOUND", `Expected ${what} with image files, found none of this name`);
  }

  async #images(versionId: number): Promise<readonly ImageFile[]> {
    const images: ImageFile[] = [];
    for (;;) {
      const afterOrdinal = images.at(-1)?.ordinal ?? -1;
      const page = await listImageFiles(this.#database.db, versionId, { afterOrdinal, limit: PAGE });
      if (page.length === 0) return images;
      images.push(...page);
    }
  }

  async #check(
    images: readonly ImageFile[],
    uris: readonly (string | undefined)[],
    root: string,
    allowMissing: boolean,
    threads: number | undefined,
  ): Promise<readonly NewMask[]> {
    const having = images.flatMap((image, i) => {
      const uri = uris[i];
      return uri === undefined ? [] : [{ image, uri }];
    });
    const check = { root, verify: "full", maxBytes: MOST_BYTES, allowHardLinks: true } as const;
    await using pass = openFilePass({ ...check, wantsAttributes: false }, threads);
    const results = await pass.check(having.map(({ uri }) => uri));
    const masks: NewMask[] = [];
    const wrong = { missing: images.length - having.length, unreadable: 0, "of another shape": 0 };
    having.forEach(({ image, uri }, i) => {
      const result = results[i];
      if (result?.ok !== true) wrong.unreadable += 1;
      else if (!isSameShape(image, result)) wrong["of another shape"] += 1;
      else masks.push({ ordinal: image.ordinal, uri, sha256: result.sha256 });
    });
    const refused = Object.entries(wrong).filter(
      ([what, count]) => count > 0 && !(what === "missing" && allowMissing),
    );
    if (refused.length === 0 && masks.length > 0) return masks;
    const counts = refused.map(([what, count]) => `${count} ${what}`).join(", ") || "none at all";
    throw new ServiceError(
      "BAD_USER_INPUT",
      `Expected a mask for each of ${images.length} images, got ${counts}; name the folder or the table that has them`,
    );
  }
}

/** Whether a mask, enlarged or reduced as a whole, covers its image to within a pixel. */
function isSameShape(
  image: Pick<ImageFile, "rows" | "cols">,
  mask: Pick<ImageFile, "rows" | "cols">,
): boolean {
  const rows = (image.rows * mask.cols) / image.cols;
  return Math.abs(rows - mask.rows) <= 1;
}

function digestOf(masks: readonly NewMask[]): string {
  const digest = createHash("sha256");
  for (const { ordinal, sha256 } of masks) digest.update(`${ordinal} `).update(sha256);
  return digest.digest("hex");
}

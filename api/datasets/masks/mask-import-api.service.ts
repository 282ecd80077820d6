import { ImportError, readTextPairs } from "../../../compute/index.ts";
import type { Principal } from "../../access/principal.ts";
import { requireRole } from "../../access/require-role.ts";
import type { Database } from "../../db/client.ts";
import { ServiceError } from "../../errors.ts";
import { decodeUuid } from "../../graphql/node-id.ts";
import type { UploadService } from "../../predictions/upload.service.ts";
import type { ServiceDeps } from "../../services.ts";
import { findDatasetBySlug } from "../dataset.queries.ts";
import type { ImageRoots } from "../image-roots.ts";
import { namedFolder, tableBelow } from "../import/named-folder.ts";
import { type ImportedMasks, MaskImportService } from "./mask-import.service.ts";
import type { ImportMasksInput, MaskTableInput } from "./mask-import.type.ts";

/** Imports masks for callers of the API: from the operator's named folders only. */
export class MaskImportApiService {
  readonly #database: Database;
  readonly #roots: ImageRoots;
  readonly #imports: MaskImportService;
  readonly #uploads: UploadService;

  constructor({ database, config }: Pick<ServiceDeps, "database" | "config">, uploads: UploadService) {
    this.#database = database;
    this.#roots = config.imageRoots;
    this.#imports = new MaskImportService(database, config.imageRoots);
    this.#uploads = uploads;
  }

  /**
   * Imports the masks below a named root. Stewards of the dataset only. An upload is used up, also when the import is
   * rejected.
   *
   * @throws {ServiceError} UNAUTHENTICATED, FORBIDDEN, NOT_FOUND (dataset, root), BAD_USER_INPUT, UPLOAD_*, DB_*
   */
  async importMasks(input: ImportMasksInput, principal: Principal): Promise<ImportedMasks> {
    const { dataset: slug, datasetVersion, name, allowMissing, table } = input;
    const dataset = await findDatasetBySlug(this.#database.db, slug);
    requireRole(principal, "steward", dataset?.id);
    const root = await namedFolder(this.#roots, input.root, input.folder);
    const paths = table == null ? undefined : await this.#pathsOf(table, root, principal);
    const version = datasetVersion ?? undefined;
    return this.#imports.importMasks({ dataset: slug, version, name, root, paths, allowMissing });
  }

  async #pathsOf(
    { upload, file, id, mask }: MaskTableInput,
    root: string,
    principal: Principal,
  ): Promise<ReadonlyMap<string, string>> {
    if ((upload == null) === (file == null)) {
      throw new ServiceError(
        "BAD_USER_INPUT",
        `Expected an upload or a file for the table, got ${upload == null ? "neither" : "both"}`,
      );
    }
    if (upload == null) return readPairs(await tableBelow(root, "masks", file ?? ""), id, mask);
    await using taken = await this.#uploads.take(decodeUuid("Upload", upload), principal);
    return await readPairs(taken.path, id, mask);
  }
}

async function readPairs(path: string, id: string, mask: string): Promise<ReadonlyMap<string, string>> {
  try {
    return await readTextPairs(path, id, mask);
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    const line = error.line === undefined ? "" : ` (line ${error.line})`;
    throw new ServiceError("BAD_USER_INPUT", `${error.code}: ${error.message}${line}`, { cause: error });
  }
}

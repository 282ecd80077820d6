import { lstat, realpath } from "node:fs/promises";
import { join } from "node:path";
import { normalisePath } from "../../../compute/index.ts";
import type { Principal } from "../../access/principal.ts";
import { requireRole } from "../../access/require-role.ts";
import type { Db } from "../../db/client.ts";
import { ServiceError } from "../../errors.ts";
import { decodeUuid } from "../../graphql/node-id.ts";
import type { TakenUpload, UploadService } from "../../predictions/upload.service.ts";
import { type RunRecord, runsByIds } from "../../runs/run.queries.ts";
import type { ServiceDeps } from "../../services.ts";
import { type DatasetRecord, datasetsByIds, findDatasetBySlug } from "../dataset.queries.ts";
import { type DatasetVersionRecord, versionsByIds } from "../dataset-version.queries.ts";
import { type ImageRoots, isWithin, realFolder } from "../image-roots.ts";
import type { DatasetImportService, ImportDatasetOutcome } from "./dataset-import.service.ts";
import type {
  DatasetImportReport,
  DatasetTableInput,
  ImportDatasetInput,
  ImportDatasetPayload,
} from "./dataset-import.type.ts";
import { datasetMappingOfInput } from "./dataset-mapping-input.ts";

/** What the mutation answers. */
export interface DatasetImportAnswer extends ImportDatasetPayload {
  readonly dataset: DatasetRecord | null;
  readonly version: DatasetVersionRecord | null;
  readonly run: RunRecord | null;
}

const TABLE_NAME = /^[a-z][a-z0-9_-]{0,62}$/;

/** Imports datasets for callers of the API: from the operator's named folders only. */
export class DatasetImportApiService {
  readonly #db: Db;
  readonly #roots: ImageRoots;
  readonly #imports: DatasetImportService;
  readonly #uploads: UploadService;

  constructor(
    { database, config }: Pick<ServiceDeps, "database" | "config">,
    services: { imports: DatasetImportService; uploads: UploadService },
  ) {
    this.#db = database.db;
    this.#roots = config.imageRoots;
    this.#imports = services.imports;
    this.#uploads = services.uploads;
  }

  /**
   * Imports a folder below a named root. Stewards of the dataset only; of everything, when it has to be made. Uploads
   * are used up, also when the import is rejected.
   *
   * @throws {ServiceError} UNAUTHENTICATED, FORBIDDEN, NOT_FOUND (root, stored mapping), BAD_USER_INPUT, UPLOAD_*, DB_*
   */
  async importDataset(
    input: ImportDatasetInput,
    principal: Principal,
    signal: AbortSignal,
  ): Promise<DatasetImportAnswer> {
    const dataset = await findDatasetBySlug(this.#db, input.dataset);
    requireRole(principal, "steward", dataset?.id);
    const root = await this.#folder(input.root, input.folder);
    await using tables = new GivenTables(this.#uploads);
    for (const table of input.tables) await tables.add(table, root, principal);
    const outcome = await this.#imports.importDataset(
      {
        dataset: input.dataset,
        root,
        layout: input.layout,
        files: tables.files,
        mapping: input.mapping == null ? undefined : datasetMappingOfInput(input.mapping),
        uncertain: input.uncertain ?? undefined,
        blank: input.blankLabels ?? undefined,
        raceMapping: input.raceMapping ?? undefined,
        classFromFolder: input.classFromFolder ?? undefined,
        studyIs: input.studyIs ?? undefined,
        onBadFile: input.onBadFile,
        verify: input.verify,
        overrideLeakReason: input.overrideLeakReason ?? undefined,
      },
      { signal },
    );
    return this.#answer(outcome);
  }

  /** A folder below a named root, never one that a link leads out of it. */
  async #folder(name: string, folder: string): Promise<string> {
    const path = Object.hasOwn(this.#roots, name) ? this.#roots[name] : undefined;
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

  async #answer(outcome: ImportDatasetOutcome): Promise<DatasetImportAnswer> {
    const report = outcome.report === undefined ? null : reportOf(outcome.report);
    if (outcome.status === "rejected") {
      const problemCounts = countsOf(outcome.totals);
      const nothing = { dataset: null, version: null, run: null, created: false };
      return { ...nothing, problems: outcome.problems, problemCounts, report };
    }
    const [dataset] = await datasetsByIds(this.#db, [outcome.datasetId]);
    const [version] = await versionsByIds(this.#db, [outcome.versionId]);
    const [run] = await runsByIds(this.#db, [outcome.runId]);
    return {
      dataset: dataset ?? null,
      version: version ?? null,
      run: run ?? null,
      created: outcome.created,
      problems: [],
      problemCounts: [],
      report,
    };
  }
}

/** Tables of a request: uploads, gone afterwards, and files below the folder. */
class GivenTables implements AsyncDisposable {
  readonly #uploads: UploadService;
  readonly #taken: TakenUpload[] = [];
  readonly files: Record<string, string> = {};

  constructor(uploads: UploadService) {
    this.#uploads = uploads;
  }

  async add({ name, upload, file }: DatasetTableInput, root: string, principal: Principal): Promise<void> {
    if (!TABLE_NAME.test(name) || Object.hasOwn(this.files, name)) {
      throw new ServiceError(
        "BAD_USER_INPUT",
        "Expected distinct table names of lower-case letters, digits, dashes and underscores, got another",
      );
    }
    if ((upload == null) === (file == null)) {
      throw new ServiceError(
        "BAD_USER_INPUT",
        `Expected an upload or a file for the table "${name}", got ${upload == null ? "neither" : "both"}`,
      );
    }
    if (upload != null) {
      const taken = await this.#uploads.take(decodeUuid("Upload", upload), principal);
      this.#taken.push(taken);
      this.files[name] = taken.path;
    } else this.files[name] = await tableBelow(root, name, file ?? "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const upload of this.#taken) await upload[Symbol.asyncDispose]();
  }
}

/** A table's file below a folder: an ordinary file with one name, reached by no link. */
async function tableBelow(root: string, name: string, path: string): Promise<string> {
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

function countsOf(counts: Readonly<Record<string, number>>) {
  return Object.entries(counts).map(([code, count]) => ({ code, count }));
}

function columnsOf(counts: Readonly<Record<string, number>>) {
  return Object.entries(counts).map(([column, count]) => ({ column, count }));
}

function reportOf(report: NonNullable<ImportDatasetOutcome["report"]>): DatasetImportReport {
  const { rows, images, patients, studies, files, remarks, patientsInTwoSplits, implausibleAges } = report;
  return {
    rows,
    images,
    patients,
    studies,
    leftOut: countsOf(files.leftOut),
    remarks,
    duplicates: files.duplicates,
    duplicatesAcrossPatients: files.duplicatesAcrossPatients,
    patientsInTwoSplits,
    implausibleAges,
    unknown: columnsOf(report.unknown),
    unmatched: columnsOf(report.unmatched),
  };
}

import { randomUUID } from "node:crypto";
import type { Principal } from "../../access/principal.ts";
import { requireRole } from "../../access/require-role.ts";
import type { Database } from "../../db/client.ts";
import { ServiceError } from "../../errors.ts";
import { decodeUuid } from "../../graphql/node-id.ts";
import { fingerprintOf } from "../../metrics/fingerprint.ts";
import type { TakenUpload, UploadService } from "../../predictions/upload.service.ts";
import { type RunRecord, runsByIds } from "../../runs/run.queries.ts";
import { requestRun } from "../../runs/run-requests.ts";
import type { ServiceDeps } from "../../services.ts";
import { software } from "../../software.ts";
import { type DatasetRecord, datasetsByIds, findDatasetBySlug } from "../dataset.queries.ts";
import { type DatasetVersionRecord, versionsByIds } from "../dataset-version.queries.ts";
import type { ImageRoots } from "../image-roots.ts";
import type {
  DatasetImportService,
  ImportDatasetOutcome,
  ImportDatasetRequest,
} from "./dataset-import.service.ts";
import type {
  DatasetImportReport,
  DatasetTableInput,
  ImportDatasetInput,
  ImportDatasetPayload,
} from "./dataset-import.type.ts";
import { QUEUED_IMPORT_VERSION, type QueuedImport } from "./dataset-import-runner.ts";
import { datasetMappingOfInput } from "./dataset-mapping-input.ts";
import { namedFolder, tableBelow } from "./named-folder.ts";

/** What the mutation answers. */
export interface DatasetImportAnswer extends ImportDatasetPayload {
  readonly dataset: DatasetRecord | null;
  readonly version: DatasetVersionRecord | null;
  readonly run: RunRecord | null;
}

const TABLE_NAME = /^[a-z][a-z0-9_-]{0,62}$/;

/** Imports datasets for callers of the API: from the operator's named folders only. */
export class DatasetImportApiService {
  readonly #database: Database;
  readonly #roots: ImageRoots;
  readonly #imports: DatasetImportService;
  readonly #uploads: UploadService;

  constructor(
    { database, config }: Pick<ServiceDeps, "database" | "config">,
    services: { imports: DatasetImportService; uploads: UploadService },
  ) {
    this.#database = database;
    this.#roots = config.imageRoots;
    this.#imports = services.imports;
    this.#uploads = services.uploads;
  }

  /**
   * Imports a folder below a named root, or queues that for a worker. Stewards of the dataset only; of everything, when it has to be made. Uploads
   * are used up, also when the import is rejected.
   *
   * @throws {ServiceError} UNAUTHENTICATED, FORBIDDEN, NOT_FOUND (root, stored mapping), BAD_USER_INPUT, UPLOAD_*, DB_*
   */
  async importDataset(
    input: ImportDatasetInput,
    principal: Principal,
    signal: AbortSignal,
  ): Promise<DatasetImportAnswer> {
    const dataset = await findDatasetBySlug(this.#database.db, input.dataset);
    requireRole(principal, "steward", dataset?.id);
    const root = await namedFolder(this.#roots, input.root, input.folder);
    if (input.queue) return this.#queue(input, root, dataset?.id ?? null, principal);
    await using tables = new GivenTables(this.#uploads);
    for (const table of input.tables) await tables.add(table, root, principal);
    const outcome = await this.#imports.importDataset(
      { ...requestOf(input), root, files: tables.files },
      { signal },
    );
    return this.#answer(outcome);
  }

  /** A run of its own each time: what lies in a folder may have changed since it was last imported. */
  async #queue(
    input: ImportDatasetInput,
    root: string,
    datasetId: number | null,
    principal: Principal,
  ): Promise<DatasetImportAnswer> {
    await using tables = new GivenTables(this.#uploads);
    for (const table of input.tables) {
      if (table.upload == null) await tables.add(table, root, principal);
      else {
        throw new ServiceError(
          "BAD_USER_INPUT",
          "Expected tables below the folder for an import by a worker, got an upload; put the file there",
        );
      }
    }
    const params = {
      root: input.root,
      folder: input.folder,
      tables: Object.fromEntries(input.tables.map(({ name, file }) => [name, file ?? ""])),
      request: requestOf(input),
    } satisfies QueuedImport;
    const { run } = await requestRun(this.#database, {
      kind: "import",
      plugin: "queued_import",
      pluginVersion: QUEUED_IMPORT_VERSION,
      params,
      inputDigests: {},
      fingerprint: fingerprintOf({ plugin: "queued_import", params, request: randomUUID() }),
      datasetId,
      requestedBy: principal.tokenId ?? null,
      software,
    });
    return {
      ...{ dataset: null, version: null, run, created: false },
      ...{ problems: [], problemCounts: [], report: null },
    };
  }

  async #answer(outcome: ImportDatasetOutcome): Promise<DatasetImportAnswer> {
    const report = outcome.report === undefined ? null : reportOf(outcome.report);
    if (outcome.status === "rejected") {
      const problemCounts = countsOf(outcome.totals);
      const nothing = { dataset: null, version: null, run: null, created: false };
      return { ...nothing, problems: outcome.problems, problemCounts, report };
    }
    const [dataset] = await datasetsByIds(this.#database.db, [outcome.datasetId]);
    const [version] = await versionsByIds(this.#database.db, [outcome.versionId]);
    const [run] = await runsByIds(this.#database.db, [outcome.runId]);
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

function requestOf(input: ImportDatasetInput): Omit<ImportDatasetRequest, "root" | "files"> {
  return {
    dataset: input.dataset,
    layout: input.layout,
    mapping: input.mapping == null ? undefined : datasetMappingOfInput(input.mapping),
    uncertain: input.uncertain ?? undefined,
    blank: input.blankLabels ?? undefined,
    raceMapping: input.raceMapping ?? undefined,
    classFromFolder: input.classFromFolder ?? undefined,
    studyIs: input.studyIs ?? undefined,
    onBadFile: input.onBadFile,
    verify: input.verify,
    overrideLeakReason: input.overrideLeakReason ?? undefined,
  };
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

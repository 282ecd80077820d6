import { setTimeout as sleep } from "node:timers/promises";
import {
  type DatasetMapping,
  type DatasetReader,
  ImportError,
  type ImportProblem,
  type LayoutPlan,
  parseDatasetMapping,
  planLayout,
  readDataset,
  SpoolError,
} from "../../../compute/index.ts";
import type { Database } from "../../db/client.ts";
import { withTransaction } from "../../db/transaction.ts";
import { ServiceError } from "../../errors.ts";
import { limitWaits } from "../../predictions/import/import.queries.ts";
import { resolveStoredMappings } from "../../predictions/import/stored-mapping.ts";
import { type ImageRoots, locationOf } from "../image-roots.ts";
import type {
  ImportDatasetOptions,
  ImportDatasetOutcome,
  ImportDatasetRequest,
} from "./dataset-import-request.ts";
import { ImageGatherer } from "./gather-images.ts";
import { DatasetRejected, type DatasetToStore, identifyDataset, storeDataset } from "./store-dataset.ts";
import { digestsOf } from "./table-digests.ts";

export type {
  ImportDatasetOptions,
  ImportDatasetOutcome,
  ImportDatasetRequest,
} from "./dataset-import-request.ts";

const SLUG = /^[a-z0-9][a-z0-9._-]{0,99}$/;
// As for predictions: longer than any single statement of a large import.
const STATEMENT_TIMEOUT_MS = 600_000;
const ASK_AGAIN_MS = 100;
const LONGEST_WAIT_MS = 900_000;

/** Takes folders of images with their tables into the warehouse, all or nothing; files stay where they are. */
export class DatasetImportService {
  readonly #database: Database;
  readonly #roots: ImageRoots;

  /** @param roots - the operator's named folders, so that a location in one of them is known by its name. */
  constructor(database: Database, roots: ImageRoots = {}) {
    this.#database = database;
    this.#roots = roots;
  }

  /**
   * Reads the tables, then every file once, and stores a frozen version of the dataset in one transaction. The same
   * tables and files give the version of the first time, wherever they lie.
   * Cost: the files' bytes once, on all processors.
   *
   * @throws {ServiceError} BAD_USER_INPUT (slug, folder, tables, mapping), NOT_FOUND (a stored mapping), DB_*,
   *   STORAGE_FULL
   */
  async importDataset(
    request: ImportDatasetRequest,
    options: ImportDatasetOptions = {},
  ): Promise<ImportDatasetOutcome> {
    if (!SLUG.test(request.dataset)) {
      throw new ServiceError(
        "BAD_USER_INPUT",
        `Expected a dataset name of lower-case letters, digits, dots, dashes and underscores (at most 100), got "${request.dataset.slice(0, 40)}"`,
      );
    }
    const startedAt = new Date();
    const location = await locationOf(request.root, this.#roots);
    const plan = await this.#plan(request, location.root, options);
    if ("status" in plan) return plan;
    const { mapping, storedMappings, layout } = plan;
    await using images = new ImageGatherer(mapping);
    const reader = readDataset(
      { root: location.root, mapping, manifest: layout.manifest, tables: layout.tables, known: layout.known },
      readOptionsOf(request, options),
    );
    await gather(reader, images);
    const report = reader.report();
    if (report.errors.length > 0) {
      return { status: "rejected", problems: report.errors, totals: report.errorTotals, report };
    }
    const dataset: DatasetToStore = {
      dataset: request.dataset,
      layout: request.layout,
      mapping,
      storedMappings,
      policies: { onBadFile: request.onBadFile ?? "fail", verify: request.verify ?? "header" },
      digests: await digestsOf(layout.tableFiles, options.signal),
      location,
      report,
      otherFiles: layout.otherFiles,
      images,
      patients: reader.patientIds(),
      studies: reader.studyIds(),
      overrideLeakReason: request.overrideLeakReason,
      startedAt,
      signal: options.signal,
    };
    // Awaited: what is to be stored waits in files that are gone when this returns.
    return await this.#store(dataset, options);
  }

  /** What a layout says of the folder, with stored mappings in place of their names. */
  async #plan(
    request: ImportDatasetRequest,
    root: string,
    options: ImportDatasetOptions,
  ): Promise<Planned | ImportDatasetOutcome> {
    try {
      const { dataset: _dataset, root: _given, layout: name, files = {}, ...rest } = request;
      const layout = await planLayout(name, {
        ...rest,
        root,
        files,
        options: readOptionsOf(request, options),
      });
      const { mapping, stored } = await resolveStoredMappings(this.#database.db, layout.mapping);
      return { layout, mapping: parseDatasetMapping(mapping), storedMappings: stored };
    } catch (error) {
      if (!(error instanceof ImportError)) throw toServiceError(error);
      // What is wrong with the request is said at once; what is wrong with a table is a problem of the import.
      if (error.code === "INVALID_MAPPING") {
        throw new ServiceError("BAD_USER_INPUT", error.message, { cause: error });
      }
      return rejectionOf(error);
    }
  }

  async #store(
    dataset: DatasetToStore,
    { onWait, signal }: ImportDatasetOptions,
  ): Promise<ImportDatasetOutcome> {
    const identity = await identifyDataset(dataset);
    const deadline = performance.now() + LONGEST_WAIT_MS;
    for (let tries = 0; ; tries++) {
      signal?.throwIfAborted();
      try {
        const stored = await withTransaction(
          this.#database,
          async (tx, client) => {
            await limitWaits(tx, STATEMENT_TIMEOUT_MS);
            return storeDataset(tx, client, dataset, identity);
          },
          { retries: 0, statementTimeoutMs: STATEMENT_TIMEOUT_MS, idleTimeoutMs: STATEMENT_TIMEOUT_MS },
        );
        const { report, otherFiles } = dataset;
        if (stored !== undefined) return { status: "stored", ...stored, report, otherFiles };
      } catch (error) {
        if (!(error instanceof DatasetRejected)) throw toServiceError(error);
        const { problem } = error;
        return {
          status: "rejected",
          problems: [problem],
          totals: { [problem.code]: 1 },
          report: dataset.report,
        };
      }
      if (tries === 0) onWait?.();
      if (performance.now() > deadline) {
        throw new ServiceError(
          "DB_BUSY",
          `Expected other imports into the dataset to end within ${LONGEST_WAIT_MS / 60_000} minutes, got one that still runs; try again`,
        );
      }
      await sleep(ASK_AGAIN_MS, undefined, signal === undefined ? {} : { signal });
    }
  }
}

interface Planned {
  readonly layout: LayoutPlan;
  readonly mapping: DatasetMapping;
  readonly storedMappings: ReadonlyMap<string, number>;
}

async function gather(reader: DatasetReader, images: ImageGatherer): Promise<void> {
  try {
    for await (const block of reader) await images.take(block);
  } catch (error) {
    throw toServiceError(error);
  }
}

function readOptionsOf(request: ImportDatasetRequest, options: ImportDatasetOptions) {
  return {
    onBadFile: request.onBadFile,
    verify: request.verify,
    maxFileBytes: request.maxFileBytes,
    allowHardLinks: request.allowHardLinks,
    allowPatientsInTwoSplits: request.overrideLeakReason !== undefined,
    threads: options.threads,
    onProgress: options.onProgress,
    onBad: options.onBad,
    signal: options.signal,
  };
}

function rejectionOf(error: ImportError): ImportDatasetOutcome {
  const problem: ImportProblem = {
    code: error.code,
    message: error.message,
    file: error.file ?? "manifest",
    ...(error.line === undefined ? {} : { line: error.line }),
    ...(error.column === undefined ? {} : { column: error.column }),
    ...(error.byteOffset === undefined ? {} : { byteOffset: error.byteOffset }),
  };
  return { status: "rejected", problems: [problem], totals: { [error.code]: 1 }, report: undefined };
}

/** A full temporary folder, and files of tables that cannot be read, in words for whoever asked. */
function toServiceError(error: unknown): unknown {
  if (error instanceof SpoolError) return new ServiceError("STORAGE_FULL", error.message, { cause: error });
  const code =
    error instanceof Error && "syscall" in error && "code" in error ? String(error.code) : undefined;
  if (code === undefined) return error;
  return new ServiceError("BAD_USER_INPUT", `Expected tables and folders that can be read, got ${code}`, {
    cause: error,
  });
}

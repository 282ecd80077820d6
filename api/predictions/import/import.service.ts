import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import {
  ImportError,
  type PredictionMapping,
  parsePredictionMapping,
  SpoolError,
} from "../../../compute/index.ts";
import type { Database } from "../../db/client.ts";
import { withTransaction } from "../../db/transaction.ts";
import { ServiceError } from "../../errors.ts";
import { fingerprintOf } from "../../metrics/fingerprint.ts";
import { digestBeside, digestFiles, type NamedFile, unreadable } from "./file-digests.ts";
import { findDatasetId, findEvaluationOfRun, limitWaits } from "./import.queries.ts";
import type { ImportOptions, ImportOutcome, ImportPredictionsRequest } from "./import-request.ts";
import {
  AlreadyStored,
  IMPORT_VERSION,
  type ImportIdentity,
  type ImportJob,
  runImport,
} from "./import-transaction.ts";
import { Rejected } from "./rejected.ts";
import { resolveStoredMappings } from "./stored-mapping.ts";

export type {
  ImportFileInput,
  ImportOptions,
  ImportOutcome,
  ImportPredictionsRequest,
} from "./import-request.ts";

const SLUG = /^[a-z0-9][a-z0-9._-]{0,99}$/;
// Longer than any single statement of an import of ten million rows; the database's default is for questions.
const STATEMENT_TIMEOUT_MS = 600_000;
// An import that waits holds no connection: it asks again after so long, up to the limit.
const ASK_AGAIN_MS = 100;
const LONGEST_WAIT_MS = 900_000;
// Bytes whose digest takes no longer than starting a thread for it.
const DIGESTED_AT_ONCE = 16_000_000;

/** Takes files of predictions into the warehouse, all or nothing. */
export class ImportService {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Reads the files and stores dataset version, model version, split and scores in one transaction. The same files with
   * the same mapping give the evaluation of the first time, as do other files with the same images and scores.
   * Cost: one pass over the files to tell them apart, one to read them; at once where the dataset is new.
   *
   * @throws {ServiceError} BAD_USER_INPUT (slugs, mapping), NOT_FOUND (a stored mapping), DB_* and STORAGE_FULL.
   */
  async importPredictions(
    request: ImportPredictionsRequest,
    options: ImportOptions = {},
  ): Promise<ImportOutcome> {
    requireSlug("dataset", request.dataset);
    requireSlug("model", request.model);
    const { mapping, storedMappings } = await this.#parseMapping(request.mapping);
    const files = filesOf(request);
    const seen = await Promise.all(files.map(([, path]) => versionOf(path)));
    const identityOf = (digests: ImportIdentity["digests"]): ImportIdentity => ({
      digests,
      fingerprint: fingerprintOf({
        plugin: "import_predictions",
        version: IMPORT_VERSION,
        dataset: request.dataset,
        model: request.model,
        newVersion: request.newVersion ?? false,
        mapping,
        digests,
      }),
    });
    // A dataset that is not there has no earlier import: nothing waits for the digests until all is read.
    const isLarge = seen.reduce((sum, { size }) => sum + size, 0) > DIGESTED_AT_ONCE;
    const isNew = isLarge && (await findDatasetId(this.#database.db, request.dataset)) === undefined;
    await using beside = isNew ? digestBeside(files) : undefined;
    const identity = (beside?.digests ?? digestFiles(files, options.signal)).then(identityOf);
    identity.catch(() => {});
    if (!isNew) {
      const earlier = await findEvaluationOfRun(this.#database.db, (await identity).fingerprint);
      if (earlier !== undefined)
        return { status: "stored", evaluationId: earlier, created: false, report: undefined };
    }
    const startedAt = new Date();
    const job: ImportJob = { request, mapping, storedMappings, identity, startedAt, options };
    const requireSameFiles = async () => {
      for (const [index, [, path]] of files.entries()) {
        if ((await versionOf(path)).mark === seen[index]?.mark) continue;
        throw new ServiceError(
          "BAD_USER_INPUT",
          "Expected the files to stay as they are during an import, got a change; import again",
        );
      }
    };
    try {
      return await this.#store(job, requireSameFiles);
    } catch (error) {
      return outcomeOf(error);
    }
  }

  /** Stores the import as soon as no other one stands in its way. */
  async #store(job: ImportJob, beforeCommit: () => Promise<void>): Promise<ImportOutcome> {
    const { signal, onWait } = job.options;
    const deadline = performance.now() + LONGEST_WAIT_MS;
    for (let tries = 0; ; tries++) {
      signal?.throwIfAborted();
      const outcome = await withTransaction(
        this.#database,
        async (tx, client) => {
          await limitWaits(tx, STATEMENT_TIMEOUT_MS);
          const done = await runImport(tx, client, job);
          if (done?.status === "stored") await beforeCommit();
          return done;
        },
        { retries: 0, statementTimeoutMs: STATEMENT_TIMEOUT_MS, idleTimeoutMs: STATEMENT_TIMEOUT_MS },
      );
      if (outcome !== undefined) return outcome;
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

  async #parseMapping(
    given: unknown,
  ): Promise<{ mapping: PredictionMapping; storedMappings: ReadonlyMap<string, number> }> {
    const { mapping, stored } = await resolveStoredMappings(this.#database.db, given);
    try {
      return { mapping: parsePredictionMapping(mapping), storedMappings: stored };
    } catch (error) {
      if (error instanceof ImportError)
        throw new ServiceError("BAD_USER_INPUT", error.message, { cause: error });
      throw error;
    }
  }
}

function outcomeOf(error: unknown): ImportOutcome {
  if (error instanceof AlreadyStored) {
    return { status: "stored", evaluationId: error.evaluationId, created: false, report: undefined };
  }
  if (error instanceof Rejected) {
    const { problems, totals, report } = error;
    return { status: "rejected", problems, totals, report };
  }
  if (error instanceof SpoolError) throw new ServiceError("STORAGE_FULL", error.message, { cause: error });
  throw error;
}

function filesOf(request: ImportPredictionsRequest): NamedFile[] {
  const files: NamedFile[] = [["predictions", request.predictions.path]];
  if (request.attributes !== undefined) files.push(["attributes", request.attributes.path]);
  return files;
}

/** Tells a file that was written to or replaced from what it was. */
async function versionOf(path: string): Promise<{ size: number; mark: string }> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return { size, mark: [ino, size, mtimeMs].join() };
  } catch (error) {
    throw unreadable(error);
  }
}

function requireSlug(what: string, slug: string): void {
  if (SLUG.test(slug)) return;
  throw new ServiceError(
    "BAD_USER_INPUT",
    `Expected a ${what} name of lower-case letters, digits, dots, dashes and underscores (at most 100), got "${slug.slice(0, 40)}"`,
  );
}

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import canonicalize from "canonicalize";
import type { PoolClient } from "pg";
import {
  fileSource,
  type IdList,
  ImportError,
  type ImportProblem,
  type PredictionMapping,
  type PredictionReader,
  parsePredictionMapping,
  type ReadProgress,
  type ReadReport,
  readPredictions,
  type TableFormat,
  UNKNOWN_CODE,
} from "../../../compute/index.ts";
import type { Database, Db } from "../../db/client.ts";
import { withTransaction } from "../../db/transaction.ts";
import { ServiceError } from "../../errors.ts";
import { software } from "../../software.ts";
import { BLOCK_SIZE } from "../prediction.table.ts";
import { readWhole, type StoredColumn } from "./column-store.ts";
import type { IdTable } from "./copy-rows.ts";
import {
  closePartition,
  type DatasetVersionRow,
  findEvaluation,
  findEvaluationOfRun,
  findNewestVersion,
  findVersionByManifest,
  freezeVersion,
  insertDatasetOnce,
  insertDraftVersion,
  insertModelVersionOnce,
  insertPredictionSet,
  insertRun,
  openPartition,
  reservePredictionSetId,
  selectImageIds,
  selectOrdinals,
} from "./import.queries.ts";
import { columnName, ImportSink, type Partitions } from "./import-sink.ts";
import { storeSplit } from "./import-split.ts";
import { resolveStoredMappings } from "./stored-mapping.ts";
import { compareColumns, manifestSha256, storeColumns } from "./version-columns.ts";

/** Raised when the same file would be stored otherwise than before. */
const IMPORT_VERSION = 1;
// A part is a byte, and 255 is none.
const MOST_PARTS = 254;
const SLUG = /^[a-z0-9][a-z0-9._-]{0,99}$/;
// Longer than any single statement of an import of ten million rows; the database's default is for questions.
const STATEMENT_TIMEOUT_MS = 600_000;

/** A file of an import, on this machine's disk. */
export interface ImportFileInput {
  readonly path: string;
  readonly format?: TableFormat | undefined;
}

/** What to import, into which dataset, of which model. */
export interface ImportPredictionsRequest {
  /** Slug of the dataset; made when there is none. */
  readonly dataset: string;
  /** Slug of the model; made when there is none. */
  readonly model: string;
  /** How to read the files: the JSON that `parsePredictionMapping` takes, where stored mappings may be named. */
  readonly mapping: unknown;
  readonly predictions: ImportFileInput;
  readonly attributes?: ImportFileInput | undefined;
  /** Make a new version of the dataset from these files instead of lining up with the newest. */
  readonly newVersion?: boolean | undefined;
  /** Records a split that puts patients on two sides, flagged for ever with this reason. */
  readonly overrideLeakReason?: string | undefined;
}

export interface ImportOptions {
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What came of an import: an evaluation, or the problems for which nothing was stored. */
export type ImportOutcome =
  | {
      readonly status: "stored";
      readonly evaluationId: number;
      /** False when an identical import was stored before: then this one stored nothing. */
      readonly created: boolean;
      /** Absent when the same files with the same mapping were imported before, and nothing was read. */
      readonly report: ReadReport | undefined;
    }
  | {
      readonly status: "rejected";
      readonly problems: readonly ImportProblem[];
      /** All problems by code; `problems` lists the first of them. */
      readonly totals: Readonly<Record<string, number>>;
      readonly report: ReadReport | undefined;
    };

/** Ends the transaction of an import that is already stored. */
class AlreadyStored extends Error {
  readonly evaluationId: number;
  constructor(evaluationId: number) {
    super("already stored");
    this.evaluationId = evaluationId;
  }
}

/** Ends the transaction of an import that is refused, so that nothing of it stays. */
class Rejected extends Error {
  readonly problems: readonly ImportProblem[];
  readonly totals: Readonly<Record<string, number>>;
  readonly report: ReadReport | undefined;
  constructor(
    problems: readonly ImportProblem[],
    totals: Readonly<Record<string, number>>,
    report?: ReadReport,
  ) {
    super("rejected");
    this.problems = problems;
    this.totals = totals;
    this.report = report;
  }
}

/** Takes files of predictions into the warehouse, all or nothing. */
export class ImportService {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Reads the files and stores dataset version, model version, split and scores in one transaction. The same files with
   * the same mapping give the evaluation of the first time, as do other files with the same images and scores.
   * Cost: one pass over the files to tell them apart, one to read them.
   *
   * @throws {ServiceError} BAD_USER_INPUT (slugs, mapping), NOT_FOUND (a stored mapping), DB_* and STORAGE_FULL.
   */
  async importPredictions(
    request: ImportPredictionsRequest,
    options: ImportOptions = {},
  ): Promise<ImportOutcome> {
    requireSlug("dataset", request.dataset);
    requireSlug("model", request.model);
    const mapping = await this.#parseMapping(request.mapping);
    const digests = await digestFiles(request);
    const fingerprint = fingerprintOf({
      plugin: "import_predictions",
      version: IMPORT_VERSION,
      dataset: request.dataset,
      model: request.model,
      newVersion: request.newVersion ?? false,
      mapping,
      digests,
    });
    const earlier = await findEvaluationOfRun(this.#database.db, fingerprint);
    if (earlier !== undefined)
      return { status: "stored", evaluationId: earlier, created: false, report: undefined };
    const job: ImportJob = { request, mapping, digests, fingerprint, startedAt: new Date(), options };
    try {
      return await withTransaction(this.#database, (tx, client) => runImport(tx, client, job), {
        retries: 0,
        statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      });
    } catch (error) {
      return outcomeOf(error);
    }
  }

  async #parseMapping(mapping: unknown): Promise<PredictionMapping> {
    const resolved = await resolveStoredMappings(this.#database.db, mapping);
    try {
      return parsePredictionMapping(resolved);
    } catch (error) {
      if (error instanceof ImportError)
        throw new ServiceError("BAD_USER_INPUT", error.message, { cause: error });
      throw error;
    }
  }
}

interface ImportJob {
  readonly request: ImportPredictionsRequest;
  readonly mapping: PredictionMapping;
  readonly digests: Readonly<Record<string, string>>;
  readonly fingerprint: string;
  readonly startedAt: Date;
  readonly options: ImportOptions;
}

function outcomeOf(error: unknown): ImportOutcome {
  if (error instanceof AlreadyStored) {
    return { status: "stored", evaluationId: error.evaluationId, created: false, report: undefined };
  }
  if (error instanceof Rejected) {
    const { problems, totals, report } = error;
    return { status: "rejected", problems, totals, report };
  }
  throw error;
}

async function runImport(tx: Db, client: PoolClient, job: ImportJob): Promise<ImportOutcome> {
  const { request, mapping } = job;
  // The reader may sort for a while between two statements.
  await client.query("select set_config('idle_in_transaction_session_timeout', $1, true)", [
    String(STATEMENT_TIMEOUT_MS),
  ]);
  const dataset = await insertDatasetOnce(tx, request.dataset);
  const existing = request.newVersion === true ? undefined : await findNewestVersion(tx, dataset.id);
  const versionId = existing?.id ?? (await insertDraftVersion(tx, dataset.id));
  const modelVersionId = await insertModelVersionOnce(tx, request.model, {
    taskKind: mapping.task.kind,
    taskAttribute: mapping.task.attribute,
    classes: [...mapping.task.classes],
  });
  const predictionSetId = await reservePredictionSetId(tx);
  const tables = idTablesOf(mapping);
  const partitions = existing === undefined ? await openPartitions(tx, versionId, tables) : undefined;
  const reader = await openReader(tx, job, existing);
  await using sink = new ImportSink(tx, client, {
    versionId,
    predictionSetId,
    partitions,
    classIndexes: mapping.task.classes.map((name) => reader.scoredClasses.indexOf(name)),
  });
  const ordinals = { patient: new OrdinalMap(), study: new OrdinalMap() };
  for await (const event of reader) {
    if (event.kind === "block") {
      await sink.takeBlock(event);
    } else if (existing === undefined) {
      await sink.takeIds(event);
    } else {
      const ids = textsOf(event.ids);
      const known = await selectOrdinals(tx, event.kind, versionId, ids);
      ordinals[event.kind === "patients" ? "patient" : "study"].append(ids.map((id) => known.get(id) ?? -1));
    }
  }
  await sink.drain();
  const report = reader.report();
  if (report.errors.length > 0) throw new Rejected(report.errors, report.errorTotals, report);

  const columns = sink.columns(mapping, report);
  let manifest = existing?.manifestSha256 ?? undefined;
  if (existing === undefined) {
    manifest = await manifestSha256(sink.idsSha256(), columns);
    await refuseSameVersion(tx, dataset.id, manifest, report);
    await storeColumns(tx, client, versionId, columns);
    for (const table of tables) await closePartition(tx, table, versionId);
    await freezeVersion(tx, versionId, {
      manifestSha256: manifest,
      imageCount: report.images,
      patientCount: mapping.patient === undefined ? null : report.patients,
      studyCount: mapping.study === undefined ? null : report.studies,
    });
  } else {
    const conflicts = await compareColumns(tx, versionId, columns, {
      patient: ordinals.patient.finish(),
      study: ordinals.study.finish(),
    });
    if (conflicts.length > 0) throw conflictsOf(conflicts, report);
  }
  const splitId = await storeGivenSplit(
    tx,
    versionId,
    job,
    sink,
    report,
    existing === undefined ? undefined : ordinals.patient.finish(),
  );
  const evaluationFingerprint = fingerprintOf({
    manifest,
    dataset: request.dataset,
    model: request.model,
    task: mapping.task,
    transforms: [],
    scores: sink.scoresSha256(),
  });
  const stored = await findEvaluation(tx, evaluationFingerprint);
  if (stored !== undefined) throw new AlreadyStored(stored);
  const runId = await insertRun(tx, {
    kind: "import",
    plugin: "import_predictions",
    pluginVersion: IMPORT_VERSION,
    params: { dataset: request.dataset, model: request.model, mapping },
    inputDigests: job.digests,
    fingerprint: job.fingerprint,
    state: "succeeded",
    attempt: 1,
    software,
    summary: summaryOf(report),
    startedAt: job.startedAt,
    finishedAt: new Date(),
  });
  await insertPredictionSet(tx, {
    id: predictionSetId,
    modelVersionId,
    datasetVersionId: versionId,
    splitId: splitId ?? null,
    scoreKind: mapping.scoreKind,
    scoredCount: sink.scoredImages,
    missingScoreCount: report.images * mapping.task.classes.length - report.scores,
    runId,
    fingerprint: evaluationFingerprint,
  });
  return { status: "stored", evaluationId: predictionSetId, created: true, report };
}

function idTablesOf(mapping: PredictionMapping): readonly IdTable[] {
  return [
    "image",
    ...(mapping.patient === undefined ? [] : ["patient" as const]),
    ...(mapping.study === undefined ? [] : ["study" as const]),
  ];
}

async function openPartitions(tx: Db, versionId: number, tables: readonly IdTable[]): Promise<Partitions> {
  const names: Partial<Record<IdTable, string>> = {};
  for (const table of tables) names[table] = await openPartition(tx, table, versionId);
  return names;
}

async function openReader(
  tx: Db,
  job: ImportJob,
  existing: DatasetVersionRow | undefined,
): Promise<PredictionReader> {
  const { request, mapping, options } = job;
  try {
    return readPredictions(
      {
        predictions: await tableOf(request.predictions),
        mapping,
        ...(request.attributes === undefined ? {} : { attributes: await tableOf(request.attributes) }),
        ...(existing === undefined
          ? {}
          : { existing: { count: existing.imageCount ?? 0, ids: existingIds(tx, existing) } }),
      },
      {
        blockRows: BLOCK_SIZE,
        allowPatientsInTwoSplits: request.overrideLeakReason !== undefined,
        ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      },
    );
  } catch (error) {
    if (error instanceof ImportError) throw new Rejected([problemOf(error)], { [error.code]: 1 });
    throw error;
  }
}

async function tableOf(file: ImportFileInput) {
  const bytes = await fileSource(file.path);
  return file.format === undefined ? { bytes } : { bytes, format: file.format };
}

async function* existingIds(tx: Db, version: DatasetVersionRow): AsyncGenerator<IdList> {
  const count = version.imageCount ?? 0;
  for (let from = 0; from < count; from += BLOCK_SIZE) {
    yield packIds(await selectImageIds(tx, version.id, from, from + BLOCK_SIZE));
  }
}

async function storeGivenSplit(
  tx: Db,
  versionId: number,
  { mapping, request }: ImportJob,
  sink: ImportSink,
  report: ReadReport,
  translate: Int32Array | undefined,
): Promise<number | undefined> {
  if (mapping.split === undefined) return undefined;
  if (report.splits.length > MOST_PARTS) {
    const column = columnName(mapping.split);
    const message = `Expected at most ${MOST_PARTS} parts in the split column "${column}", got ${report.splits.length}; is it another column?`;
    throw new Rejected(
      [{ code: "TOO_MANY_VALUES", file: "predictions", column, message }],
      { TOO_MANY_VALUES: 1 },
      report,
    );
  }
  const patients =
    mapping.patient === undefined ? undefined : await patientsByImage(sink.patientColumn(), translate);
  const id = await storeSplit(
    tx,
    versionId,
    {
      name: columnName(mapping.split),
      parts: report.splits,
      byImage: sink.splitColumn(),
      patients,
      overrideReason: request.overrideLeakReason,
    },
    report,
  );
  if (id !== undefined) return id;
  throw conflictsOf([{ column: columnName(mapping.split), code: "ATTRIBUTE_CONFLICT", count: 0 }], report);
}

async function patientsByImage(
  column: StoredColumn,
  translate: Int32Array | undefined,
): Promise<Uint32Array> {
  const ordinals = new Uint32Array(await readWhole(column));
  if (translate === undefined) return ordinals;
  return ordinals.map((ordinal) =>
    ordinal === UNKNOWN_CODE ? ordinal : (translate[ordinal] ?? UNKNOWN_CODE),
  );
}

async function refuseSameVersion(
  tx: Db,
  datasetId: number,
  manifest: string,
  report: ReadReport,
): Promise<void> {
  if ((await findVersionByManifest(tx, datasetId, manifest)) === undefined) return;
  const message =
    "Expected images or attributes that differ from every version of the dataset, got the same; import without a new version to line up with it";
  throw new Rejected(
    [{ code: "ATTRIBUTE_CONFLICT", file: "predictions", message }],
    { ATTRIBUTE_CONFLICT: 1 },
    report,
  );
}

function conflictsOf(
  conflicts: readonly { column: string; code: "ATTRIBUTE_CONFLICT" | "NEW_ATTRIBUTE"; count: number }[],
  report: ReadReport,
): Rejected {
  const problems = conflicts.map(
    ({ column, code, count }): ImportProblem => ({
      code: "ATTRIBUTE_CONFLICT",
      file: "predictions",
      column,
      message:
        code === "NEW_ATTRIBUTE"
          ? `Expected only attributes that the frozen dataset version holds, got the new column "${column}"; leave it out, or import as a new version`
          : `Expected the values of column "${column}" that the frozen dataset version holds, got others${count > 0 ? ` for ${count} images` : ""}; leave the column out, or import as a new version`,
    }),
  );
  return new Rejected(problems, { ATTRIBUTE_CONFLICT: problems.length }, report);
}

function problemOf(error: ImportError): ImportProblem {
  return {
    code: error.code,
    message: error.message,
    file: "predictions",
    ...(error.line === undefined ? {} : { line: error.line }),
    ...(error.column === undefined ? {} : { column: error.column }),
    ...(error.byteOffset === undefined ? {} : { byteOffset: error.byteOffset }),
  };
}

/** What an import's run keeps of its report: counts, never values. */
function summaryOf(report: ReadReport): Readonly<Record<string, unknown>> {
  const { rows, attributeRows, images, patients, studies, scores, unknownScores, bytes } = report;
  const { unknownCells, imagesWithoutScores, imagesWithoutAttributes, attributesWithoutImage } = report;
  const counts = { rows, attributeRows, images, patients, studies, scores, unknownScores, bytes };
  return {
    ...counts,
    unknownCells,
    imagesWithoutScores,
    imagesWithoutAttributes,
    attributesWithoutImage,
    implausibleAges: report.implausibleAges,
    patientsInTwoSplits: report.patientsInTwoSplits,
  };
}

/** Ordinals of the stored version by the ordinals of this file; -1 for ids that the version lacks. */
class OrdinalMap {
  readonly #parts: number[][] = [];

  append(ordinals: number[]): void {
    this.#parts.push(ordinals);
  }

  finish(): Int32Array {
    return Int32Array.from(this.#parts.flat());
  }
}

function textsOf({ bytes, offsets, count }: IdList): string[] {
  const decoder = new TextDecoder();
  return Array.from({ length: count }, (_, i) => decoder.decode(bytes.subarray(offsets[i], offsets[i + 1])));
}

function packIds(ids: readonly string[]): IdList {
  const encoded = ids.map((id) => Buffer.from(id));
  const offsets = new Uint32Array(ids.length + 1);
  encoded.forEach((id, index) => {
    offsets[index + 1] = (offsets[index] ?? 0) + id.length;
  });
  return { count: ids.length, bytes: Buffer.concat(encoded), offsets };
}

async function digestFiles(request: ImportPredictionsRequest): Promise<Readonly<Record<string, string>>> {
  const digests: Record<string, string> = { predictions: await sha256OfFile(request.predictions.path) };
  if (request.attributes !== undefined) digests["attributes"] = await sha256OfFile(request.attributes.path);
  return digests;
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "an error";
    throw new ServiceError("BAD_USER_INPUT", `Expected a readable file, got ${code}`, { cause: error });
  }
  return hash.digest("hex");
}

function fingerprintOf(value: unknown): string {
  // Safe: canonicalize gives undefined only for undefined.
  return createHash("sha256").update(canonicalize(value)!).digest("hex");
}

function requireSlug(what: string, slug: string): void {
  if (SLUG.test(slug)) return;
  throw new ServiceError(
    "BAD_USER_INPUT",
    `Expected a ${what} name of lower-case letters, digits, dots, dashes and underscores (at most 100), got "${slug.slice(0, 40)}"`,
  );
}

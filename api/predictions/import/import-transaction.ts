import type { PoolClient } from "pg";
import {
  fileSource,
  ImportError,
  type PredictionMapping,
  type PredictionReader,
  type ReadReport,
  readPredictions,
  UNKNOWN_CODE,
} from "../../../compute/index.ts";
import type { Db } from "../../db/client.ts";
import { fingerprintOf } from "../../metrics/fingerprint.ts";
import { software } from "../../software.ts";
import { BLOCK_SIZE } from "../prediction.table.ts";
import { readWhole, type StoredColumn } from "./column-store.ts";
import type { IdTable } from "./copy-rows.ts";
import {
  closePartition,
  type DatasetVersionRow,
  findDatasetId,
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
  selectOrdinals,
  tryLock,
} from "./import.queries.ts";
import type {
  ImportFileInput,
  ImportOptions,
  ImportOutcome,
  ImportPredictionsRequest,
} from "./import-request.ts";
import { columnName, ImportSink, type Partitions } from "./import-sink.ts";
import { storeSplit } from "./import-split.ts";
import { existingIds, OrdinalMap, textsOf } from "./line-up.ts";
import { conflictsOf, problemOf, Rejected } from "./rejected.ts";
import { compareColumns, manifestSha256, storeColumns } from "./version-columns.ts";

/** Raised when the same file would be stored otherwise than before. */
export const IMPORT_VERSION = 1;
// A part is a byte, and 255 is none.
const MOST_PARTS = 254;

/** What tells an import from every other: the same files, mapping, dataset and model are the same import. */
export interface ImportIdentity {
  /** SHA-256 of each file. */
  readonly digests: Readonly<Record<string, string>>;
  readonly fingerprint: string;
}

/** An import that was found to be worth doing. */
export interface ImportJob {
  readonly request: ImportPredictionsRequest;
  readonly mapping: PredictionMapping;
  /** Row ids of the stored mappings that attributes are read through, by attribute. */
  readonly storedMappings: ReadonlyMap<string, number>;
  /** May settle late: it is waited for only where it decides something. */
  readonly identity: Promise<ImportIdentity>;
  readonly startedAt: Date;
  readonly options: ImportOptions;
}

/** Ends the transaction of an import that is already stored. */
export class AlreadyStored extends Error {
  readonly evaluationId: number;
  constructor(evaluationId: number) {
    super("already stored");
    this.evaluationId = evaluationId;
  }
}

/**
 * Reads the files and stores what is in them, or nothing.
 *
 * @returns undefined when another import must end first: the same one, or one that changes the dataset.
 * @throws {AlreadyStored} when there is an evaluation with these scores
 * @throws {Rejected} with the problems of the files
 */
export async function runImport(
  tx: Db,
  client: PoolClient,
  job: ImportJob,
): Promise<ImportOutcome | undefined> {
  const { request, mapping } = job;
  const { signal } = job.options;
  const place = await lockPlace(tx, job);
  if (place === undefined) return undefined;
  const { datasetId, existing } = place;
  const versionId = existing?.id ?? (await insertDraftVersion(tx, datasetId));
  const predictionSetId = await reservePredictionSetId(tx);
  const tables = idTablesOf(mapping);
  const partitions = existing === undefined ? await openPartitions(tx, versionId, tables) : undefined;
  const reader = await openReader(tx, job, existing);
  await using sink = new ImportSink(client, {
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
    await refuseSameVersion(tx, datasetId, manifest, report);
    await storeColumns(tx, client, versionId, columns, job.storedMappings);
    signal?.throwIfAborted();
    for (const table of tables) await closePartition(tx, table, versionId);
    signal?.throwIfAborted();
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
  // Last of all that other imports may wait for: this row stays locked until the end.
  const modelVersionId = await insertModelVersionOnce(tx, request.model, {
    taskKind: mapping.task.kind,
    taskAttribute: mapping.task.attribute,
    classes: [...mapping.task.classes],
  });
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
  const { digests, fingerprint } = await job.identity;
  const runId = await insertRun(tx, {
    kind: "import",
    plugin: "import_predictions",
    pluginVersion: IMPORT_VERSION,
    params: { dataset: request.dataset, model: request.model, mapping },
    inputDigests: digests,
    fingerprint,
    state: "succeeded",
    attempt: 1,
    software,
    summary: summaryOf(report),
    startedAt: job.startedAt,
    finishedAt: new Date(),
  });
  signal?.throwIfAborted();
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

interface Place {
  readonly datasetId: number;
  /** The version to line up with; absent when this import makes one. */
  readonly existing: DatasetVersionRow | undefined;
}

/**
 * Settles which version the import goes into and keeps it so until the transaction ends: imports that make a version
 * or a split have the dataset for themselves, imports that line up with a version share it.
 */
async function lockPlace(tx: Db, { request, mapping, identity }: ImportJob): Promise<Place | undefined> {
  const lockDataset = (mode: "exclusive" | "shared") => tryLock(tx, `dataset/${request.dataset}`, mode);
  if ((await findDatasetId(tx, request.dataset)) === undefined) {
    // Nobody else makes it meanwhile, so no import into it, this one included, was stored before or is under way.
    if (!(await lockDataset("exclusive"))) return undefined;
    if ((await findDatasetId(tx, request.dataset)) === undefined) {
      return { datasetId: await insertDatasetOnce(tx, request.dataset), existing: undefined };
    }
  }
  const { fingerprint } = await identity;
  if (!(await tryLock(tx, `import/${fingerprint}`, "exclusive"))) return undefined;
  const earlier = await findEvaluationOfRun(tx, fingerprint);
  if (earlier !== undefined) throw new AlreadyStored(earlier);
  const look = async () => {
    const datasetId = await findDatasetId(tx, request.dataset);
    const existing =
      request.newVersion === true || datasetId === undefined
        ? undefined
        : await findNewestVersion(tx, datasetId);
    return { datasetId, existing };
  };
  const seen = await look();
  const makes = seen.existing === undefined || mapping.split !== undefined;
  if (!(await lockDataset(makes ? "exclusive" : "shared"))) return undefined;
  // Another import may have made the dataset or a version between the look and the lock.
  const { datasetId, existing } = await look();
  return { datasetId: datasetId ?? (await insertDatasetOnce(tx, request.dataset)), existing };
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

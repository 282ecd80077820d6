import { createHash } from "node:crypto";
import type { PoolClient } from "pg";
import type { DatasetMapping, DatasetReport, IdList, ImportProblem } from "../../../compute/index.ts";
import type { Db } from "../../db/client.ts";
import { fingerprintOf } from "../../metrics/fingerprint.ts";
import { readWhole } from "../../predictions/import/column-store.ts";
import { copyIdRows, encodeIdRows, type IdTable } from "../../predictions/import/copy-rows.ts";
import {
  closePartition,
  findSplit,
  findVersionByManifest,
  insertDatasetOnce,
  insertDraftVersion,
  insertRun,
  openPartition,
  tryLock,
} from "../../predictions/import/import.queries.ts";
import { storeSplit } from "../../predictions/import/import-split.ts";
import { manifestSha256, storeColumns } from "../../predictions/import/version-columns.ts";
import { software } from "../../software.ts";
import type { DatasetFiles } from "../dataset-files.ts";
import { type DatasetLocation, findRoot, insertLocation } from "../image-files.queries.ts";
import { findImportRun, findVersionNumber, freezeImageVersion } from "./dataset-import.queries.ts";
import type { ImageGatherer } from "./gather-images.ts";
import { copyImageRows, encodeImageRows } from "./image-rows.ts";

/** Raised when the same files would be stored otherwise than before. */
export const DATASET_IMPORT_VERSION = 1;
/** Patients or studies a COPY: an IdList of a million ids is a few MB. */
const IDS_AT_ONCE = 1 << 20;
const MOST_PARTS = 254;

/** Everything there is to store. */
export interface DatasetToStore {
  readonly dataset: string;
  readonly layout: string;
  readonly mapping: DatasetMapping;
  /** Row ids of the stored mappings that attributes are read through, by attribute. */
  readonly storedMappings: ReadonlyMap<string, number>;
  readonly policies: Readonly<Record<string, unknown>>;
  /** SHA-256 of the tables, by name. */
  readonly digests: Readonly<Record<string, string>>;
  readonly location: Pick<DatasetLocation, "root" | "rootName" | "folder">;
  readonly report: DatasetReport;
  readonly otherFiles: number;
  readonly images: ImageGatherer;
  readonly patients: IdList;
  readonly studies: IdList;
  readonly overrideLeakReason: string | undefined;
  readonly startedAt: Date;
  readonly signal: AbortSignal | undefined;
}

/** What is stored. */
export interface StoredDataset {
  readonly datasetId: number;
  readonly versionId: number;
  readonly version: number;
  readonly runId: number;
  /** False when the version was stored before. */
  readonly created: boolean;
  /** Whether a split was recorded with it that was not there. */
  readonly newSplit: boolean;
}

/** Ends the transaction of a dataset that contradicts what is stored. */
export class DatasetRejected extends Error {
  readonly problem: ImportProblem;
  constructor(problem: ImportProblem) {
    super("rejected");
    this.problem = problem;
  }
}

/** What identifies a version, computed once for however many tries. */
export interface DatasetIdentity {
  readonly manifest: string;
  readonly fingerprint: string;
}

/** SHA-256 of the version, and the fingerprint of its import with the split. Call once. */
export async function identifyDataset(dataset: DatasetToStore): Promise<DatasetIdentity> {
  const { images, report, mapping, policies } = dataset;
  const manifest = await manifestSha256(images.imagesSha256(), images.columns(report));
  const parts = createHash("sha256");
  for await (const part of images.splitColumn().parts()) parts.update(part);
  const split = mapping.split === undefined ? null : { names: report.splits, parts: parts.digest("hex") };
  const fingerprint = fingerprintOf({
    plugin: "import_dataset",
    version: DATASET_IMPORT_VERSION,
    dataset: dataset.dataset,
    layout: dataset.layout,
    mapping,
    policies,
    manifest,
    split,
  });
  return { manifest, fingerprint };
}

/**
 * Stores a dataset as a frozen version, or finds the version that holds the same; then its split, where its files lie,
 * and the run. In one transaction.
 *
 * @returns undefined when another import into the dataset must end first
 * @throws {DatasetRejected}
 */
export async function storeDataset(
  tx: Db,
  client: PoolClient,
  dataset: DatasetToStore,
  { manifest, fingerprint }: DatasetIdentity,
): Promise<StoredDataset | undefined> {
  if (!(await tryLock(tx, `dataset/${dataset.dataset}`, "exclusive"))) return undefined;
  const datasetId = await insertDatasetOnce(tx, dataset.dataset);
  const earlierRun = await findImportRun(tx, fingerprint);
  const existing = await findVersionByManifest(tx, datasetId, manifest);
  const runId = earlierRun ?? (await insertImportRun(tx, dataset, datasetId, fingerprint));
  const versionId = existing ?? (await storeVersion(tx, client, dataset, datasetId, manifest, runId));
  const newSplit = await storeParts(tx, versionId, dataset);
  const known = await findRoot(tx, versionId);
  const { location } = dataset;
  const moved =
    known?.root !== location.root || known.rootName !== location.rootName || known.folder !== location.folder;
  if (moved) await insertLocation(tx, versionId, location);
  return {
    datasetId,
    versionId,
    version: (await findVersionNumber(tx, versionId)) ?? 0,
    runId,
    created: existing === undefined,
    newSplit,
  };
}

async function storeVersion(
  tx: Db,
  client: PoolClient,
  dataset: DatasetToStore,
  datasetId: number,
  manifest: string,
  runId: number,
): Promise<number> {
  const { report, mapping, images, signal } = dataset;
  const versionId = await insertDraftVersion(tx, datasetId);
  const tables: IdTable[] = ["image"];
  const partition = await openPartition(tx, "image", versionId);
  let ordinal = 0;
  for await (const rows of images.rows()) {
    signal?.throwIfAborted();
    await copyImageRows(client, partition, encodeImageRows(versionId, ordinal, rows));
    ordinal += rows.ids.length;
  }
  for (const [table, ids, cell] of [
    ["patient", dataset.patients, mapping.patient],
    ["study", dataset.studies, mapping.study],
  ] as const) {
    if (cell === undefined) continue;
    tables.push(table);
    await copyIds(client, await openPartition(tx, table, versionId), versionId, ids);
  }
  await storeColumns(tx, client, versionId, images.columns(report), dataset.storedMappings);
  signal?.throwIfAborted();
  for (const table of tables) await closePartition(tx, table, versionId);
  await freezeImageVersion(tx, versionId, {
    manifestSha256: manifest,
    imageCount: report.images,
    patientCount: mapping.patient === undefined ? null : report.patients,
    studyCount: mapping.study === undefined ? null : report.studies,
    runId,
    files: filesOf(report),
  });
  return versionId;
}

async function copyIds(client: PoolClient, partition: string, versionId: number, ids: IdList): Promise<void> {
  for (let first = 0; first < ids.count; first += IDS_AT_ONCE) {
    const count = Math.min(IDS_AT_ONCE, ids.count - first);
    const some = { count, bytes: ids.bytes, offsets: ids.offsets.subarray(first, first + count + 1) };
    await copyIdRows(client, partition, encodeIdRows(versionId, first, some));
  }
}

/** Stores the split, where there is one. @returns whether it is new. */
async function storeParts(tx: Db, versionId: number, dataset: DatasetToStore): Promise<boolean> {
  const { mapping, report, images, overrideLeakReason } = dataset;
  if (mapping.split === undefined) return false;
  const { column } = mapping.split;
  const refuse = (code: ImportProblem["code"], message: string) =>
    new DatasetRejected({ code, file: "manifest", column, message });
  if (report.splits.length === 0 || report.splits.length > MOST_PARTS) {
    const got = `Expected 1 to ${MOST_PARTS} parts in the split column, got ${report.splits.length}`;
    throw refuse("TOO_MANY_VALUES", `${got}; is it another column?`);
  }
  const isNew = (await findSplit(tx, versionId, column)) === undefined;
  const patients =
    mapping.patient === undefined ? undefined : new Uint32Array(await readWhole(images.patientColumn()));
  const id = await storeSplit(
    tx,
    versionId,
    {
      name: column,
      parts: report.splits,
      byImage: images.splitColumn(),
      patients,
      overrideReason: overrideLeakReason,
    },
    report,
  );
  if (id !== undefined) return isNew;
  throw refuse(
    "ATTRIBUTE_CONFLICT",
    `Expected the split "${column}" that the frozen dataset version holds, got other parts; name the column otherwise`,
  );
}

async function insertImportRun(
  tx: Db,
  dataset: DatasetToStore,
  datasetId: number,
  fingerprint: string,
): Promise<number> {
  const { report, mapping, policies, layout } = dataset;
  return insertRun(tx, {
    kind: "import",
    datasetId,
    plugin: "import_dataset",
    pluginVersion: DATASET_IMPORT_VERSION,
    params: { dataset: dataset.dataset, layout, mapping, ...policies },
    inputDigests: dataset.digests,
    fingerprint,
    state: "succeeded",
    attempt: 1,
    software,
    summary: summaryOf(report, dataset.otherFiles),
    startedAt: dataset.startedAt,
    finishedAt: new Date(),
  });
}

/** What an import's run keeps of its report: counts and the first remarks by line, never a value of a patient. */
function summaryOf(report: DatasetReport, otherFiles: number): Readonly<Record<string, unknown>> {
  const { rows, images, patients, studies, files, remarks, patientsInTwoSplits, implausibleAges } = report;
  const { unmatched, conflicts, unknown } = report;
  const counts = { rows, images, patients, studies, files, otherFiles, patientsInTwoSplits, implausibleAges };
  return { ...counts, unmatched, conflicts, unknown, remarks };
}

function filesOf({ files }: DatasetReport): DatasetFiles {
  const { formats, bytes, rows, cols, sizes, duplicates, duplicatesAcrossPatients, leftOut, verified } =
    files;
  return { formats, bytes, rows, cols, sizes, duplicates, duplicatesAcrossPatients, leftOut, verified };
}

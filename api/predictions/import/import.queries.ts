import { and, asc, desc, eq, gte, inArray, lt, max, sql } from "drizzle-orm";
import { categoryMappingEntries, categoryMappings } from "../../datasets/category-mapping.table.ts";
import {
  attributes,
  datasets,
  datasetVersions,
  images,
  patients,
  studies,
} from "../../datasets/dataset.table.ts";
import { splitMembers, splits } from "../../datasets/split.table.ts";
import type { Db } from "../../db/client.ts";
import { models, modelVersions } from "../../models/model.table.ts";
import { runs } from "../../runs/run.table.ts";
import { predictionSets } from "../prediction.table.ts";
import type { IdTable } from "./copy-rows.ts";

export type DatasetVersionRow = typeof datasetVersions.$inferSelect;
export type AttributeRow = typeof attributes.$inferSelect;
export type NewSplit = typeof splits.$inferInsert;
export type TaskColumns = Pick<typeof modelVersions.$inferInsert, "taskKind" | "taskAttribute" | "classes">;

/** The evaluation that an identical import made before, if there was one. */
export async function findEvaluationOfRun(db: Db, fingerprint: string): Promise<number | undefined> {
  const [found] = await db
    .select({ id: predictionSets.id })
    .from(runs)
    .innerJoin(predictionSets, eq(predictionSets.runId, runs.id))
    .where(eq(runs.fingerprint, fingerprint))
    .limit(1);
  return found?.id;
}

/** The evaluation with exactly these scores of this model on this version, if it is stored. */
export async function findEvaluation(db: Db, fingerprint: string): Promise<number | undefined> {
  const [found] = await db
    .select({ id: predictionSets.id })
    .from(predictionSets)
    .where(eq(predictionSets.fingerprint, fingerprint));
  return found?.id;
}

/** Lets the statements of this transaction wait for locks that other imports give back when they end. */
export async function limitWaits(db: Db, milliseconds: number): Promise<void> {
  await db.execute(sql`select set_config('lock_timeout', ${String(milliseconds)}, true)`);
}

/** Takes a lock of this name until the transaction ends, if it is free; never waits. */
export async function tryLock(db: Db, name: string, mode: "exclusive" | "shared"): Promise<boolean> {
  const key = sql`hashtextextended(${name}, 0)`;
  const { rows } = await db.execute<{ mine: boolean }>(
    mode === "exclusive"
      ? sql`select pg_try_advisory_xact_lock(${key}) as mine`
      : sql`select pg_try_advisory_xact_lock_shared(${key}) as mine`,
  );
  return rows[0]?.mine === true;
}

/** The dataset with this slug, or undefined. */
export async function findDatasetId(db: Db, slug: string): Promise<number | undefined> {
  const [dataset] = await db.select({ id: datasets.id }).from(datasets).where(eq(datasets.slug, slug));
  return dataset?.id;
}

/** Makes the dataset, or finds it where something else than an import has made it meanwhile. */
export async function insertDatasetOnce(db: Db, slug: string): Promise<number> {
  await db.insert(datasets).values({ slug, title: slug, origin: "imported" }).onConflictDoNothing();
  return (await findDatasetId(db, slug))!; // safe: inserted or found in the statement before, and datasets are never deleted
}

/** The newest frozen version of a dataset, or undefined. */
export async function findNewestVersion(db: Db, datasetId: number): Promise<DatasetVersionRow | undefined> {
  const [version] = await db
    .select()
    .from(datasetVersions)
    .where(and(eq(datasetVersions.datasetId, datasetId), eq(datasetVersions.state, "frozen")))
    .orderBy(desc(datasetVersions.version))
    .limit(1);
  return version;
}

/** A version of the dataset with exactly these images and attributes, or undefined. */
export async function findVersionByManifest(
  db: Db,
  datasetId: number,
  manifestSha256: string,
): Promise<number | undefined> {
  const [version] = await db
    .select({ id: datasetVersions.id })
    .from(datasetVersions)
    .where(and(eq(datasetVersions.datasetId, datasetId), eq(datasetVersions.manifestSha256, manifestSha256)));
  return version?.id;
}

/** A new draft version, numbered one above the last. */
export async function insertDraftVersion(db: Db, datasetId: number): Promise<number> {
  const [last] = await db
    .select({ version: max(datasetVersions.version) })
    .from(datasetVersions)
    .where(eq(datasetVersions.datasetId, datasetId));
  const [draft] = await db
    .insert(datasetVersions)
    .values({ datasetId, version: (last?.version ?? 0) + 1 })
    .returning({ id: datasetVersions.id });
  return draft!.id; // safe: an insert of one row returns one row or throws
}

/** Makes the partition that takes the rows of a draft version, and gives its name. */
export async function openPartition(db: Db, table: IdTable, versionId: number): Promise<string> {
  const { rows } = await db.execute<{ name: string }>(
    sql`select stratum_open_partition(${table}, ${versionId}) as name`,
  );
  return rows[0]!.name; // safe: a function in the select list gives one row
}

/** Indexes a filled partition and closes it for ever. Cost: two index builds. */
export async function closePartition(db: Db, table: IdTable, versionId: number): Promise<void> {
  await db.execute(sql`select stratum_close_partition(${table}, ${versionId})`);
}

/** Freezes a draft; the database checks that it is whole. */
export async function freezeVersion(
  db: Db,
  id: number,
  counts: {
    manifestSha256: string;
    imageCount: number;
    patientCount: number | null;
    studyCount: number | null;
  },
): Promise<void> {
  await db
    .update(datasetVersions)
    .set({ ...counts, state: "frozen", frozenAt: sql`now()` })
    .where(eq(datasetVersions.id, id));
}

/** Image ids of the ordinals [from, to), in order. */
export async function selectImageIds(db: Db, versionId: number, from: number, to: number): Promise<string[]> {
  const rows = await db
    .select({ id: images.externalId })
    .from(images)
    .where(and(eq(images.datasetVersionId, versionId), gte(images.ordinal, from), lt(images.ordinal, to)))
    .orderBy(asc(images.ordinal));
  return rows.map((row) => row.id);
}

/** The ordinals of patients or studies by their ids; ids that the version lacks are absent. */
export async function selectOrdinals(
  db: Db,
  table: "patients" | "studies",
  versionId: number,
  ids: readonly string[],
): Promise<Map<string, number>> {
  const source = table === "patients" ? patients : studies;
  const rows = await db
    .select({ id: source.externalId, ordinal: source.ordinal })
    .from(source)
    .where(and(eq(source.datasetVersionId, versionId), sql`${source.externalId} = any(${sql.param(ids)})`));
  return new Map(rows.map((row) => [row.id, row.ordinal]));
}

export async function selectAttributes(
  db: Db,
  versionId: number,
  names: readonly string[],
): Promise<AttributeRow[]> {
  if (names.length === 0) return [];
  return db
    .select()
    .from(attributes)
    .where(and(eq(attributes.datasetVersionId, versionId), inArray(attributes.name, [...names])));
}

/** Stores a category mapping under its slug and returns its id; the same slug and version again is the same mapping. */
export async function insertMappingOnce(
  db: Db,
  mapping: typeof categoryMappings.$inferInsert,
  entries: readonly { recorded: string; category: string | null }[],
): Promise<number> {
  const [made] = await db
    .insert(categoryMappings)
    .values(mapping)
    .onConflictDoNothing()
    .returning({ id: categoryMappings.id });
  if (made === undefined) {
    const [found] = await db
      .select({ id: categoryMappings.id })
      .from(categoryMappings)
      .where(and(eq(categoryMappings.slug, mapping.slug), eq(categoryMappings.version, mapping.version)));
    return found!.id; // safe: the conflict was with this row, and mappings are never deleted
  }
  await db.insert(categoryMappingEntries).values(entries.map((entry) => ({ ...entry, mappingId: made.id })));
  return made.id;
}

/** A stored mapping from recorded values to categories; null leaves a value out of the analysis. */
export interface StoredMapping {
  readonly id: number;
  readonly attribute: string;
  readonly unlisted: "refuse" | "unknown";
  readonly entries: readonly { readonly recorded: string; readonly category: string | null }[];
}

/** The newest version of a stored mapping, or the one asked for, with its entries. */
export async function findMapping(
  db: Db,
  slug: string,
  version: number | undefined,
): Promise<StoredMapping | undefined> {
  const wanted = version === undefined ? undefined : eq(categoryMappings.version, version);
  const [mapping] = await db
    .select()
    .from(categoryMappings)
    .where(and(eq(categoryMappings.slug, slug), wanted))
    .orderBy(desc(categoryMappings.version))
    .limit(1);
  if (mapping === undefined) return undefined;
  const entries = await db
    .select({ recorded: categoryMappingEntries.recorded, category: categoryMappingEntries.category })
    .from(categoryMappingEntries)
    .where(eq(categoryMappingEntries.mappingId, mapping.id));
  return { id: mapping.id, attribute: mapping.attribute, unlisted: mapping.unlisted, entries };
}

/** The entries of a stored mapping, recorded value to category. */
export async function selectMappingEntries(
  db: Db,
  mappingId: number,
): Promise<ReadonlyMap<string, string | null>> {
  const rows = await db
    .select({ recorded: categoryMappingEntries.recorded, category: categoryMappingEntries.category })
    .from(categoryMappingEntries)
    .where(eq(categoryMappingEntries.mappingId, mappingId));
  return new Map(rows.map(({ recorded, category }) => [recorded, category]));
}

export async function findSplit(db: Db, versionId: number, name: string) {
  const [split] = await db
    .select()
    .from(splits)
    .where(and(eq(splits.datasetVersionId, versionId), eq(splits.name, name)));
  return split;
}

export async function insertSplit(db: Db, split: NewSplit): Promise<number> {
  const [made] = await db.insert(splits).values(split).returning({ id: splits.id });
  return made!.id; // safe: an insert of one row returns one row or throws
}

/** Writes one row a patient, in one statement. */
export async function insertSplitMembers(
  db: Db,
  splitId: number,
  members: { patients: readonly number[]; parts: readonly number[] },
): Promise<void> {
  await db.execute(sql`
    insert into ${splitMembers} (split_id, patient_ordinal, part)
    select ${splitId}::bigint, patient, part
    from unnest(${sql.param(members.patients)}::integer[], ${sql.param(members.parts)}::smallint[]) as members (patient, part)`);
}

export async function selectSplitMembers(db: Db, splitId: number): Promise<Map<number, number>> {
  const rows = await db
    .select({ patient: splitMembers.patientOrdinal, part: splitMembers.part })
    .from(splitMembers)
    .where(eq(splitMembers.splitId, splitId));
  return new Map(rows.map((row) => [row.patient, row.part]));
}

/** The newest version of this model with this task and no bytes of its own, made if there was none. */
export async function insertModelVersionOnce(db: Db, slug: string, task: TaskColumns): Promise<number> {
  await db.insert(models).values({ slug, title: slug, origin: "imported" }).onConflictDoNothing();
  const [model] = await db
    .select({ id: models.id })
    .from(models)
    .where(eq(models.slug, slug))
    .for("no key update");
  const modelId = model!.id; // safe: inserted or found in the statement before, and models are never deleted
  const versions = await db
    .select()
    .from(modelVersions)
    .where(eq(modelVersions.modelId, modelId))
    .orderBy(desc(modelVersions.version));
  const same = versions.find(
    (version) =>
      version.onnxSha256 === null &&
      version.taskKind === task.taskKind &&
      version.taskAttribute === task.taskAttribute &&
      JSON.stringify(version.classes) === JSON.stringify(task.classes),
  );
  if (same !== undefined) return same.id;
  const [made] = await db
    .insert(modelVersions)
    .values({ modelId, version: (versions[0]?.version ?? 0) + 1, ...task })
    .returning({ id: modelVersions.id });
  return made!.id; // safe: an insert of one row returns one row or throws
}

/** Takes the id of a prediction set that is stored at the end: its blocks, stored before it, carry the id. */
export async function reservePredictionSetId(db: Db): Promise<number> {
  const { rows } = await db.execute<{ id: string }>(
    sql`select nextval(pg_get_serial_sequence('prediction_set', 'id')) as id`,
  );
  return Number(rows[0]!.id); // safe: nextval always gives one row; ids stay far below 2^53
}

export async function insertPredictionSet(
  db: Db,
  set: typeof predictionSets.$inferInsert & { id: number },
): Promise<void> {
  await db.insert(predictionSets).overridingSystemValue().values(set);
}

export async function insertRun(db: Db, run: typeof runs.$inferInsert): Promise<number> {
  const [made] = await db.insert(runs).values(run).returning({ id: runs.id });
  return made!.id; // safe: an insert of one row returns one row or throws
}

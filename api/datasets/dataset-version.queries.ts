import { and, asc, count, desc, eq, inArray, sql } from "drizzle-orm";
import type { Db } from "../db/client.ts";
import { categoryMappingEntries, categoryMappings } from "./category-mapping.table.ts";
import { attributes, datasetVersions } from "./dataset.table.ts";
import { splitMembers, splits } from "./split.table.ts";

/** A version's row. */
export type DatasetVersionRecord = typeof datasetVersions.$inferSelect;

/** An attribute's row without its column of values. */
export type AttributeRecord = Omit<typeof attributes.$inferSelect, "values">;

/** A split's row without its column of parts. */
export interface SplitRecord extends Omit<typeof splits.$inferSelect, "imageParts"> {
  /** Whether parts are held by image, not by patient. */
  readonly byImage: boolean;
}

/** A mapping's row, and one of its entries. */
export type CategoryMappingRecord = typeof categoryMappings.$inferSelect;
export type CategoryMappingEntryRecord = typeof categoryMappingEntries.$inferSelect;

/** Images or patients in one part of a split. */
export interface SplitPartCount {
  readonly splitId: number;
  /** Index into the split's parts. */
  readonly part: number;
  readonly members: number;
}

/** Frozen versions of these datasets, the newest first. */
export async function frozenVersionsOf(
  db: Db,
  datasetIds: readonly number[],
): Promise<readonly DatasetVersionRecord[]> {
  return db
    .select()
    .from(datasetVersions)
    .where(and(inArray(datasetVersions.datasetId, [...datasetIds]), eq(datasetVersions.state, "frozen")))
    .orderBy(desc(datasetVersions.version));
}

/** The versions with these row ids, in no particular order. */
export async function versionsByIds(
  db: Db,
  ids: readonly number[],
): Promise<readonly DatasetVersionRecord[]> {
  return db
    .select()
    .from(datasetVersions)
    .where(inArray(datasetVersions.id, [...ids]));
}

/** Attributes of these versions in order of name, without their columns. */
export async function attributesOf(
  db: Db,
  versionIds: readonly number[],
): Promise<readonly AttributeRecord[]> {
  return db
    .select({
      id: attributes.id,
      datasetVersionId: attributes.datasetVersionId,
      name: attributes.name,
      kind: attributes.kind,
      encoding: attributes.encoding,
      dictionary: attributes.dictionary,
      categoryMappingId: attributes.categoryMappingId,
      sourceColumn: attributes.sourceColumn,
      unit: attributes.unit,
      unknownCount: attributes.unknownCount,
      recordedAt: attributes.recordedAt,
    })
    .from(attributes)
    .where(inArray(attributes.datasetVersionId, [...versionIds]))
    .orderBy(asc(attributes.name));
}

/** The columns of values of these attributes, by attribute row id. */
export async function attributeValues(
  db: Db,
  attributeIds: readonly number[],
): Promise<readonly { readonly id: number; readonly values: Buffer }[]> {
  return db
    .select({ id: attributes.id, values: attributes.values })
    .from(attributes)
    .where(inArray(attributes.id, [...attributeIds]));
}

/** Splits of these versions in order of name, without their columns. */
export async function splitsOf(db: Db, versionIds: readonly number[]): Promise<readonly SplitRecord[]> {
  return db
    .select({
      id: splits.id,
      datasetVersionId: splits.datasetVersionId,
      name: splits.name,
      parts: splits.parts,
      leakingPatients: splits.leakingPatients,
      overrideReason: splits.overrideReason,
      byImage: sql<boolean>`${splits.imageParts} is not null`,
      recordedAt: splits.recordedAt,
    })
    .from(splits)
    .where(inArray(splits.datasetVersionId, [...versionIds]))
    .orderBy(asc(splits.name));
}

/** Patients in each part of these splits, those by patient only. */
export async function patientsOfParts(
  db: Db,
  splitIds: readonly number[],
): Promise<readonly SplitPartCount[]> {
  return db
    .select({ splitId: splitMembers.splitId, part: splitMembers.part, members: count() })
    .from(splitMembers)
    .where(inArray(splitMembers.splitId, [...splitIds]))
    .groupBy(splitMembers.splitId, splitMembers.part);
}

/** The mappings with these row ids, in no particular order. */
export async function mappingsByIds(
  db: Db,
  ids: readonly number[],
): Promise<readonly CategoryMappingRecord[]> {
  return db
    .select()
    .from(categoryMappings)
    .where(inArray(categoryMappings.id, [...ids]));
}

/** Entries of these mappings in order of the recorded value. */
export async function entriesOf(
  db: Db,
  mappingIds: readonly number[],
): Promise<readonly CategoryMappingEntryRecord[]> {
  return db
    .select()
    .from(categoryMappingEntries)
    .where(inArray(categoryMappingEntries.mappingId, [...mappingIds]))
    .orderBy(asc(categoryMappingEntries.recorded));
}

import { sql } from "drizzle-orm";
import { check, integer, jsonb, pgTable, primaryKey, text, timestamp, unique } from "drizzle-orm/pg-core";
import { bytes, idColumn, primaryId, recordedAt } from "../db/columns.ts";
import { runs } from "../runs/run.table.ts";
import { categoryMappings } from "./category-mapping.table.ts";
import type { DatasetFiles } from "./dataset-files.ts";

/** A collection of images as people name it; what it holds is in its versions. */
export const datasets = pgTable(
  "dataset",
  {
    id: primaryId(),
    slug: text("slug").notNull(),
    title: text("title").notNull(),
    description: text("description"),
    modality: text("modality"),
    bodyPart: text("body_part"),
    licence: text("licence"),
    access: text("access", { enum: ["public", "private", "credentialed"] })
      .notNull()
      .default("private"),
    /** `published`: known only from a publication, with no images here. */
    origin: text("origin", { enum: ["imported", "published"] }).notNull(),
    /** Facts as a publication prints them (cohort counts and the like), never used in a computation. */
    printedFacts: jsonb("printed_facts").$type<Readonly<Record<string, unknown>>>(),
    recordedAt: recordedAt(),
  },
  (dataset) => [
    unique("dataset_slug_key").on(dataset.slug),
    check("dataset_slug_check", sql`${dataset.slug} ~ '^[a-z0-9][a-z0-9._-]{0,99}$'`),
    check("dataset_access_check", sql`${dataset.access} in ('public', 'private', 'credentialed')`),
    check("dataset_origin_check", sql`${dataset.origin} in ('imported', 'published')`),
  ],
);

/** What a dataset held at one time; frozen at the end of its import and immutable from then on (trigger). */
export const datasetVersions = pgTable(
  "dataset_version",
  {
    id: primaryId(),
    datasetId: idColumn("dataset_id")
      .notNull()
      .references(() => datasets.id),
    version: integer("version").notNull(),
    state: text("state", { enum: ["draft", "frozen"] })
      .notNull()
      .default("draft"),
    /** SHA-256 over the ids in ordinal order and every attribute column; set when frozen. */
    manifestSha256: text("manifest_sha256"),
    imageCount: integer("image_count"),
    /** Null: the source names no patients. */
    patientCount: integer("patient_count"),
    studyCount: integer("study_count"),
    /** The import that made it from files; null where predictions brought the images, or for older versions. */
    runId: idColumn("run_id").references(() => runs.id),
    /** What its image files are, counted when they were read; null where the images have no files here. */
    files: jsonb("files").$type<DatasetFiles>(),
    frozenAt: timestamp("frozen_at", { withTimezone: true, mode: "date" }),
    recordedAt: recordedAt(),
  },
  (version) => [
    unique("dataset_version_number_key").on(version.datasetId, version.version),
    unique("dataset_version_manifest_key").on(version.datasetId, version.manifestSha256),
    check("dataset_version_state_check", sql`${version.state} in ('draft', 'frozen')`),
    check(
      "dataset_version_frozen_check",
      sql`(${version.state} = 'frozen') = (${version.manifestSha256} is not null and ${version.imageCount} is not null and ${version.frozenAt} is not null)`,
    ),
    check("dataset_version_manifest_check", sql`${version.manifestSha256} ~ '^[0-9a-f]{64}$'`),
  ],
);

/**
 * One image of a version; its ordinal 0..n-1 aligns every column of numbers.
 * Partitioned by version: rows come only through `stratum_open_partition` and stay as they are after
 * `stratum_close_partition` (migration 0001, docs/adr/0001). Ids are in collation C, byte order: it sorts fastest.
 */
export const images = pgTable(
  "image",
  {
    datasetVersionId: idColumn("dataset_version_id").notNull(),
    ordinal: integer("ordinal").notNull(),
    externalId: text("external_id").notNull(),
    uri: text("uri"),
    sha256: bytes("sha256"),
    width: integer("width"),
    height: integer("height"),
  },
  (image) => [
    primaryKey({ name: "image_pkey", columns: [image.datasetVersionId, image.ordinal] }),
    unique("image_external_id_key").on(image.datasetVersionId, image.externalId),
    check("image_ordinal_check", sql`${image.ordinal} >= 0`),
    check("image_external_id_check", sql`length(${image.externalId}) between 1 and 1024`),
  ],
);

/** A patient of a version, by the pseudonym the source uses; ordinals in order of first appearance. */
export const patients = pgTable(
  "patient",
  {
    datasetVersionId: idColumn("dataset_version_id").notNull(),
    ordinal: integer("ordinal").notNull(),
    externalId: text("external_id").notNull(),
  },
  (patient) => [
    primaryKey({ name: "patient_pkey", columns: [patient.datasetVersionId, patient.ordinal] }),
    unique("patient_external_id_key").on(patient.datasetVersionId, patient.externalId),
    check("patient_ordinal_check", sql`${patient.ordinal} >= 0`),
  ],
);

/** A study (one visit's images, or a CT series) of a version. */
export const studies = pgTable(
  "study",
  {
    datasetVersionId: idColumn("dataset_version_id").notNull(),
    ordinal: integer("ordinal").notNull(),
    externalId: text("external_id").notNull(),
  },
  (study) => [
    primaryKey({ name: "study_pkey", columns: [study.datasetVersionId, study.ordinal] }),
    unique("study_external_id_key").on(study.datasetVersionId, study.externalId),
    check("study_ordinal_check", sql`${study.ordinal} >= 0`),
  ],
);

/** How the numbers of a column are laid out, all little-endian; the number is the width in bytes. */
export const ENCODING_WIDTH = { u8: 1, u16: 2, u32: 4, f32: 4, f64: 8 } as const;
export type ColumnEncoding = keyof typeof ENCODING_WIDTH;

/**
 * One attribute of a version: the whole column in one row, aligned on the ordinals.
 * A category holds codes into `dictionary` (values exactly as recorded); the highest code of the encoding is unknown.
 * A number holds f32 or f64, NaN for unknown. `patient` and `study` hold ordinals as u32.
 */
export const attributes = pgTable(
  "attribute",
  {
    id: primaryId(),
    datasetVersionId: idColumn("dataset_version_id")
      .notNull()
      .references(() => datasetVersions.id),
    name: text("name").notNull(),
    kind: text("kind", { enum: ["category", "number", "patient", "study"] }).notNull(),
    encoding: text("encoding", { enum: ["u8", "u16", "u32", "f32", "f64"] }).notNull(),
    /** Values as recorded, in code order; null for numbers and ordinals. */
    dictionary: text("dictionary").array(),
    /** The versioned mapping from recorded values to categories, if one applies (self-reported race, sex). */
    categoryMappingId: idColumn("category_mapping_id").references(() => categoryMappings.id),
    /** The column of the source it came from. */
    sourceColumn: text("source_column"),
    unit: text("unit"),
    unknownCount: integer("unknown_count").notNull(),
    values: bytes("values").notNull(),
    recordedAt: recordedAt(),
  },
  (attribute) => [
    unique("attribute_name_key").on(attribute.datasetVersionId, attribute.name),
    check("attribute_kind_check", sql`${attribute.kind} in ('category', 'number', 'patient', 'study')`),
    check("attribute_encoding_check", sql`${attribute.encoding} in ('u8', 'u16', 'u32', 'f32', 'f64')`),
    check("attribute_name_check", sql`length(${attribute.name}) between 1 and 200`),
    check(
      "attribute_dictionary_check",
      sql`(${attribute.kind} = 'category') = (${attribute.dictionary} is not null)`,
    ),
    check("attribute_unknown_count_check", sql`${attribute.unknownCount} >= 0`),
  ],
);

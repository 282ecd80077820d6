import { sql } from "drizzle-orm";
import { check, integer, pgTable, primaryKey, text, unique } from "drizzle-orm/pg-core";
import { bytes, idColumn, primaryId, recordedAt } from "../../db/columns.ts";
import { datasetVersions } from "../dataset.table.ts";

/** Masks of one kind (lungs, salient regions) for images of a version, by name; what they are never changes. */
export const maskSets = pgTable(
  "mask_set",
  {
    id: primaryId(),
    datasetVersionId: idColumn("dataset_version_id")
      .notNull()
      .references(() => datasetVersions.id),
    name: text("name").notNull(),
    /** SHA-256 over ordinals and files: part of the fingerprint of every evaluation under these masks. */
    sha256: text("sha256").notNull(),
    /** Images that have one. */
    imageCount: integer("image_count").notNull(),
    /** Where the files lie, as `dataset_location`; changes when they are added again from another folder. */
    root: text("root").notNull(),
    rootName: text("root_name"),
    folder: text("folder"),
    recordedAt: recordedAt(),
  },
  (set) => [
    unique("mask_set_name_key").on(set.datasetVersionId, set.name),
    check("mask_set_name_check", sql`${set.name} ~ '^[a-z0-9][a-z0-9_-]{0,63}$'`),
    check("mask_set_sha256_check", sql`${set.sha256} ~ '^[0-9a-f]{64}$'`),
    check("mask_set_image_count_check", sql`${set.imageCount} >= 1`),
    check("mask_set_location_check", sql`(${set.rootName} is null) = (${set.folder} is null)`),
  ],
);

/** The mask of one image. Append-only (trigger). */
export const maskFiles = pgTable(
  "mask_file",
  {
    maskSetId: idColumn("mask_set_id")
      .notNull()
      .references(() => maskSets.id),
    ordinal: integer("ordinal").notNull(),
    /** Path below the set's root, with slashes. */
    uri: text("uri").notNull(),
    sha256: bytes("sha256").notNull(),
  },
  (file) => [
    primaryKey({ name: "mask_file_pkey", columns: [file.maskSetId, file.ordinal] }),
    check("mask_file_ordinal_check", sql`${file.ordinal} >= 0`),
  ],
);

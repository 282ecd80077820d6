import { sql } from "drizzle-orm";
import { check, integer, pgTable, primaryKey, smallint, text, unique } from "drizzle-orm/pg-core";
import { bytes, idColumn, primaryId, recordedAt } from "../db/columns.ts";
import { datasetVersions } from "./dataset.table.ts";

/**
 * A named division of a version into parts (train, validate, test), by patient.
 * A split that puts a patient on two sides is refused; recorded by explicit override it keeps the count and the reason
 * for ever, and its parts are then held by image.
 */
export const splits = pgTable(
  "split",
  {
    id: primaryId(),
    datasetVersionId: idColumn("dataset_version_id")
      .notNull()
      .references(() => datasetVersions.id),
    name: text("name").notNull(),
    parts: text("parts").array().notNull(),
    leakingPatients: integer("leaking_patients").notNull().default(0),
    overrideReason: text("override_reason"),
    /** u8 part of each image, 255 for none; only for splits that are not patient-disjoint or have no patients. */
    imageParts: bytes("image_parts"),
    recordedAt: recordedAt(),
  },
  (split) => [
    unique("split_name_key").on(split.datasetVersionId, split.name),
    check("split_leak_check", sql`(${split.leakingPatients} > 0) = (${split.overrideReason} is not null)`),
    check("split_parts_check", sql`cardinality(${split.parts}) between 1 and 254`),
  ],
);

/** The part a patient belongs to; the primary key is what makes a split patient-disjoint. */
export const splitMembers = pgTable(
  "split_member",
  {
    splitId: idColumn("split_id").notNull(),
    patientOrdinal: integer("patient_ordinal").notNull(),
    part: smallint("part").notNull(),
  },
  (member) => [
    primaryKey({ name: "split_member_pkey", columns: [member.splitId, member.patientOrdinal] }),
    check("split_member_part_check", sql`${member.part} between 0 and 253`),
  ],
);

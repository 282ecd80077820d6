import { sql } from "drizzle-orm";
import { check, index, pgTable, text } from "drizzle-orm/pg-core";
import { idColumn, primaryId, recordedAt } from "../db/columns.ts";
import { datasetVersions } from "./dataset.table.ts";

/**
 * Where the files of a version lie: the folder that every `image.uri` is relative to. The newest row counts, so a folder
 * that was moved is one more row. Append-only (trigger).
 */
export const datasetLocations = pgTable(
  "dataset_location",
  {
    id: primaryId(),
    datasetVersionId: idColumn("dataset_version_id")
      .notNull()
      .references(() => datasetVersions.id),
    /** Absolute path of the folder on the machine that recorded it; links resolved. */
    root: text("root").notNull(),
    /** Name of the operator's image root (STRATUM_IMAGE_ROOTS) that `folder` is relative to, where it lies in one. */
    rootName: text("root_name"),
    /** Path below the named root, with slashes; empty: the root itself. Null without a name. */
    folder: text("folder"),
    recordedAt: recordedAt(),
  },
  (location) => [
    index("dataset_location_version_idx").on(location.datasetVersionId, location.id),
    check("dataset_location_root_check", sql`length(${location.root}) between 1 and 4096`),
    check("dataset_location_name_check", sql`(${location.rootName} is null) = (${location.folder} is null)`),
  ],
);

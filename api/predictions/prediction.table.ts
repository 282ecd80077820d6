import { sql } from "drizzle-orm";
import {
  bigint,
  check,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { datasetVersions } from "../datasets/dataset.table.ts";
import { splits } from "../datasets/split.table.ts";
import { bytes, idColumn, primaryId, recordedAt } from "../db/columns.ts";
import { modelVersions } from "../models/model.table.ts";
import { runs } from "../runs/run.table.ts";

/** Scores in a block: 65,536 images of one class, 256 KiB. */
export const BLOCK_SIZE = 65_536;

/** The scores of one model version on one dataset version: an evaluation. Append-only (trigger). */
export const predictionSets = pgTable(
  "prediction_set",
  {
    id: primaryId(),
    modelVersionId: idColumn("model_version_id")
      .notNull()
      .references(() => modelVersions.id),
    datasetVersionId: idColumn("dataset_version_id")
      .notNull()
      .references(() => datasetVersions.id),
    splitId: idColumn("split_id").references(() => splits.id),
    /** The transforms applied to the images before the model saw them, in order. */
    transformChain: jsonb("transform_chain").$type<readonly unknown[]>().notNull().default([]),
    scoreKind: text("score_kind", { enum: ["probability", "logit", "any"] }).notNull(),
    /** Images with at least one score. */
    scoredCount: integer("scored_count").notNull(),
    /** Scores recorded as unknown, over all images of the version and all classes. */
    missingScoreCount: bigint("missing_score_count", { mode: "number" }).notNull(),
    runId: idColumn("run_id")
      .notNull()
      .references(() => runs.id),
    fingerprint: text("fingerprint").notNull(),
    recordedAt: recordedAt(),
  },
  (set) => [
    unique("prediction_set_fingerprint_key").on(set.fingerprint),
    check("prediction_set_score_kind_check", sql`${set.scoreKind} in ('probability', 'logit', 'any')`),
    check("prediction_set_fingerprint_check", sql`${set.fingerprint} ~ '^[0-9a-f]{64}$'`),
  ],
);

/**
 * Up to 65,536 scores of one class as little-endian float32, NaN for unknown; block b starts at ordinal b * 65,536.
 * Keyed by dataset version first, so that partitions and distribution need no rewrite. Append-only (trigger).
 */
export const scoreBlocks = pgTable(
  "score_block",
  {
    datasetVersionId: idColumn("dataset_version_id").notNull(),
    predictionSetId: idColumn("prediction_set_id")
      .notNull()
      .references(() => predictionSets.id),
    classIndex: smallint("class_index").notNull(),
    block: integer("block").notNull(),
    scores: bytes("scores").notNull(),
  },
  (block) => [
    primaryKey({
      name: "score_block_pkey",
      columns: [block.datasetVersionId, block.predictionSetId, block.classIndex, block.block],
    }),
    check("score_block_place_check", sql`${block.classIndex} >= 0 and ${block.block} >= 0`),
    check(
      "score_block_length_check",
      sql`octet_length(${block.scores}) between 4 and 262144 and octet_length(${block.scores}) % 4 = 0`,
    ),
  ],
);

/** A file on its way in: bytes lie in the upload folder until an import takes them or they expire. */
export const uploads = pgTable(
  "upload",
  {
    id: uuid("id").primaryKey(),
    fileName: text("file_name").notNull(),
    byteLength: bigint("byte_length", { mode: "number" }),
    sha256: text("sha256"),
    state: text("state", { enum: ["open", "received", "used"] })
      .notNull()
      .default("open"),
    /** The token that made it, or null on a server without tokens; only that principal may fill or use it. */
    apiTokenId: idColumn("api_token_id"),
    expiresAt: timestamp("expires_at", { withTimezone: true, mode: "date" }).notNull(),
    recordedAt: recordedAt(),
  },
  (upload) => [
    check("upload_state_check", sql`${upload.state} in ('open', 'received', 'used')`),
    check("upload_received_check", sql`(${upload.state} = 'open') = (${upload.sha256} is null)`),
  ],
);

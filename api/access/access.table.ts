import { sql } from "drizzle-orm";
import { check, pgTable, primaryKey, text, timestamp, unique } from "drizzle-orm/pg-core";
import { datasets } from "../datasets/dataset.table.ts";
import { idColumn, primaryId, recordedAt } from "../db/columns.ts";

/** What a principal may see, from least to most: suppressed results; exact results; exact results and writing. */
export const roles = ["public", "analyst", "steward"] as const;
export type Role = (typeof roles)[number];

/** A bearer token; only its SHA-256 is kept. */
export const apiTokens = pgTable(
  "api_token",
  {
    id: primaryId(),
    label: text("label").notNull(),
    tokenSha256: text("token_sha256").notNull(),
    /** A steward of everything; null: only what the grants give. */
    globalRole: text("global_role", { enum: roles }),
    expiresAt: timestamp("expires_at", { withTimezone: true, mode: "date" }),
    revokedAt: timestamp("revoked_at", { withTimezone: true, mode: "date" }),
    recordedAt: recordedAt(),
  },
  (token) => [
    unique("api_token_sha256_key").on(token.tokenSha256),
    check("api_token_role_check", sql`${token.globalRole} in ('public', 'analyst', 'steward')`),
  ],
);

/** A role on one dataset. */
export const datasetGrants = pgTable(
  "dataset_grant",
  {
    apiTokenId: idColumn("api_token_id")
      .notNull()
      .references(() => apiTokens.id),
    datasetId: idColumn("dataset_id")
      .notNull()
      .references(() => datasets.id),
    role: text("role", { enum: roles }).notNull(),
    recordedAt: recordedAt(),
  },
  (grant) => [
    primaryKey({ name: "dataset_grant_pkey", columns: [grant.apiTokenId, grant.datasetId] }),
    check("dataset_grant_role_check", sql`${grant.role} in ('public', 'analyst', 'steward')`),
  ],
);

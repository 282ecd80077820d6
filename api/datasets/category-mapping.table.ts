import { sql } from "drizzle-orm";
import { check, integer, jsonb, pgTable, text, unique } from "drizzle-orm/pg-core";
import { idColumn, primaryId, recordedAt } from "../db/columns.ts";

/**
 * A versioned mapping from the values a source records to a study's categories, for example self-reported race.
 * Sources differ in vocabulary; a result names the mapping version it used. Append-only (trigger).
 */
export const categoryMappings = pgTable(
  "category_mapping",
  {
    id: primaryId(),
    slug: text("slug").notNull(),
    version: integer("version").notNull(),
    attribute: text("attribute").notNull(),
    description: text("description").notNull(),
    source: text("source").notNull(),
    /** What to do with a recorded value that no entry names: refuse the import, or leave it out as unknown. */
    unlisted: text("unlisted", { enum: ["refuse", "unknown"] }).notNull(),
    /** Rules in order, for people: how the entries were derived. */
    rules: jsonb("rules").$type<readonly string[]>(),
    recordedAt: recordedAt(),
  },
  (mapping) => [
    unique("category_mapping_version_key").on(mapping.slug, mapping.version),
    check("category_mapping_unlisted_check", sql`${mapping.unlisted} in ('refuse', 'unknown')`),
  ],
);

/** One recorded value and its category; a null category leaves the value out of the analysis, counted. */
export const categoryMappingEntries = pgTable(
  "category_mapping_entry",
  {
    id: primaryId(),
    mappingId: idColumn("mapping_id")
      .notNull()
      .references(() => categoryMappings.id),
    recorded: text("recorded").notNull(),
    category: text("category"),
    note: text("note"),
  },
  (entry) => [unique("category_mapping_entry_key").on(entry.mappingId, entry.recorded)],
);

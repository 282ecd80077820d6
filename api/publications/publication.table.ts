import { sql } from "drizzle-orm";
import { check, integer, jsonb, pgTable, text, unique } from "drizzle-orm/pg-core";
import { idColumn, primaryId, recordedAt } from "../db/columns.ts";

/** A publication whose numbers are in the warehouse; one row a version of its data files. Append-only (trigger). */
export const publications = pgTable(
  "publication",
  {
    id: primaryId(),
    slug: text("slug").notNull(),
    /** Raised when the data files change; earlier records stay. */
    version: integer("version").notNull(),
    title: text("title").notNull(),
    citation: text("citation").notNull(),
    doi: text("doi"),
    year: integer("year").notNull(),
    /** Counts and notes of the data files: tables of the publication that are not metric records. */
    facts: jsonb("facts").$type<Readonly<Record<string, unknown>>>().notNull(),
    /** SHA-256 over the data files: what was loaded. */
    contentSha256: text("content_sha256").notNull(),
    recordedAt: recordedAt(),
  },
  (publication) => [
    unique("publication_version_key").on(publication.slug, publication.version),
    unique("publication_content_key").on(publication.slug, publication.contentSha256),
    check("publication_content_check", sql`${publication.contentSha256} ~ '^[0-9a-f]{64}$'`),
  ],
);

/** One place where a discrepancy shows: what is printed, what it reads as, what a computation gives. */
export interface DiscrepancyInstance {
  readonly where: string;
  readonly printed: string | null;
  readonly parsed: number | string | null;
  readonly recomputed: number | string | null;
  /** The computation and its unit, or why there is none. */
  readonly how: string;
  /** Keys of the metric records it touches. */
  readonly records: readonly string[];
}

/** An inconsistency of a publication, kept as found; nothing is corrected. Append-only (trigger). */
export const discrepancies = pgTable(
  "discrepancy",
  {
    id: primaryId(),
    publicationId: idColumn("publication_id")
      .notNull()
      .references(() => publications.id),
    number: integer("number").notNull(),
    kind: text("kind").notNull(),
    place: text("place").notNull(),
    summary: text("summary").notNull(),
    instances: jsonb("instances").$type<readonly DiscrepancyInstance[]>().notNull(),
    sources: text("sources").array().notNull(),
    status: text("status", { enum: ["open", "explained"] }).notNull(),
    recordedAt: recordedAt(),
  },
  (discrepancy) => [
    unique("discrepancy_number_key").on(discrepancy.publicationId, discrepancy.number),
    check("discrepancy_number_check", sql`${discrepancy.number} >= 1`),
    check("discrepancy_status_check", sql`${discrepancy.status} in ('open', 'explained')`),
  ],
);

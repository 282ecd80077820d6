import { jsonb, pgTable, text, unique } from "drizzle-orm/pg-core";
import { idColumn, primaryId, recordedAt } from "../db/columns.ts";
import { publications } from "../publications/publication.table.ts";

/** A protocol: one question put to models and data, with the published numbers it is compared with. */
export const experiments = pgTable(
  "experiment",
  {
    id: primaryId(),
    slug: text("slug").notNull(),
    title: text("title").notNull(),
    group: text("experiment_group").notNull(),
    /** Design, parameter grid, what is trained and tested on which images. */
    protocol: jsonb("protocol").$type<Readonly<Record<string, unknown>>>().notNull(),
    publicationId: idColumn("publication_id").references(() => publications.id),
    recordedAt: recordedAt(),
  },
  (experiment) => [unique("experiment_slug_key").on(experiment.slug)],
);

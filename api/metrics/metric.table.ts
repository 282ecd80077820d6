import { sql } from "drizzle-orm";
import {
  bigint,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  unique,
} from "drizzle-orm/pg-core";
import { datasets, datasetVersions } from "../datasets/dataset.table.ts";
import { idColumn, primaryId, recordedAt } from "../db/columns.ts";
import { models, modelVersions } from "../models/model.table.ts";
import { predictionSets } from "../predictions/prediction.table.ts";
import { publications } from "../publications/publication.table.ts";
import { runs } from "../runs/run.table.ts";

export const unitsOfAnalysis = ["image", "study", "patient"] as const;
export type UnitOfAnalysis = (typeof unitsOfAnalysis)[number];

/** One attribute of a stratum and its level. */
export interface StratumLevel {
  readonly attribute: string;
  readonly level: string;
}

/**
 * One number and its whole origin, computed here or published elsewhere; or the reason why there is none.
 * Append-only by trigger; the same number twice has the same fingerprint and is stored once.
 */
export const metricRecords = pgTable(
  "metric_record",
  {
    id: primaryId(),
    origin: text("origin", { enum: ["computed", "published"] }).notNull(),
    metric: text("metric").notNull(),
    metricVersion: integer("metric_version").notNull(),
    /** For published numbers: the name of the experiment as the publication's data file gives it. */
    experiment: text("experiment"),
    experimentGroup: text("experiment_group"),
    predictionSetId: idColumn("prediction_set_id").references(() => predictionSets.id),
    datasetId: idColumn("dataset_id").references(() => datasets.id),
    datasetVersionId: idColumn("dataset_version_id").references(() => datasetVersions.id),
    trainDatasetId: idColumn("train_dataset_id").references(() => datasets.id),
    modelId: idColumn("model_id").references(() => models.id),
    modelVersionId: idColumn("model_version_id").references(() => modelVersions.id),
    className: text("class_name"),
    stratum: jsonb("stratum").$type<readonly StratumLevel[]>().notNull().default([]),
    /** Further conditions and parameters (filters, threshold, transform), canonical. */
    params: jsonb("params").$type<Readonly<Record<string, unknown>>>().notNull().default({}),
    unit: text("unit"),
    value: doublePrecision("value"),
    se: doublePrecision("se"),
    ciLow: doublePrecision("ci_low"),
    ciHigh: doublePrecision("ci_high"),
    ciLevel: doublePrecision("ci_level"),
    ciMethod: text("ci_method"),
    n: bigint("n", { mode: "number" }),
    nPositive: bigint("n_positive", { mode: "number" }),
    nNegative: bigint("n_negative", { mode: "number" }),
    nPatients: bigint("n_patients", { mode: "number" }),
    /** Rows left out for an unknown label, score or attribute. */
    nLeftOut: bigint("n_left_out", { mode: "number" }),
    /** Why there is no value; null exactly when there is one. */
    reason: text("reason"),
    publicationId: idColumn("publication_id").references(() => publications.id),
    /** The key of the record in its publication's data file. */
    publicationKey: text("publication_key"),
    /** The number exactly as printed. */
    printed: text("printed"),
    /** Table, page, figure or notebook. */
    source: text("source"),
    sourceKind: text("source_kind"),
    flags: text("flags").array().notNull().default([]),
    remark: text("remark"),
    runId: idColumn("run_id").references(() => runs.id),
    fingerprint: text("fingerprint").notNull(),
    recordedAt: recordedAt(),
  },
  (record) => [
    unique("metric_record_fingerprint_key").on(record.fingerprint),
    check("metric_record_origin_check", sql`${record.origin} in ('computed', 'published')`),
    check("metric_record_value_check", sql`(${record.value} is null) = (${record.reason} is not null)`),
    check(
      "metric_record_finite_check",
      sql`not (${record.value} in ('NaN', 'Infinity', '-Infinity') or ${record.se} in ('NaN', 'Infinity', '-Infinity') or ${record.ciLow} in ('NaN', 'Infinity', '-Infinity') or ${record.ciHigh} in ('NaN', 'Infinity', '-Infinity'))`,
    ),
    check(
      "metric_record_published_check",
      sql`(${record.origin} = 'published') = (${record.publicationId} is not null)`,
    ),
    check(
      "metric_record_computed_check",
      sql`${record.origin} <> 'computed' or (${record.predictionSetId} is not null and ${record.datasetVersionId} is not null and ${record.unit} is not null)`,
    ),
    check("metric_record_fingerprint_check", sql`${record.fingerprint} ~ '^[0-9a-f]{64}$'`),
    index("metric_record_prediction_set_idx").on(record.predictionSetId, record.id),
    index("metric_record_dataset_idx").on(record.datasetId, record.id),
    index("metric_record_publication_idx").on(record.publicationId, record.id),
    index("metric_record_metric_idx").on(record.metric, record.id),
    index("metric_record_value_idx").on(record.value, record.id),
  ],
);

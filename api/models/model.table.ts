import { sql } from "drizzle-orm";
import { check, integer, jsonb, pgTable, text, unique } from "drizzle-orm/pg-core";
import type {
  Activation,
  ModelOutputSignature,
  ModelSignature,
  Preprocessing,
  TensorSignature,
} from "../../compute/index.ts";
import { idColumn, primaryId, recordedAt } from "../db/columns.ts";
import { runs } from "../runs/run.table.ts";

/** A model as people name it; what it computes is in its versions. */
export const models = pgTable(
  "model",
  {
    id: primaryId(),
    slug: text("slug").notNull(),
    title: text("title").notNull(),
    description: text("description"),
    architecture: text("architecture"),
    origin: text("origin", { enum: ["imported", "published", "registered", "trained"] }).notNull(),
    recordedAt: recordedAt(),
  },
  (model) => [
    unique("model_slug_key").on(model.slug),
    check("model_slug_check", sql`${model.slug} ~ '^[a-z0-9][a-z0-9._-]{0,99}$'`),
    check("model_origin_check", sql`${model.origin} in ('imported', 'published', 'registered', 'trained')`),
  ],
);

/** An output, and of the one that holds the scores what makes scores of it. */
export interface OutputSignature extends ModelOutputSignature {
  readonly activation?: Activation;
}

/** What a model's graph holds. */
export type GraphSummary = Pick<
  ModelSignature,
  "irVersion" | "opsets" | "operators" | "parameters" | "byteLength" | "producer"
>;

export const taskKinds = ["binary", "multiclass", "multilabel"] as const;
export type TaskKind = (typeof taskKinds)[number];

/** One immutable state of a model: its bytes (if they are here), its task and its classes in output order. */
export const modelVersions = pgTable(
  "model_version",
  {
    id: primaryId(),
    modelId: idColumn("model_id")
      .notNull()
      .references(() => models.id),
    version: integer("version").notNull(),
    /** SHA-256 of the ONNX bytes; null when only the model's predictions came here. */
    onnxSha256: text("onnx_sha256"),
    taskKind: text("task_kind", { enum: taskKinds }).notNull(),
    /** The attribute the model predicts; for multi-label tasks each class is the attribute `<attribute>:<class>`. */
    taskAttribute: text("task_attribute").notNull(),
    /** Class names in output order: sources disagree in order, so it is part of the version. */
    classes: text("classes").array().notNull(),
    /** Levels of the attribute that each class stands for; null: every class is the level of its name. */
    classLevels: jsonb("class_levels").$type<Readonly<Record<string, readonly string[]>>>(),
    /** What goes in and what comes out, by the model's own word; null when its bytes are not here. */
    inputs: jsonb("inputs").$type<readonly TensorSignature[]>(),
    /** The one that holds the scores says by `activation` what makes scores of it. */
    outputs: jsonb("outputs").$type<readonly OutputSignature[]>(),
    /** Operators, weights and who wrote the file; null when its bytes are not here. */
    graph: jsonb("graph").$type<GraphSummary>(),
    /** How pixels become the input: a preprocessing record; null when the bytes are not here. */
    normalisation: jsonb("normalisation").$type<Preprocessing>(),
    trainedByRunId: idColumn("trained_by_run_id").references(() => runs.id),
    recordedAt: recordedAt(),
  },
  (version) => [
    unique("model_version_number_key").on(version.modelId, version.version),
    check(
      "model_version_task_kind_check",
      sql`${version.taskKind} in ('binary', 'multiclass', 'multilabel')`,
    ),
    check("model_version_classes_check", sql`cardinality(${version.classes}) between 1 and 10000`),
    check("model_version_onnx_check", sql`${version.onnxSha256} ~ '^[0-9a-f]{64}$'`),
  ],
);

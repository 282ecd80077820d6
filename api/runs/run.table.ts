import { sql } from "drizzle-orm";
import {
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
} from "drizzle-orm/pg-core";
import { datasets } from "../datasets/dataset.table.ts";
import { bytes, idColumn, primaryId, recordedAt } from "../db/columns.ts";
import { workers } from "./worker.table.ts";

export const runKinds = ["import", "evaluation", "training", "confounders", "audit"] as const;
export const runStates = ["queued", "running", "succeeded", "failed", "cancelled"] as const;

/** One import, evaluation, training, model of confounders or audit; its fingerprint is unique, so the same request twice is the same run. */
export const runs = pgTable(
  "run",
  {
    id: primaryId(),
    kind: text("kind", { enum: runKinds }).notNull(),
    plugin: text("plugin").notNull(),
    pluginVersion: integer("plugin_version").notNull(),
    /** Parameters in canonical form, without patient data. */
    params: jsonb("params").$type<Readonly<Record<string, unknown>>>().notNull(),
    /** SHA-256 of every input, by name. */
    inputDigests: jsonb("input_digests").$type<Readonly<Record<string, string>>>().notNull(),
    fingerprint: text("fingerprint").notNull(),
    /** The dataset it is about: who has rights on its rows sees the run's details. */
    datasetId: idColumn("dataset_id").references(() => datasets.id),
    /** The token that asked for it; null: the operator, or a server without tokens. */
    requestedBy: idColumn("requested_by"),
    state: text("state", { enum: runStates }).notNull().default("queued"),
    /** How often it was begun, less the times a worker gave it back. With `workerId` the fence: others write nothing. */
    attempt: integer("attempt").notNull().default(0),
    /** Who has it, or had it last. */
    workerId: text("worker_id").references(() => workers.id),
    /** Until when the worker may be silent, by the database's clock; null exactly when nobody has it. */
    leaseUntil: timestamp("lease_until", { withTimezone: true, mode: "date" }),
    cancelRequestedAt: timestamp("cancel_requested_at", { withTimezone: true, mode: "date" }),
    /** Attempts that ended in a crash since the last checkpoint. */
    crashes: integer("attempts_without_progress").notNull().default(0),
    /** Attempts whose worker vanished since the last checkpoint: seldom the run's fault. */
    losses: integer("losses_without_progress").notNull().default(0),
    failure: text("failure"),
    /** Version of Stratum, Node and the like that did the work: of the last attempt. */
    software: jsonb("software").$type<Readonly<Record<string, string>>>().notNull(),
    /** What came out, counted: rows, scores, unknowns. */
    summary: jsonb("summary").$type<Readonly<Record<string, unknown>>>(),
    startedAt: timestamp("started_at", { withTimezone: true, mode: "date" }),
    finishedAt: timestamp("finished_at", { withTimezone: true, mode: "date" }),
    recordedAt: recordedAt(),
  },
  (run) => [
    unique("run_fingerprint_key").on(run.fingerprint),
    check("run_kind_check", sql`${run.kind} in ('import', 'evaluation', 'training', 'confounders', 'audit')`),
    check("run_state_check", sql`${run.state} in ('queued', 'running', 'succeeded', 'failed', 'cancelled')`),
    check("run_failure_check", sql`(${run.state} = 'failed') = (${run.failure} is not null)`),
    check("run_fingerprint_check", sql`${run.fingerprint} ~ '^[0-9a-f]{64}$'`),
    check("run_lease_check", sql`(${run.state} = 'running') = (${run.leaseUntil} is not null)`),
    check("run_worker_check", sql`${run.state} <> 'running' or ${run.workerId} is not null`),
    check("run_attempt_check", sql`${run.attempt} >= 0 and ${run.crashes} >= 0 and ${run.losses} >= 0`),
    index("run_lease_idx").on(run.leaseUntil).where(sql`${run.state} = 'running'`),
    index("run_state_idx").on(run.state, run.id),
    index("run_dataset_idx").on(run.datasetId, run.id),
  ],
);

/** What happened in a run, numbered without gaps from 1. Append-only (trigger). */
export const runEvents = pgTable(
  "run_event",
  {
    runId: idColumn("run_id")
      .notNull()
      .references(() => runs.id),
    sequence: integer("sequence").notNull(),
    kind: text("kind").notNull(),
    payload: jsonb("payload").$type<Readonly<Record<string, unknown>>>().notNull(),
    recordedAt: recordedAt(),
  },
  (event) => [
    primaryKey({ name: "run_event_pkey", columns: [event.runId, event.sequence] }),
    check("run_event_sequence_check", sql`${event.sequence} >= 1`),
  ],
);

/** What a run has worked out so far, in numbered parts: a later attempt goes on from there. Gone when the run succeeds. */
export const runParts = pgTable(
  "run_part",
  {
    runId: idColumn("run_id")
      .notNull()
      .references(() => runs.id),
    part: integer("part").notNull(),
    /** As the run's kind lays it out. */
    payload: bytes("payload").notNull(),
    recordedAt: recordedAt(),
  },
  (part) => [
    primaryKey({ name: "run_part_pkey", columns: [part.runId, part.part] }),
    check("run_part_part_check", sql`${part.part} >= 0`),
  ],
);

import { sql } from "drizzle-orm";
import { check, integer, jsonb, pgTable, primaryKey, text, timestamp, unique } from "drizzle-orm/pg-core";
import { idColumn, primaryId, recordedAt } from "../db/columns.ts";

export const runKinds = ["import", "evaluation", "training", "audit"] as const;
export const runStates = ["queued", "running", "succeeded", "failed", "cancelled"] as const;

/** One import, evaluation, training or audit; its fingerprint is unique, so the same request twice is the same run. */
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
    state: text("state", { enum: runStates }).notNull().default("queued"),
    attempt: integer("attempt").notNull().default(0),
    failure: text("failure"),
    /** Version of Stratum, Node and the like that did the work. */
    software: jsonb("software").$type<Readonly<Record<string, string>>>().notNull(),
    /** What came out, counted: rows, scores, unknowns. */
    summary: jsonb("summary").$type<Readonly<Record<string, unknown>>>(),
    startedAt: timestamp("started_at", { withTimezone: true, mode: "date" }),
    finishedAt: timestamp("finished_at", { withTimezone: true, mode: "date" }),
    recordedAt: recordedAt(),
  },
  (run) => [
    unique("run_fingerprint_key").on(run.fingerprint),
    check("run_kind_check", sql`${run.kind} in ('import', 'evaluation', 'training', 'audit')`),
    check("run_state_check", sql`${run.state} in ('queued', 'running', 'succeeded', 'failed', 'cancelled')`),
    check("run_failure_check", sql`(${run.state} = 'failed') = (${run.failure} is not null)`),
    check("run_fingerprint_check", sql`${run.fingerprint} ~ '^[0-9a-f]{64}$'`),
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

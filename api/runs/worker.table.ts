import { sql } from "drizzle-orm";
import { check, integer, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { recordedAt } from "../db/columns.ts";

/** A process that takes runs from the queue. */
export const workers = pgTable(
  "worker",
  {
    /** A random UUID: each start of a process is another worker. */
    id: text("id").primaryKey(),
    host: text("host").notNull(),
    pid: integer("pid").notNull(),
    /** How many runs it works on at once. */
    concurrency: integer("concurrency").notNull(),
    /** Under which name graphile-worker locks the jobs of this process. */
    queueId: text("queue_id"),
    software: jsonb("software").$type<Readonly<Record<string, string>>>().notNull(),
    /** When it last said that it lives, by the database's clock. */
    heartbeatAt: timestamp("heartbeat_at", { withTimezone: true, mode: "date" })
      .notNull()
      .default(sql`now()`),
    /** When it said goodbye, or was found dead. */
    stoppedAt: timestamp("stopped_at", { withTimezone: true, mode: "date" }),
    recordedAt: recordedAt(),
  },
  (worker) => [check("worker_concurrency_check", sql`${worker.concurrency} >= 1`)],
);

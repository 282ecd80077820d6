import type pg from "pg";
import { toServiceError } from "./database-error.ts";
import { GuardedPool } from "./guarded-pool.ts";

/** The schema in which graphile-worker keeps its jobs: its own default, so that its tools find it. */
export const QUEUE_SCHEMA = "graphile_worker";

/**
 * Brings graphile-worker's tables to the state of its code, on a connection of its own. The caller sees to it that
 * nobody else does so at the same time.
 *
 * @throws {ServiceError} as withClient
 */
export async function migrateQueue(pool: pg.Pool): Promise<void> {
  const limits = {
    size: 2,
    statementTimeoutMs: 60_000,
    lockTimeoutMs: 10_000,
    idleTransactionTimeoutMs: 60_000,
  };
  const { Logger, runMigrations } = await import("graphile-worker");
  const own = new GuardedPool(String(pool.options.connectionString), limits);
  try {
    await runMigrations({ pgPool: own, schema: QUEUE_SCHEMA, logger: new Logger(() => () => undefined) });
  } catch (error) {
    throw toServiceError(error);
  } finally {
    await own.end();
  }
}

/** Whether the queue's tables are there at all; a worker brings them up to date when it starts. */
export async function hasQueue(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ exists: boolean }>("select to_regclass($1) is not null as exists", [
    `${QUEUE_SCHEMA}.migrations`,
  ]);
  return rows[0]?.exists === true;
}

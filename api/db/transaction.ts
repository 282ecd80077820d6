import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { ServiceError } from "../errors.ts";
import type { Database } from "./client.ts";
import { isTransactionConflict, toServiceError } from "./database-error.ts";
import { type Db, drizzleOver, within } from "./executor.ts";

const isolations = {
  "read committed": "begin isolation level read committed",
  "repeatable read": "begin isolation level repeatable read",
  serializable: "begin isolation level serializable",
} as const;

/** How a transaction runs. */
export interface TransactionOptions {
  /** Default: read committed. */
  readonly isolation?: keyof typeof isolations;
  /** How often to run the whole transaction again after a serialization failure or deadlock; default 5. */
  readonly retries?: number;
  /** Replaces the connection's limit for each statement, in milliseconds; 0 is none. For imports. */
  readonly statementTimeoutMs?: number;
  /** Replaces the connection's limit for the time between two statements, in milliseconds; 0 is none. */
  readonly idleTimeoutMs?: number;
}

/**
 * Runs `work` in one transaction on one connection and commits; rolls back when it throws. `work` may run several
 * times (see `retries`), so it must have no effect outside the database. Inside it, only its own `tx` reaches the
 * database; the bare client is for COPY.
 *
 * @throws {ServiceError} CONFLICT after the last retry, DB_UNAVAILABLE (also when the connection broke during COMMIT
 *   and nobody knows whether it counted), DB_BUSY, DB_TIMEOUT, STORAGE_FULL, DB_REFUSED; and whatever `work` throws
 */
export async function withTransaction<T>(
  database: Pick<Database, "pool">,
  work: (tx: Db, client: pg.PoolClient) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const retries = options.retries ?? 5;
  for (let attempt = 0; ; attempt++) {
    try {
      return await withClient(database, (client) =>
        runOnce(client, database.pool.statementTimeoutMs, work, options),
      );
    } catch (error) {
      if (!isTransactionConflict(error) || attempt >= retries) throw error;
      // Full jitter, so that two that collided do not meet again.
      await sleep(Math.random() * 10 * 2 ** attempt);
    }
  }
}

/**
 * Lends one connection to `work`. Whatever goes wrong, the connection is closed instead of going back to the pool:
 * after a failed COPY or BEGIN nobody knows its state. With `close`, it is closed in any case.
 *
 * @throws {ServiceError} as withTransaction
 */
export async function withClient<T>(
  { pool }: Pick<Database, "pool">,
  work: (client: pg.PoolClient) => Promise<T>,
  { close = false }: { readonly close?: boolean } = {},
): Promise<T> {
  let client: pg.PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    throw toServiceError(error);
  }
  try {
    const result = await pool.holdingConnection(() => work(client));
    client.release(close);
    return result;
  } catch (error) {
    const isClean = error instanceof RolledBack;
    client.release(!isClean);
    throw toServiceError(isClean ? error.cause : error);
  }
}

/** Says to withClient that the connection is clean although the work failed. */
class RolledBack extends Error {}

async function runOnce<T>(
  client: pg.PoolClient,
  timeoutMs: number,
  work: (tx: Db, client: pg.PoolClient) => Promise<T>,
  { isolation = "read committed", statementTimeoutMs, idleTimeoutMs }: TransactionOptions,
): Promise<T> {
  const limitMs = statementTimeoutMs ?? timeoutMs;
  await client.query(within(limitMs, { text: isolations[isolation] }));
  const state = { done: false };
  let result: T;
  try {
    if (statementTimeoutMs !== undefined) {
      await client.query("select set_config('statement_timeout', $1, true)", [String(statementTimeoutMs)]);
    }
    if (idleTimeoutMs !== undefined) {
      const setting = "idle_in_transaction_session_timeout";
      await client.query("select set_config($1, $2, true)", [setting, String(idleTimeoutMs)]);
    }
    const tx = drizzleOver(client, limitMs, state);
    result = await work(tx, client);
  } catch (error) {
    if (!(await rollBack(client, error))) throw error;
    throw new RolledBack("rolled back", { cause: error });
  } finally {
    state.done = true;
  }
  await commit(client, limitMs);
  return result;
}

/** Whether the connection is as good as new. */
async function rollBack(client: pg.PoolClient, reason: unknown): Promise<boolean> {
  const fault = toServiceError(reason);
  if (fault instanceof ServiceError && fault.code === "DB_UNAVAILABLE") return false;
  const rolledBack = client.query("rollback").then(
    () => true,
    () => false,
  );
  // A COPY that was broken off may never answer.
  return Promise.race([rolledBack, sleep(1_000, false, { ref: false })]);
}

async function commit(client: pg.PoolClient, limitMs: number): Promise<void> {
  const { command } = await client.query(within(limitMs, { text: "commit" })).catch((error: unknown) => {
    const fault = toServiceError(error);
    if (!(fault instanceof ServiceError) || fault.code !== "DB_UNAVAILABLE") throw error;
    throw new ServiceError(
      "DB_UNAVAILABLE",
      "Expected an answer to COMMIT, got none: the change may be stored or not; the same request again is safe",
      { cause: fault },
    );
  });
  // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK, not with an error.
  if (command === "ROLLBACK") {
    throw new ServiceError(
      "DB_REFUSED",
      "Expected to commit, got a rollback: the error of a failed statement was swallowed inside the transaction",
    );
  }
}

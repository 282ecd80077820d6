import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import type pg from "pg";
import { ServiceError } from "../errors.ts";

/**
 * What queries are written against: the pool, or the one connection of a transaction. Drizzle's own `transaction`
 * is missing on purpose, since it leaks a connection when BEGIN fails: use `withTransaction`.
 */
export type Db = Omit<NodePgDatabase<Record<string, never>>, "transaction">;

/** The server ends a statement at its own limit; only a connection that was cut in silence gets past it. */
const GRACE_MS = 2_000;

/**
 * Drizzle over a pool or connection, each statement of which gives up 2 s after the server's own limit (0: never).
 * Once `state.done`, it refuses to work: the connection may be somebody else's by then.
 */
export function drizzleOver(
  target: Pick<pg.Pool, "query"> | Pick<pg.ClientBase, "query">,
  statementTimeoutMs: number,
  state: { readonly done: boolean } = { done: false },
): Db {
  const client = {
    query(config: pg.QueryConfig, values: unknown[]): Promise<pg.QueryResult> {
      if (state.done) {
        const message =
          "Expected statements before the end of their transaction, got one after it; await each of them";
        return Promise.reject(new ServiceError("INTERNAL", message));
      }
      return target.query(within(statementTimeoutMs, config), values);
    },
  };
  return drizzle({ client: client as unknown as pg.PoolClient }); // safe: drizzle calls nothing but query(config, values)
}

/** A statement that gives up 2 s after the server should have ended it; 0 waits for ever. */
export function within(statementTimeoutMs: number, config: pg.QueryConfig): pg.QueryConfig {
  const limit = { query_timeout: statementTimeoutMs + GRACE_MS };
  return statementTimeoutMs === 0 ? config : { ...config, ...limit };
}

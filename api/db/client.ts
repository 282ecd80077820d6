import type { Config } from "../config.ts";
import { toServiceError } from "./database-error.ts";
import { type EmbeddedServer, startEmbedded } from "./embedded/embedded-server.ts";
import { type Db, drizzleOver } from "./executor.ts";
import { GuardedPool } from "./guarded-pool.ts";

export type { Db } from "./executor.ts";

/** A pool of connections and drizzle over it; to be disposed when the process ends. */
export interface Database extends AsyncDisposable {
  /** Drizzle over the pool: each statement takes any free connection. */
  readonly db: Db;
  readonly pool: GuardedPool;
  /** Where the server is, for other libraries that make their own connections (graphile-worker). Holds the password. */
  readonly connectionString: string;
  /** True when the server was started by Stratum itself and ends with the last process that uses it. */
  readonly embedded: boolean;
}

/** What `openDatabase` needs of the configuration. */
export type DatabaseConfig = Pick<Config, "databaseUrl" | "home" | "pool">;

/**
 * Connects to `config.databaseUrl`, or to the embedded server of `config.home`, started if need be, and asks it for
 * its version. Idle connections are closed after 10 s, all after 10 minutes.
 *
 * @throws {ServiceError} DB_UNAVAILABLE, DB_BUSY, EMBEDDED_UNAVAILABLE, EMBEDDED_FAILED, CONFIG_INVALID (server too old)
 */
export async function openDatabase(config: DatabaseConfig): Promise<Database> {
  if (config.databaseUrl !== undefined) return connect(config.databaseUrl, config.pool);
  const server = await startEmbedded({ home: config.home });
  try {
    return await connect(server.connectionString, config.pool, server);
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

async function connect(url: string, limits: Config["pool"], server?: EmbeddedServer): Promise<Database> {
  const pool = new GuardedPool(url, limits);
  try {
    await pool.requireVersion();
  } catch (error) {
    await pool.end();
    throw toServiceError(error);
  }
  return {
    pool,
    db: drizzleOver(pool, limits.statementTimeoutMs),
    connectionString: url,
    embedded: server !== undefined,
    async [Symbol.asyncDispose]() {
      if (!pool.ended) await pool.end();
      await server?.[Symbol.asyncDispose]();
    },
  };
}

import { AsyncLocalStorage } from "node:async_hooks";
import pg from "pg";
import type { Config } from "../config.ts";
import { ServiceError } from "../errors.ts";

/** PostgreSQL 15: the oldest that the database tests run against. */
const OLDEST_VERSION = 150_000;

type ConnectCallback = Parameters<pg.Pool["connect"]>[0];

/** A stretch of asynchronous work that already holds a connection of `pool`. */
interface Holding {
  readonly pool: GuardedPool;
  done: boolean;
}

const holding = new AsyncLocalStorage<Holding>();
let holders = 0;

/**
 * node-postgres' pool with what it lacks by default: limits that the server enforces, listeners without which a
 * restart of the server ends our process, and a refusal to take a second connection inside a transaction, which is
 * how pools deadlock.
 */
export class GuardedPool extends pg.Pool {
  readonly statementTimeoutMs: number;

  constructor(connectionString: string, limits: Config["pool"]) {
    super({
      connectionString,
      max: limits.size,
      // node-postgres waits for ever by default.
      connectionTimeoutMillis: 2_000,
      idleTimeoutMillis: 10_000,
      maxLifetimeSeconds: 600,
      keepAlive: true,
      application_name: "stratum",
      types: { getTypeParser },
      onConnect: (client: pg.ClientBase) => prepareSession(client, limits),
    });
    this.statementTimeoutMs = limits.statementTimeoutMs;
    this.on("error", ignore);
    this.on("connect", (client) => client.on("error", ignore));
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: NonNullable<ConnectCallback>): void;
  override connect(callback?: NonNullable<ConnectCallback>): Promise<pg.PoolClient> | undefined {
    const held = holding.getStore();
    if (held && held.pool === this && !held.done) {
      const error = new ServiceError(
        "NESTED_ACQUIRE",
        "Expected statements inside a transaction to use its own connection, got a second one; pass the transaction on",
      );
      if (!callback) return Promise.reject(error);
      callback(error, undefined, ignore);
      return undefined;
    }
    if (!callback) return super.connect();
    super.connect(callback);
    return undefined;
  }

  /** Runs `work` as one that holds a connection: until it settles, asking this pool for another one is refused. */
  async holdingConnection<T>(work: () => Promise<T>): Promise<T> {
    const mark: Holding = { pool: this, done: false };
    holders += 1;
    try {
      return await holding.run(mark, work);
    } finally {
      mark.done = true;
      holders -= 1;
      // Once used, the storage follows every promise of the process: a tenth of a page's time, for nobody.
      if (holders === 0) holding.disable();
    }
  }

  /**
   * @param oldest - as server_version_num: 150000 is 15.0
   * @throws {ServiceError} CONFIG_INVALID when the server is older
   */
  async requireVersion(oldest: number = OLDEST_VERSION): Promise<void> {
    const { rows } = await this.query<{ version: number }>(
      "select current_setting('server_version_num')::int as version",
    );
    const version = rows[0]?.version ?? 0;
    if (version < oldest) {
      throw new ServiceError(
        "CONFIG_INVALID",
        `Expected PostgreSQL ${oldest / 10_000} or newer, got server version ${version}`,
      );
    }
  }
}

/** Set after connecting rather than as start-up parameters, which connection poolers refuse. */
async function prepareSession(client: pg.ClientBase, limits: Config["pool"]): Promise<void> {
  await client.query(
    `select set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false),
            set_config('idle_in_transaction_session_timeout', $3, false), set_config('TimeZone', 'UTC', false)`,
    [limits.statementTimeoutMs, limits.lockTimeoutMs, limits.idleTransactionTimeoutMs].map(String),
  );
  // Without it a client's death leaves its statement, and its locks, running to the end. Linux servers only.
  await client.query(
    `do $$ begin perform set_config('client_connection_check_interval', '500ms', false);
     exception when others then null; end $$`,
  );
}

/** Dates stay text: a local midnight is another day elsewhere. Everything else is node-postgres' own. */
const getTypeParser = ((oid: number, format?: "text" | "binary") =>
  oid === pg.types.builtins.DATE && format !== "binary"
    ? (value: string) => value
    : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser; // safe: same answers but for one oid

/** The pool drops a broken connection by itself; the statement that used it reports the fault. */
function ignore(): void {}

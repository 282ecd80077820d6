import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { ServiceError } from "../errors.ts";
import type { Database } from "./client.ts";
import { findDatabaseFault, toServiceError } from "./database-error.ts";
import { type Migration, migrationsFolder, readMigrations, statementsOf } from "./migration-files.ts";
import { hasQueue, migrateQueue } from "./queue-schema.ts";
import { withClient } from "./transaction.ts";

/** Any number will do, as long as nothing else on the server takes it: "stratum" in ASCII. */
const LOCK_KEY = "32497656931841389";

/** The record of what was applied; outside the migrations, since it must be there before the first. */
const createTable = `
  create table if not exists stratum_migration (
    name text primary key,
    position integer not null unique,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    applied_at timestamptz not null default now()
  )`;

interface Applied {
  readonly name: string;
  readonly sha256: string;
}

/** What a migrator works on. */
export interface MigrationOptions {
  /** Default: the folder of this package. */
  readonly folder?: string;
  /** How long to wait for another migrator, in milliseconds; default 60,000. */
  readonly waitMs?: number;
}

/**
 * Brings the database to the state of this code: each missing migration in its own transaction, recorded with its
 * checksum, and then the tables of the queue. Of several migrators at once, one works and the others wait and find
 * nothing left to do.
 *
 * @returns the names of the migrations that this call applied, in order
 * @throws {ServiceError} MIGRATION_DATABASE_NEWER, MIGRATION_CHANGED, MIGRATION_FAILED (naming the migration; those
 *   before it stay applied), MIGRATION_BUSY, and what withClient throws
 */
export async function migrate(
  database: Pick<Database, "pool">,
  { folder = migrationsFolder, waitMs = 60_000 }: MigrationOptions = {},
): Promise<readonly string[]> {
  const migrations = await readMigrations(folder);
  const work = async (client: pg.PoolClient) => {
    await client.query(
      "select set_config('statement_timeout', '0', false), set_config('lock_timeout', '10s', false)",
    );
    await lock(client, waitMs);
    await client.query(createTable);
    const missing = requirePrefix(await readApplied(client), migrations);
    for (const [index, migration] of missing.entries()) {
      await apply(client, migration, migrations.length - missing.length + index);
    }
    // A worker brings the queue up to date when it starts; to load its code for every command would cost 150 ms.
    const isOurs = folder === migrationsFolder;
    if (isOurs && (missing.length > 0 || !(await hasQueue(client)))) await migrateQueue(database.pool);
    return missing.map(({ name }) => name);
  };
  // Closed afterwards: the lock and the limits above end with the connection.
  return withClient(database, work, { close: true });
}

/**
 * Refuses a database that this code must not serve: for the start of a server, which migrates nothing by itself.
 *
 * @throws {ServiceError} MIGRATION_PENDING (run `stratum migrate`), MIGRATION_DATABASE_NEWER, MIGRATION_CHANGED
 */
export async function checkMigrations(
  database: Pick<Database, "pool">,
  { folder = migrationsFolder }: Pick<MigrationOptions, "folder"> = {},
): Promise<void> {
  const migrations = await readMigrations(folder);
  const names = await withClient(database, async (client) => {
    const missing = requirePrefix(await readApplied(client), migrations).map(({ name }) => name);
    const lacksQueue = folder === migrationsFolder && !(await hasQueue(client));
    return [...missing, ...(lacksQueue ? ["the queue's tables"] : [])];
  });
  if (names.length > 0) {
    throw new ServiceError(
      "MIGRATION_PENDING",
      `Expected a migrated database, got one without ${names.join(", ")}; run stratum migrate`,
    );
  }
}

async function readApplied(client: pg.PoolClient): Promise<readonly Applied[]> {
  const { rows: found } = await client.query<{ exists: boolean }>(
    "select to_regclass('stratum_migration') is not null as exists",
  );
  if (found[0]?.exists !== true) return [];
  const { rows } = await client.query<Applied>(
    "select name, sha256 from stratum_migration order by position",
  );
  return rows;
}

/** The migrations still missing, given that what was applied is the beginning of ours. */
function requirePrefix(applied: readonly Applied[], migrations: readonly Migration[]): readonly Migration[] {
  const known = new Set(migrations.map(({ name }) => name));
  const foreign = applied.find(({ name }) => !known.has(name));
  if (foreign) {
    throw new ServiceError(
      "MIGRATION_DATABASE_NEWER",
      `Expected a database of this version or older, got one with migration ${foreign.name}; update Stratum`,
    );
  }
  for (const [index, { name, sha256 }] of applied.entries()) {
    const ours = migrations[index];
    if (ours?.name === name && ours.sha256 === sha256) continue;
    throw new ServiceError(
      "MIGRATION_CHANGED",
      `Expected migration ${name} as it was applied, got a changed ${ours?.name === name ? "file" : "order"}; restore it and add a new migration instead`,
    );
  }
  return migrations.slice(applied.length);
}

async function apply(client: pg.PoolClient, migration: Migration, position: number): Promise<void> {
  try {
    if (migration.inTransaction) {
      await client.query("begin");
      await client.query(migration.sql);
      await record(client, migration, position);
      await client.query("commit");
    } else {
      for (const statement of statementsOf(migration)) await client.query(statement);
      await record(client, migration, position);
    }
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    const mapped = toServiceError(error);
    if (mapped instanceof ServiceError && mapped.retryable) throw mapped;
    const why = findDatabaseFault(error)?.message ?? "an unknown error";
    throw new ServiceError("MIGRATION_FAILED", `Expected migration ${migration.name} to apply, got: ${why}`, {
      cause: mapped,
    });
  }
}

async function record(client: pg.PoolClient, { name, sha256 }: Migration, position: number): Promise<void> {
  await client.query("insert into stratum_migration (name, position, sha256) values ($1, $2, $3)", [
    name,
    position,
    sha256,
  ]);
}

/** Polls, since a waiting statement would hold a snapshot that CREATE INDEX CONCURRENTLY of the other waits for. */
async function lock(client: pg.PoolClient, waitMs: number): Promise<void> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const { rows } = await client.query<{ mine: boolean }>("select pg_try_advisory_lock($1) as mine", [
      LOCK_KEY,
    ]);
    if (rows[0]?.mine === true) return;
    if (performance.now() > deadline) {
      throw new ServiceError(
        "MIGRATION_BUSY",
        `Expected other migrations to end within ${waitMs} ms, got none; try again`,
      );
    }
    await sleep(100);
  }
}

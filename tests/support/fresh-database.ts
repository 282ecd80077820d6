import { createHash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { inject } from "vitest";
import { readConfig } from "../../api/config.ts";
import { type Database, type DatabaseConfig, openDatabase } from "../../api/db/client.ts";
import { migrate } from "../../api/db/migrate.ts";
import { migrationsFolder, readMigrations } from "../../api/db/migration-files.ts";
import { holdTestServer } from "./test-server.ts";

const TEMPLATE_PREFIX = "stratum_template_";
const SOON_MS = 5_000;

/** A database of its own for one test file; gone when disposed. */
export interface FreshDatabase extends Database {
  readonly name: string;
  /** For code that opens its own pool: `openDatabase(config)`. To be closed before this is disposed. */
  readonly config: DatabaseConfig;
}

/**
 * A new database, migrated unless `migrated` is false: cloned from a template that is made once for a server and
 * state of the migrations. About 50 ms.
 *
 * @throws when disposed while a connection was not given back, or one outside its pool is still open
 */
export async function freshDatabase({
  migrated = true,
  poolSize = 10,
}: {
  readonly migrated?: boolean;
  readonly poolSize?: number;
} = {}): Promise<FreshDatabase> {
  const server = await heldServer();
  const name = `stratum_test_${randomBytes(8).toString("hex")}`;
  await asAdmin(server.url, async (admin) => {
    const template = migrated ? await requireTemplate(admin, server.url) : "template0";
    await admin.query(`create database ${name} template ${template}`);
  });
  const config = configFor(withDatabase(server.url, name), poolSize);
  const database = await openDatabase(config);
  return {
    ...database,
    name,
    config,
    async [Symbol.asyncDispose]() {
      const lent = await stillLent(database.pool);
      // Ending waits for lent connections, which would hide the leak behind a timeout.
      if (lent === 0) await database[Symbol.asyncDispose]();
      else database.pool.end().catch(() => undefined);
      await asAdmin(server.url, async (admin) => {
        const strangers = lent === 0 ? await openConnections(admin, name) : [];
        await admin.query(`drop database if exists ${name} with (force)`);
        if (lent > 0) throw new Error(`Expected every connection back in its pool, got ${lent} still lent`);
        if (strangers.length > 0) throw new Error(`Expected no connection left, got ${strangers.join(", ")}`);
      });
    },
  };
}

/** Connections that do not come back. A statement whose answer nobody waits for any more is no leak: it ends soon. */
async function stillLent(pool: Database["pool"]): Promise<number> {
  const until = performance.now() + SOON_MS;
  for (;;) {
    const lent = pool.totalCount - pool.idleCount;
    if (lent === 0 || performance.now() > until) return lent;
    await sleep(20);
  }
}

let held: ReturnType<typeof holdTestServer> | undefined;

/** The server of this vitest project, held by this process from the first call on. */
export function heldServer(): ReturnType<typeof holdTestServer> {
  held ??= holdTestServer(inject("testServer"));
  return held;
}

/** Removes the templates that earlier runs left on a server that outlives the tests. */
export async function dropTemplates(url: string): Promise<void> {
  await asAdmin(url, async (admin) => {
    const { rows } = await admin.query<{ datname: string }>(
      "select datname from pg_database where starts_with(datname, $1)",
      [TEMPLATE_PREFIX],
    );
    for (const { datname } of rows) {
      // Another run may be cloning it: it will remove it in its turn.
      await admin.query(`drop database if exists ${datname}`).catch(() => undefined);
    }
  });
}

async function requireTemplate(admin: pg.Client, url: string): Promise<string> {
  const migrations = await readMigrations(migrationsFolder);
  const state = createHash("sha256")
    .update(migrations.map(({ sha256 }) => sha256).join())
    .digest("hex");
  const name = `${TEMPLATE_PREFIX}${state.slice(0, 16)}`;
  await admin.query("select pg_advisory_lock(hashtext($1))", [name]);
  const { rowCount } = await admin.query("select from pg_database where datname = $1", [name]);
  if (rowCount === 0) {
    const unfinished = `${name}_unfinished`;
    await admin.query(`drop database if exists ${unfinished}`);
    await admin.query(`create database ${unfinished} template template0`);
    await migrateAt(withDatabase(url, unfinished));
    await waitForNone(admin, unfinished);
    await admin.query(`alter database ${unfinished} rename to ${name}`);
  }
  return name;
}

async function migrateAt(url: string): Promise<void> {
  await using database = await openDatabase(configFor(url, 2));
  await migrate(database);
}

async function asAdmin<T>(url: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: url, application_name: "stratum-test" });
  admin.on("error", () => undefined);
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

/** Closing is asynchronous on the server's side: whoever is still there after 2 s means to stay. */
async function openConnections(admin: pg.Client, database: string): Promise<readonly string[]> {
  for (let waited = 0; ; waited += 20) {
    const { rows } = await admin.query<{ who: string }>(
      "select coalesce(nullif(application_name, ''), 'unnamed') || ' (' || state || ')' as who from pg_stat_activity where datname = $1 and backend_type = 'client backend'",
      [database],
    );
    if (rows.length === 0 || waited >= 2_000) return rows.map(({ who }) => who);
    await sleep(20);
  }
}

async function waitForNone(admin: pg.Client, database: string): Promise<void> {
  const left = await openConnections(admin, database);
  if (left.length > 0) throw new Error(`Expected the template to be free, got ${left.join(", ")}`);
}

function configFor(databaseUrl: string, poolSize: number): DatabaseConfig {
  return readConfig({
    DATABASE_URL: databaseUrl,
    STRATUM_POOL_SIZE: String(poolSize),
    STRATUM_HOME: "/nonexistent",
  });
}

/** The same server, another database. */
export function withDatabase(url: string, name: string): string {
  return url.replace(/^(postgres(?:ql)?:\/\/[^/?]*)(?:\/[^?]*)?/, `$1/${name}`);
}

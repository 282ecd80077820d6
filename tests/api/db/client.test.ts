import { sql } from "drizzle-orm";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase } from "../../../api/db/client.ts";
import { toServiceError } from "../../../api/db/database-error.ts";
import { withClient, withTransaction } from "../../../api/db/transaction.ts";
import { startProxy } from "../../support/database-proxy.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";
import { startChild } from "../../support/processes.ts";

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
});
afterAll(() => database[Symbol.asyncDispose]());

describe("openDatabase", () => {
  test("lets the server limit statements, locks and idle transactions of every connection", async () => {
    const { rows } = await database.pool.query(
      `select name, setting from pg_settings where name in ('statement_timeout', 'lock_timeout', 'application_name',
        'idle_in_transaction_session_timeout', 'client_connection_check_interval', 'TimeZone') order by name`,
    );
    const isLinux = process.platform === "linux";
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      TimeZone: "UTC",
      application_name: "stratum",
      client_connection_check_interval: isLinux ? "500" : expect.any(String),
      idle_in_transaction_session_timeout: "10000",
      lock_timeout: "2000",
      statement_timeout: "5000",
    });
  });

  test("answers DB_UNAVAILABLE where no server is, without the address or the password", async () => {
    const config = { ...database.config, databaseUrl: "postgresql://someone:secret@127.0.0.1:1/nothing" };
    const refused = await openDatabase(config).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "DB_UNAVAILABLE", retryable: true });
    expect(JSON.stringify(messagesOf(refused))).not.toMatch(/secret|someone|127\.0\.0\.1/);
  });

  test("answers DB_UNAVAILABLE when the server takes no one or knows no such database", async () => {
    const url = database.connectionString;
    for (const databaseUrl of [
      url.replace(database.name, "no_such_database"),
      url.replace(/:[^:@/]+@/, ":wrong@"),
    ]) {
      await expect(openDatabase({ ...database.config, databaseUrl })).rejects.toMatchObject({
        code: "DB_UNAVAILABLE",
      });
    }
  });

  test("gives dates as text, whatever the time zone", async () => {
    const { rows } = await database.pool.query("select date '2024-03-10' as day");
    expect(rows).toEqual([{ day: "2024-03-10" }]);
  });
});

describe("the pool", () => {
  test("answers DB_BUSY when every connection stays lent", async () => {
    const { config } = database;
    await using small = await openDatabase({ ...config, pool: { ...config.pool, size: 2 } });
    const lent = [await small.pool.connect(), await small.pool.connect()];
    const waiting = Array.from({ length: 20 }, () => withTransaction(small, async () => 1));
    const outcomes = await Promise.allSettled(waiting);
    for (const client of lent) client.release();
    expect(outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.code)).toEqual(
      Array.from({ length: 20 }, () => "DB_BUSY"),
    );
    expect(await withTransaction(small, async () => 1)).toBe(1);
  });

  test("answers DB_BUSY when another session keeps a lock", async () => {
    await database.pool.query("create table locked (id int)");
    const { config } = database;
    await using hasty = await openDatabase({ ...config, pool: { ...config.pool, lockTimeoutMs: 50 } });
    await withClient(database, async (client) => {
      await client.query("begin");
      await client.query("lock table locked in access exclusive mode");
      const blocked = withTransaction(hasty, (tx) => tx.execute(sql`select * from locked`));
      await expect(blocked).rejects.toMatchObject({ code: "DB_BUSY", retryable: true });
      await client.query("rollback");
    });
  });

  test("frees the locks of a process that died inside a long statement", async () => {
    await using proxy = await startProxy(database.connectionString);
    await database.pool.query("create table held (id int)");
    const dying = new pg.Client({ connectionString: proxy.url });
    dying.on("error", () => undefined);
    await dying.connect();
    await dying.query("set client_connection_check_interval = '500ms'");
    await dying.query("begin; lock table held in access exclusive mode");
    const statement = dying.query("select pg_sleep(600)").catch(() => undefined);
    await proxy[Symbol.asyncDispose]();
    await statement;
    await expect(
      withTransaction(database, (tx) => tx.execute(sql`select * from held`)),
    ).resolves.toBeDefined();
  });

  test("takes new connections once the server is back", async () => {
    await using proxy = await startProxy(database.connectionString);
    await using shaky = await openDatabase({ ...database.config, databaseUrl: proxy.url });
    proxy.treat = () => "cut";
    for (let request = 0; request < 3; request++) {
      const failed = await shaky.db.execute(sql`select 1`).catch((error: unknown) => error);
      expect(toServiceError(failed)).toMatchObject({ code: "DB_UNAVAILABLE" });
    }
    proxy.treat = () => "forward";
    expect((await shaky.db.execute(sql`select 1 as one`)).rows).toEqual([{ one: 1 }]);
  });

  test("lives through the end of all its connections, idle and lent", async () => {
    const child = startChild("api/db/client-child.ts", [database.connectionString]);
    expect(await child.answer()).toEqual({ holding: true });
    await database.pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'stratum' and pid <> pg_backend_pid()",
    );
    child.say("go on");
    expect(await child.answer()).toEqual({ lent: "DB_UNAVAILABLE", next: [{ one: 1 }] });
    expect(await child.ended).toEqual({ code: 0, signal: null });
  });

  test("reads a PostgreSQL that is too old as a wrong setting", async () => {
    await expect(database.pool.requireVersion(990_000)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});

describe("an error of the database", () => {
  const canary = "MRN-0042-JANE-DOE";

  test("tells the constraint but no value, once it is a ServiceError", async () => {
    await database.pool.query("create table patient (id text constraint patient_once primary key)");
    const insert = () =>
      withTransaction(database, (tx) => tx.execute(sql`insert into patient values (${canary})`));
    await insert();
    const refused = await insert().catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: "DB_REFUSED",
      cause: { sqlState: "23505", constraint: "patient_once" },
    });
    expect(JSON.stringify(messagesOf(refused))).not.toContain(canary);
  });

  test("hides the value that did not fit a type", async () => {
    const thrown = await database.db.execute(sql`select ${canary}::int`).catch((error: unknown) => error);
    expect(JSON.stringify(messagesOf(thrown))).toContain(canary);
    expect(JSON.stringify(messagesOf(toServiceError(thrown)))).not.toContain(canary);
  });
});

/** Everything that a log might print of an error. */
function messagesOf(error: unknown): readonly unknown[] {
  if (!(error instanceof Error)) return [error];
  return [error.message, error.stack, { ...error }, ...messagesOf(error.cause)];
}

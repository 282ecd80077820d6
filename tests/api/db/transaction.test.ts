import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { sql } from "drizzle-orm";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Db, openDatabase } from "../../../api/db/client.ts";
import { toServiceError } from "../../../api/db/database-error.ts";
import { withClient, withTransaction } from "../../../api/db/transaction.ts";
import { startProxy } from "../../support/database-proxy.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
  await database.pool.query("create table account (id int primary key, balance int not null)");
});
afterAll(() => database[Symbol.asyncDispose]());

const balanceOf = async (id: number): Promise<number | undefined> =>
  (await database.pool.query("select balance from account where id = $1", [id])).rows[0]?.balance;

const open = (id: number, balance = 0) =>
  database.pool.query("insert into account values ($1, $2)", [id, balance]);

/** A pool of two connections through a line that can be cut. */
async function overProxy(limits: { readonly statementTimeoutMs?: number } = {}) {
  const proxy = await startProxy(database.connectionString);
  const { config } = database;
  const shaky = await openDatabase({
    ...config,
    databaseUrl: proxy.url,
    pool: { ...config.pool, size: 2, ...limits },
  });
  return {
    proxy,
    shaky,
    async [Symbol.asyncDispose]() {
      await shaky[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

describe("withTransaction", () => {
  test("commits what the work wrote and returns its value", async () => {
    const result = await withTransaction(database, async (tx) => {
      await tx.execute(sql`insert into account values (1, 10)`);
      return "done";
    });
    expect(result).toBe("done");
    expect(await balanceOf(1)).toBe(10);
  });

  test("rolls back when the work throws, and throws the same error", async () => {
    const own = new RangeError("mine");
    const failing = withTransaction(database, async (tx) => {
      await tx.execute(sql`insert into account values (2, 10)`);
      throw own;
    });
    await expect(failing).rejects.toBe(own);
    expect(await balanceOf(2)).toBeUndefined();
  });

  test("runs again after a serialization failure, and loses no update", async () => {
    await open(3);
    const increments = Array.from({ length: 8 }, () =>
      withTransaction(
        database,
        async (tx) => {
          const { rows } = await tx.execute<{ balance: number }>(
            sql`select balance from account where id = 3`,
          );
          await tx.execute(sql`update account set balance = ${Number(rows[0]?.balance) + 1} where id = 3`);
        },
        { isolation: "serializable", retries: 50 },
      ),
    );
    await Promise.all(increments);
    expect(await balanceOf(3)).toBe(8);
  });

  test("runs the loser of a deadlock again", async () => {
    await open(4);
    await open(5);
    let bothHold: () => void = () => undefined;
    const meeting = new Promise<void>((resolve) => {
      bothHold = resolve;
    });
    let holding = 0;
    let runs = 0;
    const cross = (first: number, second: number) =>
      withTransaction(database, async (tx) => {
        runs++;
        await tx.execute(sql`update account set balance = balance + 1 where id = ${first}`);
        if (++holding === 2) bothHold();
        await meeting;
        await tx.execute(sql`update account set balance = balance + 1 where id = ${second}`);
      });
    await Promise.all([cross(4, 5), cross(5, 4)]);
    expect(runs).toBe(3);
    expect([await balanceOf(4), await balanceOf(5)]).toEqual([2, 2]);
  });

  test("gives up with CONFLICT after the last retry", async () => {
    let runs = 0;
    const losing = withTransaction(
      database,
      async (tx) => {
        runs++;
        await tx.execute(sql`do $$ begin raise exception 'no' using errcode = '40001'; end $$`);
      },
      { retries: 2 },
    );
    await expect(losing).rejects.toMatchObject({ code: "CONFLICT", retryable: true });
    expect(runs).toBe(3);
  });

  test("leaks no connection when BEGIN fails", async () => {
    await using line = await overProxy();
    line.proxy.treat = (sent) => (sent.includes("begin isolation") ? "cut" : "forward");
    for (let attempt = 0; attempt < 5; attempt++) {
      await expect(withTransaction(line.shaky, async () => 1)).rejects.toMatchObject({
        code: "DB_UNAVAILABLE",
      });
    }
    expect(line.shaky.pool.totalCount).toBe(0);
    line.proxy.treat = () => "forward";
    expect(await withTransaction(line.shaky, async () => 1)).toBe(1);
  });

  test("says that nobody knows when the connection breaks during COMMIT", async () => {
    await using line = await overProxy();
    line.proxy.treat = (sent) => (sent.includes("commit\0") ? "forward, lose the answer" : "forward");
    const unclear = withTransaction(line.shaky, (tx) => tx.execute(sql`insert into account values (6, 1)`));
    await expect(unclear).rejects.toMatchObject({
      code: "DB_UNAVAILABLE",
      message: expect.stringContaining("stored or not"),
    });
    await expect.poll(() => balanceOf(6)).toBe(1);
  });

  test.each(["begin isolation", "balance", "commit\0"])(
    "gives up on a connection that falls silent at %j, and does not use it again",
    async (word) => {
      await using line = await overProxy({ statementTimeoutMs: 200 });
      line.proxy.treat = (sent) => (sent.includes(word) ? "forward, then say nothing more" : "forward");
      const read = (tx: Db) => tx.execute(sql`select balance from account`);
      await expect(withTransaction(line.shaky, read)).rejects.toMatchObject({ code: "DB_UNAVAILABLE" });
      expect(line.shaky.pool.totalCount).toBe(0);
      line.proxy.treat = () => "forward";
      await expect(withTransaction(line.shaky, read)).resolves.toBeDefined();
    },
  );

  test("gives up on a silent connection outside transactions too", async () => {
    await using line = await overProxy({ statementTimeoutMs: 200 });
    line.proxy.treat = (sent) => (sent.includes("balance") ? "forward, then say nothing more" : "forward");
    const thrown = await line.shaky.db.execute(sql`select balance from account`).catch(toServiceError);
    expect(thrown).toMatchObject({ code: "DB_UNAVAILABLE" });
    expect(line.shaky.pool.totalCount).toBe(0);
  });

  test("survives the end of its connection by the server", async () => {
    const failing = withTransaction(database, async (tx, client) => {
      const { rows } = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
      const ended = new Promise((resolve) => client.once("end", resolve));
      await withOther(`select pg_terminate_backend(${rows[0]?.pid})`);
      await ended;
      await tx.execute(sql`select 1`);
    });
    await expect(failing).rejects.toMatchObject({ code: "DB_UNAVAILABLE" });
    expect(await withTransaction(database, async () => 1)).toBe(1);
  });

  test("refuses to take a second connection inside it, which could wait for ever", async () => {
    const nested: readonly (() => Promise<unknown>)[] = [
      () => withTransaction(database, async () => 1),
      () => withClient(database, async () => 1),
      () => database.pool.query("select 1"),
    ];
    for (const work of nested) {
      await expect(withTransaction(database, work)).rejects.toMatchObject({ code: "NESTED_ACQUIRE" });
    }
    await expect(withTransaction(database, () => database.db.execute(sql`select 1`))).rejects.toMatchObject({
      code: "NESTED_ACQUIRE",
    });
    // What was only started inside, and goes on afterwards, is free again.
    let later: Promise<unknown> = Promise.resolve();
    await withTransaction(database, async () => {
      later = new Promise((resolve) => setTimeout(resolve, 200)).then(() => database.pool.query("select 1"));
    });
    await expect(later).resolves.toBeDefined();
  });

  test("refuses it still when another transaction has ended meanwhile", async () => {
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const staying = withTransaction(database, async () => {
      await ended;
      return database.pool.query("select 1");
    });
    const refused = expect(staying).rejects.toMatchObject({ code: "NESTED_ACQUIRE" });
    await withTransaction(database, async () => 1);
    end();
    await refused;
    await expect(withTransaction(database, () => database.pool.query("select 1"))).rejects.toMatchObject({
      code: "NESTED_ACQUIRE",
    });
  });

  test("refuses statements after its end", async () => {
    const escaped = await withTransaction(database, async (tx) => ({ tx }));
    await expect(escaped.tx.execute(sql`select 1`)).rejects.toMatchObject({ cause: { code: "INTERNAL" } });
  });

  test("does not take a swallowed error for a success", async () => {
    const swallowing = withTransaction(database, async (tx) => {
      await tx.execute(sql`select 1 / 0`).catch(() => undefined);
    });
    await expect(swallowing).rejects.toMatchObject({ code: "DB_REFUSED" });
  });

  test("can give a statement more time than the connection does", async () => {
    const { config } = database;
    await using hasty = await openDatabase({ ...config, pool: { ...config.pool, statementTimeoutMs: 100 } });
    const slow = (tx: Db) => tx.execute(sql`select pg_sleep(0.4)`);
    await expect(withTransaction(hasty, slow)).rejects.toMatchObject({ code: "DB_TIMEOUT" });
    await expect(withTransaction(hasty, slow, { statementTimeoutMs: 0 })).resolves.toBeDefined();
    await expect(withTransaction(hasty, slow)).rejects.toMatchObject({ code: "DB_TIMEOUT" });
  });

  test("ends a transaction that asks for nothing any more", async () => {
    const idle = withTransaction(
      database,
      async (tx, client) => {
        await new Promise((resolve) => client.once("end", resolve));
        await tx.execute(sql`select 1`);
      },
      { idleTimeoutMs: 100 },
    );
    await expect(idle).rejects.toMatchObject({ code: expect.stringMatching(/^DB_/) });
  });
});

describe("withClient", () => {
  test("stores a COPY whole or not at all, and drops the connection of a broken one", async () => {
    const copy = (rows: Iterable<string>) =>
      withTransaction(database, (_tx, client) =>
        pipeline(Readable.from(rows), client.query(copyFrom("copy account from stdin"))),
      );
    await copy(["100\t1\n", "101\t1\n"]);
    expect(await balanceOf(101)).toBe(1);
    await expect(copy(["102\t1\n", "103\tmany\n"])).rejects.toMatchObject({ code: "DB_REFUSED" });
    function* broken() {
      yield "104\t1\n";
      throw new RangeError("the file ends here");
    }
    await expect(copy(broken())).rejects.toThrow(/the file ends here/);
    expect([await balanceOf(102), await balanceOf(104)]).toEqual([undefined, undefined]);
    expect(await withTransaction(database, async () => 1)).toBe(1);
  });
});

async function withOther(statement: string): Promise<void> {
  const other = new pg.Client({ connectionString: database.connectionString });
  await other.connect();
  await other.query(statement);
  await other.end();
}

import pg from "pg";
import { expect, test } from "vitest";
import { freshDatabase, heldServer, withDatabase } from "../../support/fresh-database.ts";

test("two fresh databases know nothing of each other and are gone afterwards", async () => {
  const names: string[] = [];
  {
    await using one = await freshDatabase();
    await using two = await freshDatabase();
    names.push(one.name, two.name);
    await one.pool.query("create table only_here (id int)");
    await expect(two.pool.query("select * from only_here")).rejects.toMatchObject({ code: "42P01" });
  }
  const admin = new pg.Client({ connectionString: (await heldServer()).url });
  await admin.connect();
  const { rows } = await admin.query("select datname from pg_database where datname = any($1)", [names]);
  await admin.end();
  expect(rows).toEqual([]);
});

test("a connection that was not given back fails the file", async () => {
  const database = await freshDatabase({ migrated: false });
  const client = await database.pool.connect();
  await expect(database[Symbol.asyncDispose]()).rejects.toThrow("1 still lent");
  client.release(true);
});

test("a connection beside the pool that stays open fails the file", async () => {
  const database = await freshDatabase({ migrated: false });
  const stray = new pg.Client({ connectionString: database.connectionString, application_name: "stray" });
  stray.on("error", () => undefined);
  await stray.connect();
  await expect(database[Symbol.asyncDispose]()).rejects.toThrow("stray (idle)");
});

test.each([
  ["postgresql://u:p@host:5/old?sslmode=require", "postgresql://u:p@host:5/new?sslmode=require"],
  ["postgresql://u:p@/old?host=%2Frun", "postgresql://u:p@/new?host=%2Frun"],
  ["postgres://host", "postgres://host/new"],
])("withDatabase changes only the name in %s", (url, expected) => {
  expect(withDatabase(url, "new")).toBe(expected);
});

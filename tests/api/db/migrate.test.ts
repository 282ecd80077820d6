import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openDatabase } from "../../../api/db/client.ts";
import { checkMigrations, migrate } from "../../../api/db/migrate.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

/** A scratch folder in drizzle-kit's form. */
async function scratch(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "stratum-migrations-"));
  folders.push(folder);
  await mkdir(join(folder, "meta"));
  const entries = Object.keys(files).map((tag, idx) => ({
    idx,
    tag,
    version: "7",
    when: idx,
    breakpoints: true,
  }));
  await writeFile(
    join(folder, "meta", "_journal.json"),
    JSON.stringify({ version: "7", dialect: "postgresql", entries }),
  );
  for (const [tag, sql] of Object.entries(files)) await writeFile(join(folder, `${tag}.sql`), sql);
  return folder;
}

const first = {
  "0000_first": "create table one (id int);\n--> statement-breakpoint\ninsert into one values (1);",
};
const second = { "0001_second": "create table two (id int);" };

describe("migrate", () => {
  test("applies each migration once and records its checksum", async () => {
    await using database = await freshDatabase({ migrated: false });
    const folder = await scratch({ ...first, ...second });
    expect(await migrate(database, { folder })).toEqual(["0000_first", "0001_second"]);
    expect(await migrate(database, { folder })).toEqual([]);
    const { rows } = await database.pool.query(
      "select name, position, sha256 ~ '^[0-9a-f]{64}$' as ok from stratum_migration order by position",
    );
    expect(rows).toEqual([
      { name: "0000_first", position: 0, ok: true },
      { name: "0001_second", position: 1, ok: true },
    ]);
  });

  test("applies only what is new to an older database", async () => {
    await using database = await freshDatabase({ migrated: false });
    await migrate(database, { folder: await scratch(first) });
    expect(await migrate(database, { folder: await scratch({ ...first, ...second }) })).toEqual([
      "0001_second",
    ]);
  });

  test("lets one of four migrators work and the others find nothing to do", async () => {
    await using database = await freshDatabase({ migrated: false });
    const slow = { "0002_slow": "select pg_sleep(0.3); create table three (id int);" };
    const folder = await scratch({ ...first, ...second, ...slow });
    await using pools = new Held();
    const databases = await Promise.all(
      [1, 2, 3, 4].map(async () => pools.use(await openDatabase(database.config))),
    );
    const applied = await Promise.all(databases.map((each) => migrate(each, { folder })));
    expect(applied.map((names) => names.length).toSorted()).toEqual([0, 0, 0, 3]);
    const { rows } = await database.pool.query("select count(*)::int as rows from one");
    expect(rows).toEqual([{ rows: 1 }]);
  });

  test("answers MIGRATION_BUSY when the other one takes too long", async () => {
    await using database = await freshDatabase({ migrated: false });
    const folder = await scratch({ "0000_slow": "select pg_sleep(1);" });
    const winner = migrate(database, { folder });
    await expect.poll(() => locksOn(database)).toBe(1);
    await expect(migrate(database, { folder, waitMs: 100 })).rejects.toMatchObject({
      code: "MIGRATION_BUSY",
    });
    expect(await winner).toEqual(["0000_slow"]);
    await expect.poll(() => locksOn(database)).toBe(0);
  });

  test("names the migration that fails, undoes it whole and keeps those before it", async () => {
    await using database = await freshDatabase({ migrated: false });
    const broken = { "0001_broken": "create table half (id int); insert into half values ('MRN-0042');" };
    const folder = await scratch({ ...first, ...broken });
    const failed = await migrate(database, { folder }).catch((error: unknown) => error);
    expect(failed).toMatchObject({
      code: "MIGRATION_FAILED",
      message: expect.stringContaining("0001_broken"),
    });
    expect(String(failed)).not.toContain("MRN-0042");
    const { rows } = await database.pool.query(
      "select to_regclass('half') as half, array(select name from stratum_migration) as applied",
    );
    expect(rows).toEqual([{ half: null, applied: ["0000_first"] }]);
    expect(await migrate(database, { folder: await scratch({ ...first, ...second }) })).toEqual([
      "0001_second",
    ]);
  });

  test("runs each statement alone where the first line says so", async () => {
    await using database = await freshDatabase({ migrated: false });
    const concurrent = {
      "0001_index": [
        "-- no-transaction",
        "create index concurrently if not exists one_id on one (id);",
        "--> statement-breakpoint",
        "create index concurrently if not exists one_minus on one ((-id));",
      ].join("\n"),
    };
    await migrate(database, { folder: await scratch({ ...first, ...concurrent }) });
    const { rows } = await database.pool.query(
      "select count(*)::int as count from pg_indexes where tablename = 'one'",
    );
    expect(rows).toEqual([{ count: 2 }]);
  });

  test("finds the migrations of this package, and they apply", async () => {
    await using database = await freshDatabase();
    await checkMigrations(database);
    expect(await migrate(database)).toEqual([]);
  });
});

describe.each([
  ["migrate", migrate],
  ["checkMigrations", checkMigrations],
] as const)("%s", (_name, look) => {
  test("refuses a database that is newer than the code", async () => {
    await using database = await freshDatabase({ migrated: false });
    await migrate(database, { folder: await scratch({ ...first, ...second }) });
    await expect(look(database, { folder: await scratch(first) })).rejects.toMatchObject({
      code: "MIGRATION_DATABASE_NEWER",
      message: expect.stringContaining("0001_second"),
    });
  });

  test("refuses a migration that was changed after it was applied, but not its line ends", async () => {
    await using database = await freshDatabase({ migrated: false });
    await migrate(database, { folder: await scratch(first) });
    const [[name, text = ""] = ["", ""]] = Object.entries(first);
    await look(database, { folder: await scratch({ [name]: text.replaceAll("\n", "\r\n") }) });
    const changed = await scratch({ [name]: `${text}\n-- harmless` });
    await expect(look(database, { folder: changed })).rejects.toMatchObject({ code: "MIGRATION_CHANGED" });
  });

  test("refuses a migration that was slipped in before an applied one", async () => {
    await using database = await freshDatabase({ migrated: false });
    await migrate(database, { folder: await scratch({ ...first, ...second }) });
    const folder = await scratch({ ...first, "0001_between": "select 1;", ...second });
    await expect(look(database, { folder })).rejects.toMatchObject({ code: "MIGRATION_CHANGED" });
  });
});

describe("checkMigrations", () => {
  test("refuses a database that lacks a migration, and changes nothing", async () => {
    await using database = await freshDatabase({ migrated: false });
    const folder = await scratch({ ...first, ...second });
    await expect(checkMigrations(database, { folder })).rejects.toMatchObject({
      code: "MIGRATION_PENDING",
      message: expect.stringContaining("0000_first, 0001_second"),
    });
    const { rows } = await database.pool.query("select to_regclass('stratum_migration') as made");
    expect(rows).toEqual([{ made: null }]);
  });
});

async function locksOn({ pool }: FreshDatabase): Promise<number> {
  const { rows } = await pool.query<{ held: number }>(
    "select count(*)::int as held from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())",
  );
  return rows[0]?.held ?? -1;
}

/** Node 20 has no AsyncDisposableStack. */
class Held implements AsyncDisposable {
  readonly #held: AsyncDisposable[] = [];

  use<T extends AsyncDisposable>(resource: T): T {
    this.#held.push(resource);
    return resource;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const resource of this.#held) await resource[Symbol.asyncDispose]();
  }
}

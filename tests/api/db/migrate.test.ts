import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { checkMigrations, migrate } from "../../../api/db/migrate.ts";
import { freshDatabase } from "../../support/fresh-database.ts";

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
      "select name, position, sha256 ~ '^[0-9a-f]{64}$' as ok from stratum_migration",
    );
    expect(rows).toEqual([
      { name: "0000_first", position: 0, ok: true },
      { name: "0001_second", position: 1, ok: true },
    ]);
    await checkMigrations(database, { folder });
  });
});

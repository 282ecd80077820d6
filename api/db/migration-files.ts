import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { packageRoot } from "../package-root.ts";

/** The migrations that belong to this code. */
export const migrationsFolder: string = join(packageRoot, "migrations");

/** One forward step of the database. */
export interface Migration {
  /** The file's name without `.sql`, such as `0000_first_tables`. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file as 64 hexadecimal digits; line ends count as one LF. */
  readonly sha256: string;
  /** False when the first line is `-- no-transaction`: each statement then stands alone and must bear repetition. */
  readonly inTransaction: boolean;
}

const journal = z.object({ entries: z.array(z.object({ idx: z.number(), tag: z.string() })) });

/** Reads the migrations of a folder in the order of drizzle-kit's `meta/_journal.json`; none when there is no journal. */
export async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const text = await readFile(join(folder, "meta", "_journal.json"), "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return '{"entries":[]}';
    throw error;
  });
  const { entries } = journal.parse(JSON.parse(text));
  const inOrder = entries.toSorted((a, b) => a.idx - b.idx);
  return Promise.all(inOrder.map(({ tag }) => readMigration(folder, tag)));
}

async function readMigration(folder: string, name: string): Promise<Migration> {
  // A checkout on another system may have changed the line ends; the migration is the same.
  const sql = (await readFile(join(folder, `${name}.sql`), "utf8")).replaceAll("\r\n", "\n");
  const sha256 = createHash("sha256").update(sql).digest("hex");
  return { name, sql, sha256, inTransaction: !/^-- no-transaction\s*$/m.test(sql.split("\n", 1)[0] ?? "") };
}

/** The statements of a migration, as drizzle-kit separates them. */
export function statementsOf({ sql }: Migration): readonly string[] {
  return sql
    .split("--> statement-breakpoint")
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "" && statement !== "-- no-transaction");
}

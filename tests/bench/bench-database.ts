import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../api/config.ts";
import { type Database, openDatabase } from "../../api/db/client.ts";
import { migrate } from "../../api/db/migrate.ts";

export { type Database, openDatabase } from "../../api/db/client.ts";
export { withClient } from "../../api/db/transaction.ts";

/** A migrated database for benchmarks, and the folder that a served API shares with it. */
export interface BenchHome extends AsyncDisposable {
  readonly home: string;
  readonly database: Database;
}

/**
 * Starts an embedded PostgreSQL with its durable settings in a folder of its own, removed at the end.
 * The server is the product's own, so that its settings are part of what is measured.
 */
export async function openBenchHome(): Promise<BenchHome> {
  const home = await mkdtemp(join(tmpdir(), "stratum-bench-home-"));
  const database = await openDatabase(
    readConfig({}, { STRATUM_HOME: home, STRATUM_STATEMENT_TIMEOUT_MS: 600_000 }),
  );
  await migrate(database);
  return {
    home,
    database,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await rm(home, { recursive: true, force: true });
    },
  };
}

import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { findDebianPostgres } from "./tests/support/debian-postgres.ts";

const debian = findDebianPostgres();
if (!debian) {
  process.stderr.write(
    "SKIPPED: the database tests against Debian's PostgreSQL 15, which is not installed here\n",
  );
}

/** What the two servers may answer differently: everything that asks the database, once more on the older one. */
const again = {
  extends: true as const,
  test: {
    name: "debian-postgres",
    include: ["tests/api/**/*.test.ts", "tests/flow/**/*.test.ts"],
    exclude: ["tests/api/db/embedded/**"],
  },
};

export default defineConfig({
  // Our own import of graphql resolves to index.mjs, the libraries' to index.js; two copies refuse each other.
  resolve: { alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }] },
  oxc: { decorator: { legacy: true } },
  test: {
    // The server of each project starts when its first test asks for a database (tests/support/test-server.ts).
    globalSetup: ["tests/support/global-setup.ts"],
    // Most tests wait for a database or for processes of their own; the usual one less would leave two processors half idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: "all", include: ["tests/**/*.test.ts"] } },
      ...(debian ? [again] : []),
    ],
  },
});

import { mkdtempSync, rmSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readConfig } from "../../api/config.ts";
import { openDatabase } from "../../api/db/client.ts";
import { startEmbedded } from "../../api/db/embedded/embedded-server.ts";
import { migrate } from "../../api/db/migrate.ts";
import { Campaign } from "./campaign.ts";

/**
 * `npm run chaos [-- --kills 50 --postgres 10 --children 0 --freezes 0 --images 1500 --seed 1]`: evaluations under kill -9
 * of their workers, of the postmaster and of compute children, and under frozen workers, on a server of its own.
 */
const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "50" },
    postgres: { type: "string", default: "10" },
    children: { type: "string", default: "0" },
    freezes: { type: "string", default: "0" },
    images: { type: "string", default: "1500" },
    seed: { type: "string", default: "1" },
  },
});
const home = mkdtempSync(join(tmpdir(), "stratum-chaos-server-"));
// PostgreSQL runs as another user where this one is root, and must reach its folder.
await chmod(home, 0o755);
try {
  await using server = await startEmbedded({ home: join(home, "state") });
  const config = readConfig({ DATABASE_URL: server.connectionString, STRATUM_HOME: "/nonexistent" });
  await using database = await openDatabase(config);
  await migrate(database);
  const tell = (line: string) => process.stderr.write(`${line}\n`);
  await using campaign = new Campaign({
    database,
    images: Number(values.images),
    seed: Number(values.seed),
    tell,
  });
  await campaign.prepare();
  const workers = await campaign.killWorkers(Number(values.kills));
  const postgres = await campaign.killPostgres(server, Number(values.postgres));
  const children = await campaign.killChildren(Number(values.children));
  const freezes = await campaign.freezeWorkers(Number(values.freezes));
  const report = { seed: Number(values.seed), workers, postgres, children, freezes };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
} finally {
  rmSync(home, { recursive: true, force: true });
}

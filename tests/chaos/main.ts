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
import { Evaluations } from "./evaluations.ts";
import { Trainings } from "./trainings.ts";

/**
 * `npm run chaos [-- --kills 50 --postgres 10 --children 0 --freezes 0 --images 1500 --seed 1]`: evaluations under kill -9
 * of their workers, of the postmaster and of compute children, and under frozen workers, on a server of its own.
 * `npm run chaos -- --training 20 [--epochs 6 --freezes 0 --seed 42]`: trainings, half of which lose their worker and half
 * their compute child.
 */
const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "50" },
    postgres: { type: "string", default: "10" },
    children: { type: "string", default: "0" },
    freezes: { type: "string", default: "0" },
    images: { type: "string", default: "1500" },
    training: { type: "string" },
    epochs: { type: "string", default: "6" },
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
  const state = join(home, "workers");
  const seed = Number(values.seed);
  const isTraining = values.training !== undefined;
  const kills = Number(values.training ?? values.kills);
  using work = isTraining
    ? new Trainings(database, state, Number(values.epochs))
    : new Evaluations(database, state, Number(values.images));
  await using campaign = new Campaign({ database, work, home: state, seed, tell });
  await campaign.prepare();
  const report = {
    seed,
    workers: await campaign.killWorkers(isTraining ? Math.ceil(kills / 2) : kills),
    postgres: await campaign.killPostgres(server, isTraining ? 0 : Number(values.postgres)),
    children: await campaign.killChildren(isTraining ? Math.floor(kills / 2) : Number(values.children)),
    freezes: await campaign.freezeWorkers(Number(values.freezes)),
  };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
} finally {
  rmSync(home, { recursive: true, force: true });
}

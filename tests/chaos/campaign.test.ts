import { mkdtempSync, rmSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readConfig } from "../../api/config.ts";
import { openDatabase } from "../../api/db/client.ts";
import { startEmbedded } from "../../api/db/embedded/embedded-server.ts";
import { migrate } from "../../api/db/migrate.ts";
import { Campaign } from "./campaign.ts";
import { Evaluations } from "./evaluations.ts";
import { Trainings } from "./trainings.ts";

const KILLS = 5;
const CRASHES = 3;

test(`evaluations hold what undisturbed ones hold after ${KILLS} kill -9 of their workers and ${CRASHES} of PostgreSQL`, {
  timeout: 300_000,
}, async () => {
  const home = mkdtempSync(join(tmpdir(), "stratum-chaos-test-"));
  await chmod(home, 0o755);
  try {
    await using server = await startEmbedded({ home: join(home, "state") });
    const config = readConfig({ DATABASE_URL: server.connectionString, STRATUM_HOME: "/nonexistent" });
    await using database = await openDatabase(config);
    await migrate(database);
    const state = join(home, "workers");
    using work = new Evaluations(database, state, 800);
    await using campaign = new Campaign({ database, work, home: state, seed: Date.now() % 1_000_000 });
    await campaign.prepare();
    const workers = await campaign.killWorkers(KILLS);
    const postgres = await campaign.killPostgres(server, CRASHES);
    const children = await campaign.killChildren(2);
    const freezes = await campaign.freezeWorkers(1);
    expect(workers.kills).toBe(KILLS);
    expect(postgres.kills).toBe(CRASHES);
    // Kills that never end an attempt would prove nothing.
    expect(workers.attempts).toBeGreaterThan(KILLS);
    expect(children.kills + freezes.kills).toBe(3);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

test("trainings end with the weights of undisturbed ones after kill -9 of a worker and of a compute child", {
  timeout: 600_000,
}, async () => {
  const home = mkdtempSync(join(tmpdir(), "stratum-chaos-test-"));
  await chmod(home, 0o755);
  try {
    await using server = await startEmbedded({ home: join(home, "state") });
    const config = readConfig({ DATABASE_URL: server.connectionString, STRATUM_HOME: "/nonexistent" });
    await using database = await openDatabase(config);
    await migrate(database);
    const state = join(home, "workers");
    using work = new Trainings(database, state, 3);
    await using campaign = new Campaign({ database, work, home: state, seed: 42 });
    await campaign.prepare();
    expect((await campaign.killWorkers(1)).attempts).toBeGreaterThan(1);
    expect((await campaign.killChildren(1)).attempts).toBeGreaterThan(1);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { packageRoot } from "../../api/package-root.ts";
import { RandomStream } from "../../compute/index.ts";
import { ScratchFolder } from "../support/child-tasks.ts";
import { type FreshDatabase, freshDatabase } from "../support/fresh-database.ts";
import { graphqlClient } from "../support/graphql-client.ts";
import { buildImages } from "../support/jobs/evaluation-fixture.ts";
import { until } from "../support/processes.ts";

const IMAGES = 96;
const PATIENCE_MS = 500_000;
/** Workers that are killed, each while the audit is under way, before one is left to finish. */
const KILLS = 10;
/** How long a worker may live once it has begun something, at most. */
const LIFE_MS = 1_500;

const input = {
  dataset: "here",
  external: ["elsewhere"],
  attribute: "race",
  classes: ["Black", "White"],
  protocols: ["internal_validation", "external_validation", "noise", "sex_strata"],
  architecture: "LINEAR_PROBE",
  epochs: 2,
  replicates: 100,
};

/** Two runs at once: each has a thread of its own, and one thread always adds up in the same order. */
function startWork(database: FreshDatabase, home: string): ChildProcess {
  const args = [join(packageRoot, "bin/stratum.js"), "work", "--concurrency", "2"];
  return spawn(process.execPath, args, {
    stdio: "ignore",
    env: {
      PATH: process.env["PATH"],
      DATABASE_URL: database.config.databaseUrl ?? "",
      STRATUM_HOME: home,
      STRATUM_LOG_LEVEL: "silent",
      STRATUM_LEASE_MS: "1500",
      STRATUM_HEARTBEAT_MS: "150",
      STRATUM_RETRY_MS: "20",
    },
  });
}

function hasEnded({ state }: { readonly state: string }): boolean {
  return !["QUEUED", "RUNNING"].includes(state);
}

/** What the report says, but for ids of rows, which depend on what was begun in vain, and the fingerprint: manifests are made up. */
async function reportOf(folder: ScratchFolder, killAfterMs: readonly number[]): Promise<string> {
  await using database = await freshDatabase();
  const client = graphqlClient(database);
  const home = join(folder.path, `home-${killAfterMs.length}`);
  await buildImages(database, folder, IMAGES, "here");
  await buildImages(database, folder, IMAGES, "elsewhere");
  const { runAudit } = await client.ask(
    "mutation ($input: RunAuditInput!) { runAudit(input: $input) { audit { id } } }",
    { input },
  );
  const query = "query ($id: ID!) { audit(id: $id) { values run { state failure } } }";
  const audit = async () => (await client.ask(query, runAudit.audit)).audit;
  const begun = "select count(*)::int as n from run_event where kind = 'started'";
  const lost =
    "select count(*)::int as n from run where losses_without_progress > 0 and state in ('queued', 'running')";
  const count = async (sql: string): Promise<number> => (await database.pool.query(sql)).rows[0].n;
  for (const [life, afterMs] of killAfterMs.entries()) {
    const before = await count(begun);
    const worker = startWork(database, home);
    await until(async () => (await count(begun)) > before, "a worker to begin something", PATIENCE_MS);
    // A run that ten workers in a row vanish with is given up. On a slow machine none might get anywhere in so short a life.
    if (life === KILLS / 2)
      await until(async () => (await count(lost)) === 0, "what was lost to get further", PATIENCE_MS);
    await sleep(afterMs);
    worker.kill("SIGKILL");
    expect(hasEnded((await audit()).run), "the audit ended before its workers were killed").toBe(false);
  }
  const worker = startWork(database, home);
  try {
    await until(async () => hasEnded((await audit()).run), "the audit to end", PATIENCE_MS);
  } finally {
    worker.kill("SIGTERM");
  }
  const { run, values } = await audit();
  expect(run.failure).toBe(null);
  expect(run.state).toBe("SUCCEEDED");
  const text = JSON.stringify(values, null, 1);
  return text.replaceAll(/"(record|audit|fingerprint|runs|records)": ("[^"]*"|\[[^\]]*\]|null)/g, '"$1": 0');
}

test(
  "an audit whose workers are killed ten times ends with the same report, bit for bit",
  async () => {
    using folder = new ScratchFolder();
    const undisturbed = await reportOf(folder, []);
    const chance = new RandomStream(20_261_123, 1);
    const moments = Array.from({ length: KILLS }, () => Math.round(LIFE_MS * chance.uniform()));
    expect(undisturbed.length).toBeGreaterThan(5_000);
    expect(await reportOf(folder, moments)).toBe(undisturbed);
  },
  2 * PATIENCE_MS,
);

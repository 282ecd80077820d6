import { spawn } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { configOf, openSession, type Session } from "../../api/cli/session.ts";
import { workerIfNone } from "../../api/cli/worker-if-none.ts";
import { type FreshDatabase, freshDatabase } from "../support/fresh-database.ts";
import { until } from "../support/processes.ts";

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
beforeEach(() => database.pool.query("delete from worker"));
afterAll(() => database[Symbol.asyncDispose]());

const sessionOf = (leaseMs: number): Promise<Session> =>
  openSession(
    configOf(
      {
        DATABASE_URL: database.connectionString,
        STRATUM_HOME: "/nonexistent",
        STRATUM_LOG_LEVEL: "silent",
        STRATUM_LEASE_MS: String(leaseMs),
        STRATUM_HEARTBEAT_MS: "100",
      },
      {},
    ),
  );

function addWorker(host: string, pid: number): Promise<unknown> {
  return database.pool.query(
    "insert into worker (id, host, pid, concurrency, software, heartbeat_at) values ($1, $2, $3, 1, '{}', clock_timestamp())",
    [`other ${pid}`, host, pid],
  );
}

async function isWorking(): Promise<boolean> {
  const { rows } = await database.pool.query(
    "select from worker where host = $1 and pid = $2 and stopped_at is null",
    [hostname(), process.pid],
  );
  return rows.length > 0;
}

test("a command works by itself once the last other worker has fallen silent", async () => {
  await using session = await sessionOf(1_500);
  await addWorker("elsewhere", 1);
  {
    await using _worker = await workerIfNone(session);
    expect(await isWorking()).toBe(false);
    await until(isWorking, "a worker of this process");
  }
  expect(await isWorking()).toBe(false);
});

test("a worker of this machine whose process is gone counts for none, whatever it last said", async () => {
  const gone = spawn("true");
  await once(gone, "exit");
  await using session = await sessionOf(3_600_000);
  await addWorker(hostname(), gone.pid ?? 0);
  await using _worker = await workerIfNone(session);
  expect(await isWorking()).toBe(true);
});

test("one whose process lives does the work", async () => {
  const alive = spawn("sleep", ["60"]);
  try {
    await using session = await sessionOf(3_600_000);
    await addWorker(hostname(), alive.pid ?? 0);
    await using _worker = await workerIfNone(session);
    expect(await isWorking()).toBe(false);
  } finally {
    alive.kill();
  }
});

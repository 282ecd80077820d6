import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readConfig } from "../../api/config.ts";
import { openDatabase } from "../../api/db/client.ts";
import { startWorker } from "../../api/worker.ts";
import { startProxy } from "../support/database-proxy.ts";
import { type FreshDatabase, freshDatabase } from "../support/fresh-database.ts";
import { COUNTED, CountingRunner, countsOf, expectedCounts } from "../support/jobs/counting-runner.ts";
import { askToCount, eventsOf, runNow, startWorkerProcess, untilState } from "../support/jobs/job-test.ts";

const STEPS = 3;
const lease = { STRATUM_LEASE_MS: "700", STRATUM_HEARTBEAT_MS: "100", STRATUM_RETRY_MS: "0" };
const params = { steps: STEPS, stepMs: 1, stepsAPart: 2 };

let database: FreshDatabase;

beforeAll(async () => {
  database = await freshDatabase();
  await database.pool.query(COUNTED);
});
afterAll(() => database[Symbol.asyncDispose]());

/** A worker in this process, until it is disposed. */
async function worker(url = database.connectionString) {
  const config = readConfig({
    DATABASE_URL: url,
    STRATUM_HOME: "/nonexistent",
    STRATUM_POOL_SIZE: "4",
    ...lease,
  });
  const own = await openDatabase(config);
  const deps = { database: own, config, log: pino({ level: "silent" }) };
  const started = await startWorker(deps, { concurrency: 1, runners: { evaluation: new CountingRunner() } });
  return {
    async [Symbol.asyncDispose]() {
      await started[Symbol.asyncDispose]();
      await own[Symbol.asyncDispose]();
    },
  };
}

// begin, two limits, the fence, the results, the run, its parts, the event, commit.
const STATEMENTS = 3 + 1 + STEPS + 4;

test.each(Array.from({ length: STATEMENTS + 1 }, (_, at) => at))(
  "a worker that dies after statement %i of the transaction that stores results changes nothing in them",
  async (at) => {
    const crashing = startWorkerProcess(database, {
      CRASH_AT: at === 0 ? "before:1" : `after:${at}`,
      ...lease,
    });
    await crashing.id;
    const { id } = await askToCount(database, params);
    expect(await crashing.child.ended).toEqual({ code: null, signal: "SIGKILL" });
    const committed = at === STATEMENTS;
    expect((await runNow(database, id)).state).toBe(committed ? "succeeded" : "running");
    await using _ = await worker();
    await untilState(database, id, ["succeeded"]);
    expect(await countsOf(database.pool, id)).toBe(expectedCounts(STEPS));
    expect(await runNow(database, id)).toMatchObject({ attempt: committed ? 1 : 2 });
    expect((await eventsOf(database, id)).filter((kind) => kind === "finished")).toHaveLength(1);
  },
);

test("the transaction that stores results has no statement after those", async () => {
  const crashing = startWorkerProcess(database, { CRASH_AT: `after:${STATEMENTS + 1}`, ...lease });
  await crashing.id;
  const { id } = await askToCount(database, params);
  await untilState(database, id, ["succeeded"]);
  crashing.child.process.kill("SIGTERM");
  expect((await crashing.child.ended).code).toBe(0);
});

test.each(["forward, lose the answer", "forward, then cut", "cut"] as const)(
  "a COMMIT whose answer is lost (%s) stores results once",
  async (treatment) => {
    await using proxy = await startProxy(database.connectionString);
    let commits = 0;
    let struck = 0;
    proxy.treat = (sent) => {
      if (!/\bcommit\b/.test(sent)) return "forward";
      commits += 1;
      // Every second one, whichever it is: of the claim, a checkpoint, an event or the results.
      if (commits % 2 === 0) return "forward";
      struck += 1;
      return treatment;
    };
    await using _ = await worker(proxy.url);
    const asked = await Promise.all(Array.from({ length: 6 }, () => askToCount(database, params)));
    for (const { id } of asked) {
      await untilState(database, id, ["succeeded"]);
      expect(await countsOf(database.pool, id)).toBe(expectedCounts(STEPS));
      const events = await eventsOf(database, id);
      expect(events.filter((kind) => kind === "finished")).toHaveLength(1);
    }
    expect(struck).toBeGreaterThan(10);
  },
);

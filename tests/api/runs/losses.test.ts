import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readConfig } from "../../../api/config.ts";
import { withTransaction } from "../../../api/db/transaction.ts";
import { Attempt } from "../../../api/runs/attempt.ts";
import { MOST_LOSSES, reap } from "../../../api/runs/reaper.ts";
import type { RunRecord } from "../../../api/runs/run.queries.ts";
import { claimQueued, insertWorker } from "../../../api/runs/run-queue.queries.ts";
import type { RunContext, Runner } from "../../../api/runs/runner.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";
import { askToCount, runNow } from "../../support/jobs/job-test.ts";

const log = pino({ level: "silent" });
const config = readConfig({});
const worker = randomUUID();
let database: FreshDatabase;

beforeAll(async () => {
  database = await freshDatabase();
  await insertWorker(database.db, { id: worker, host: "here", pid: 1, concurrency: 1, software: {} });
});
afterAll(() => database[Symbol.asyncDispose]());

async function claimed(id: number, leaseMs: number): Promise<RunRecord> {
  const run = await withTransaction(database, (tx) =>
    claimQueued(tx, id, { id: worker, software: {} }, leaseMs),
  );
  if (run === undefined)
    throw new Error(`Expected run ${id} queued, got ${(await runNow(database, id)).state}`);
  return run;
}

/** A worker claims the run and is not heard of again, so often. */
async function lose(id: number, times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) {
    await claimed(id, -1);
    await reap({ database, log }, config.jobs.leaseMs);
  }
}

test("a run that vanishes with ten workers in a row is given up, and says so", async () => {
  const { id } = await askToCount(database);
  await lose(id, MOST_LOSSES - 1);
  expect(await runNow(database, id)).toMatchObject({ state: "queued", failure: null });
  await lose(id, 1);
  expect(await runNow(database, id)).toMatchObject({
    state: "failed",
    failure: "WORKER_LOST: 10 workers vanished with it without any progress",
  });
});

const waiting: Runner = { run: async () => ({ pauseMs: 0 }) };
const storing: Runner = {
  async run(context: RunContext) {
    await context.savePart(1, Buffer.from("a part"));
    return new Promise(() => undefined);
  },
};

test.for([
  { what: "ends in good order, to wait for other runs", runner: waiting },
  { what: "stores a part before its worker vanishes", runner: storing },
])("an attempt that $what makes up for those that were lost", async ({ runner }) => {
  const { id } = await askToCount(database);
  await lose(id, MOST_LOSSES - 1);
  const attempt = new Attempt({ database, config, log }, await claimed(id, 2_000));
  const over = attempt.carryOut(runner);
  if (runner === waiting) await over;
  else await expect.poll(() => losses(id)).toBe(0);
  expect(await losses(id)).toBe(0);
  await database.pool.query(
    "update run set lease_until = now() - interval '1 s' where id = $1 and state = 'running'",
    [id],
  );
  await reap({ database, log }, config.jobs.leaseMs);
  await lose(id, MOST_LOSSES - 2);
  expect(await runNow(database, id)).toMatchObject({ state: "queued", failure: null });
});

async function losses(id: number): Promise<number> {
  const { rows } = await database.pool.query(
    "select losses_without_progress as losses from run where id = $1",
    [id],
  );
  return rows[0].losses;
}

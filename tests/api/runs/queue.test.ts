import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { cancelRun, retryRun } from "../../../api/runs/run-requests.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";
import { COUNTED, countsOf, expectedCounts } from "../../support/jobs/counting-runner.ts";
import {
  askToCount,
  eventsOf,
  runNow,
  startWorkerProcess,
  untilState,
  type WorkerProcess,
} from "../../support/jobs/job-test.ts";
import { livingProcesses, until } from "../../support/processes.ts";

let database: FreshDatabase;
const started: WorkerProcess[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  await database.pool.query(COUNTED);
});
afterEach(async () => {
  for (const { child } of started.splice(0)) {
    child.process.kill("SIGKILL");
    await child.ended;
  }
});
afterAll(() => database[Symbol.asyncDispose]());

function startOne(env: Readonly<Record<string, string>> = {}): WorkerProcess {
  const worker = startWorkerProcess(database, env);
  started.push(worker);
  return worker;
}

describe("asking for a run", () => {
  test("two hundred equal requests at once are one run with one job", async () => {
    const asked = await Promise.all(Array.from({ length: 200 }, () => askToCount(database, {}, "the same")));
    expect(new Set(asked.map(({ id }) => id)).size).toBe(1);
    const id = asked[0]?.id ?? 0;
    expect(await eventsOf(database, id)).toEqual(["queued"]);
    const { rows } = await database.pool.query("select key from graphile_worker.jobs where key = $1", [
      `run:${id}`,
    ]);
    expect(rows).toHaveLength(1);
    await cancelRun(database, id);
    expect(await eventsOf(database, id)).toEqual(["queued", "cancelled"]);
    const { rows: left } = await database.pool.query("select from graphile_worker.jobs where key = $1", [
      `run:${id}`,
    ]);
    expect(left).toHaveLength(0);
  });

  test("a run is carried out once, with events in order and a job that is gone", async () => {
    startOne();
    const { id } = await askToCount(database);
    await untilState(database, id, ["succeeded"]);
    expect(await countsOf(database.pool, id)).toBe(expectedCounts(60));
    expect(await eventsOf(database, id)).toEqual(["queued", "started", "started", "finished"]);
    const { rows } = await database.pool.query("select from run_part where run_id = $1", [id]);
    expect(rows).toHaveLength(0);
    await until(async () => (await jobs(id)) === 0, "the job to be gone");
    const again = await askToCount(database, {}, "x");
    await untilState(database, again.id, ["succeeded"]);
    const same = await askToCount(database, {}, "x");
    expect([same.id, same.state]).toEqual([again.id, "succeeded"]);
  });

  test("what has succeeded stays as it is, whoever writes", async () => {
    const { rows } = await database.pool.query("select id from run where state = 'succeeded' limit 1");
    const change = database.pool.query("update run set attempt = attempt + 1 where id = $1", [rows[0].id]);
    await expect(change).rejects.toThrow("stay as it is");
  });
});

async function jobs(id: number): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    "select count(*)::int as count from graphile_worker._private_jobs where payload ->> 'runId' = $1",
    [String(id)],
  );
  return rows[0]?.count ?? 0;
}

describe("workers", () => {
  test("several of them never carry out the same attempt", async () => {
    for (let i = 0; i < 3; i += 1) startOne({ CONCURRENCY: "2" });
    const asked = await Promise.all(
      Array.from({ length: 24 }, () => askToCount(database, { steps: 30, stepMs: 2 })),
    );
    for (const { id } of asked) await untilState(database, id, ["succeeded"]);
    for (const { id } of asked) {
      expect(await countsOf(database.pool, id)).toBe(expectedCounts(30));
      expect(await runNow(database, id)).toMatchObject({ attempt: 1 });
      expect(await eventsOf(database, id)).toEqual(["queued", "started", "started", "finished"]);
    }
    const { rows } = await database.pool.query(
      "select count(distinct worker_id)::int as count from run where id = any($1)",
      [asked.map(({ id }) => id)],
    );
    expect(rows[0].count).toBeGreaterThan(1);
  });

  test("one that is killed loses its run to another, which goes on from the checkpoint", async () => {
    const first = startOne();
    await first.id;
    const { id } = await askToCount(database, { steps: 400, stepMs: 5 });
    await until(async () => (await parts(id)) >= 2, "two parts");
    const orphan = livingProcesses().find(({ parent }) => parent === first.pid)?.pid ?? 0;
    expect(orphan).toBeGreaterThan(0);
    first.child.process.kill("SIGKILL");
    await until(() => livingProcesses().every(({ pid }) => pid !== orphan), "the child to be gone", 5_000);
    startOne();
    await untilState(database, id, ["succeeded"]);
    expect(await countsOf(database.pool, id)).toBe(expectedCounts(400));
    expect(await runNow(database, id)).toMatchObject({ attempt: 2 });
    expect(await eventsOf(database, id)).toEqual([
      "queued",
      "started",
      "started",
      "requeued WORKER_LOST",
      "started",
      "started",
      "finished",
    ]);
    const { rows } = await database.pool.query(
      "select payload from run_event where run_id = $1 and payload ? 'resumedAt' order by sequence",
      [id],
    );
    expect(rows[1].payload.resumedAt).toBeGreaterThanOrEqual(40);
    await until(async () => (await jobs(id)) === 0, "both jobs to be gone");
  });

  test("one that wakes up after its lease has nothing to write any more", async () => {
    const zombie = startOne();
    await zombie.id;
    const { id } = await askToCount(database, { steps: 300, stepMs: 5 });
    await until(async () => (await parts(id)) >= 1, "a part");
    zombie.child.process.kill("SIGSTOP");
    startOne();
    await untilState(database, id, ["succeeded"]);
    const before = await everything(id);
    zombie.child.process.kill("SIGCONT");
    const zombieChildren = () => livingProcesses().filter(({ parent }) => parent === zombie.pid);
    await until(() => zombieChildren().length === 0, "the zombie to drop its child");
    // It takes part again: the next runs are shared.
    const more = await askToCount(database);
    await untilState(database, more.id, ["succeeded"]);
    expect(await everything(id)).toBe(before);
    expect(await countsOf(database.pool, id)).toBe(expectedCounts(300));
  });

  test("a run is cancelled within two seconds, and can be asked for again", async () => {
    const worker = startOne({ STRATUM_HEARTBEAT_MS: "10000", STRATUM_LEASE_MS: "30000" });
    await worker.id;
    const { id } = await askToCount(database, { steps: 10_000, stepMs: 5 }, "to be cancelled");
    await until(async () => (await parts(id)) >= 1, "a part");
    const asked = performance.now();
    await cancelRun(database, id);
    await untilState(database, id, ["cancelled"]);
    expect(performance.now() - asked).toBeLessThan(2_000);
    expect((await eventsOf(database, id)).at(-1)).toBe("cancelled");
    expect(livingProcesses().filter(({ parent }) => parent === worker.pid)).toEqual([]);
    expect((await retryRun(database, id)).state).toBe("queued");
    await untilState(database, id, ["running"]);
    await cancelRun(database, id);
    await untilState(database, id, ["cancelled"]);
    expect((await askToCount(database, { steps: 10_000, stepMs: 5 }, "to be cancelled")).state).toBe(
      "queued",
    );
    await cancelRun(database, id);
    await untilState(database, id, ["cancelled"]);
  });

  test("a cancellation whose notice is lost is seen at the next heartbeat", async () => {
    startOne();
    const { id } = await askToCount(database, { steps: 10_000, stepMs: 5 });
    await until(async () => (await parts(id)) >= 1, "a part");
    await database.pool.query("update run set cancel_requested_at = now() where id = $1", [id]);
    await untilState(database, id, ["cancelled"]);
  });

  test.each([
    [
      "gives up a run that has cost ten workers",
      "losses_without_progress = 9",
      "failed",
      "failed WORKER_LOST",
    ],
    ["ends a run that was to be cancelled", "cancel_requested_at = now()", "cancelled", "cancelled"],
    ["goes on with any other", "losses_without_progress = 8", "succeeded", "finished"],
  ])("one that reaps %s", async (_what, change, state, event) => {
    await database.pool.query(
      "insert into worker (id, host, pid, concurrency, software, heartbeat_at) values ('dead', '', 1, 1, '{}', 'epoch') on conflict do nothing",
    );
    const { id } = await askToCount(database);
    await database.pool.query(
      `update run set state = 'running', attempt = 1, worker_id = 'dead', lease_until = now() - interval '1 second', ${change} where id = $1`,
      [id],
    );
    startOne();
    await untilState(database, id, [state]);
    expect((await eventsOf(database, id)).at(-1)).toBe(event);
    await until(async () => {
      const { rows } = await database.pool.query("select stopped_at from worker where id = 'dead'");
      return rows[0].stopped_at !== null;
    }, "the dead worker to be noted");
  });

  test.each(["SIGSEGV", "SIGKILL", "SIGABRT"] as const)(
    "a child that always dies of %s parks its run after three attempts",
    async (by) => {
      startOne();
      const poison = await askToCount(database, { steps: 60, dieAt: { step: 30, by } });
      const innocent = await askToCount(database);
      await untilState(database, poison.id, ["failed"]);
      await untilState(database, innocent.id, ["succeeded"]);
      const { failure, attempt } = await runNow(database, poison.id);
      expect(failure).toContain(`CHILD_CRASHED: the child ended by ${by}`);
      expect(attempt).toBe(3);
      expect(await countsOf(database.pool, poison.id)).toBe("");
    },
  );

  test("crashes with progress in between park nothing", async () => {
    startOne();
    const { id } = await askToCount(database, { steps: 120, stepMs: 2, dieAfter: 25 });
    await untilState(database, id, ["succeeded", "failed"]);
    expect(await runNow(database, id)).toEqual({ state: "succeeded", attempt: 6, failure: null });
    expect(await countsOf(database.pool, id)).toBe(expectedCounts(120));
  });

  test("a failure that would come every time ends the run at once", async () => {
    startOne();
    const { id } = await askToCount(database, { permanent: "MODEL_INVALID" });
    await untilState(database, id, ["failed"]);
    expect(await runNow(database, id)).toEqual({
      state: "failed",
      attempt: 1,
      failure: "MODEL_INVALID: told to fail",
    });
  });

  test("SIGTERM gives the run back, uncounted, and ends the process with 0", async () => {
    const worker = startOne();
    await worker.id;
    const { id } = await askToCount(database, { steps: 400, stepMs: 5 });
    await until(async () => (await parts(id)) >= 1, "a part");
    const asked = performance.now();
    worker.child.process.kill("SIGTERM");
    expect(await worker.child.ended).toEqual({ code: 0, signal: null });
    expect(performance.now() - asked).toBeLessThan(10_000);
    expect(await runNow(database, id)).toMatchObject({ state: "queued", attempt: 0 });
    expect((await eventsOf(database, id)).at(-1)).toBe("requeued WORKER_STOPPED");
    startOne();
    await untilState(database, id, ["succeeded"]);
    expect(await runNow(database, id)).toMatchObject({ attempt: 1 });
    expect(await countsOf(database.pool, id)).toBe(expectedCounts(400));
  });

  test("a queued run whose job is gone gets another", async () => {
    const { id } = await askToCount(database);
    await database.pool.query("select graphile_worker.remove_job($1)", [`run:${id}`]);
    startOne();
    await untilState(database, id, ["succeeded"]);
  });
});

async function parts(id: number): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    "select count(*)::int as count from run_part where run_id = $1",
    [id],
  );
  return rows[0]?.count ?? 0;
}

/** All that is stored of a run, in one digest. */
async function everything(id: number): Promise<string> {
  const { rows } = await database.pool.query<{ digest: string }>(
    `select md5(concat_ws('|', (select run::text from run where id = $1),
       (select string_agg(run_event::text, ',' order by sequence) from run_event where run_id = $1),
       (select string_agg(run_part::text, ',' order by part) from run_part where run_id = $1),
       (select string_agg(counted::text, ',' order by step) from counted where run_id = $1))) as digest`,
    [id],
  );
  return rows[0]?.digest ?? "";
}

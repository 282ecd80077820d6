import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type DatabaseProxy, startProxy, type Treatment } from "../../support/database-proxy.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";
import { COUNTED } from "../../support/jobs/counting-runner.ts";
import {
  askToCount,
  eventsOf,
  runNow,
  startWorkerProcess,
  untilState,
  type WorkerProcess,
} from "../../support/jobs/job-test.ts";
import { until } from "../../support/processes.ts";

let database: FreshDatabase;
let proxy: DatabaseProxy;
let worker: WorkerProcess;

beforeAll(async () => {
  database = await freshDatabase();
  await database.pool.query(COUNTED);
  proxy = await startProxy(database.connectionString);
});
afterEach(async () => {
  proxy.treat = () => "forward";
  worker.child.process.kill("SIGKILL");
  await worker.child.ended;
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

/** Cuts the connection at the first statement that holds a text; answers how often it did. */
function cutOnce(text: string): () => number {
  let cuts = 0;
  proxy.treat = (sent): Treatment => {
    if (cuts > 0 || !sent.includes(text)) return "forward";
    cuts += 1;
    return "cut";
  };
  return () => cuts;
}

function startOne(env: Readonly<Record<string, string>> = {}): WorkerProcess {
  worker = startWorkerProcess(database, { DATABASE_URL: proxy.url, ...env });
  return worker;
}

describe("a worker whose queue loses the database for a moment takes runs all the same", () => {
  test("when it first asks which jobs there are", async () => {
    const cuts = cutOnce("_private_tasks as tasks (identifier)");
    startOne();
    await until(async () => cuts() === 1, "the question");
    const { id } = await askToCount(database, { steps: 20 });
    await untilState(database, id, ["succeeded"]);
    expect(await runNow(database, id)).toMatchObject({ attempt: 1 });
  });

  test("when it notes that a job is done, with other runs under way", async () => {
    await startOne({ CONCURRENCY: "2" }).id;
    const long = await askToCount(database, { steps: 1_000, stepMs: 5 });
    await untilState(database, long.id, ["running"]);
    const cuts = cutOnce("delete from");
    const first = await askToCount(database, { steps: 20 });
    await untilState(database, first.id, ["succeeded"]);
    await until(async () => cuts() === 1, "the note");
    const more = await Promise.all([1, 2].map(() => askToCount(database, { steps: 20 })));
    for (const { id } of more) await untilState(database, id, ["succeeded"]);
    expect(await runNow(database, long.id)).toMatchObject({ state: "running", attempt: 1 });
    await untilState(database, long.id, ["succeeded"]);
    expect(await eventsOf(database, long.id)).toEqual(["queued", "started", "started", "finished"]);
  });
});

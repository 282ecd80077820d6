import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { operator } from "../../../../api/access/principal.ts";
import { type Config, readConfig } from "../../../../api/config.ts";
import { TrainService } from "../../../../api/models/train/train.service.ts";
import { createRunners } from "../../../../api/runners.ts";
import { startWorker, type Worker } from "../../../../api/worker.ts";
import { ScratchFolder } from "../../../support/child-tasks.ts";
import type { BuiltDataset } from "../../../support/evaluation-builder.ts";
import { type FreshDatabase, freshDatabase } from "../../../support/fresh-database.ts";
import { eventsOf, runNow, untilState } from "../../../support/jobs/job-test.ts";
import { buildStripes, stripesRequest } from "../../../support/jobs/training-fixture.ts";

const PATIENCE_MS = 200_000;

let database: FreshDatabase;
let folder: ScratchFolder;
let config: Config;
let worker: Worker;
let dataset: BuiltDataset;

beforeAll(async () => {
  database = await freshDatabase();
  folder = new ScratchFolder();
  config = readConfig({
    STRATUM_HOME: join(folder.path, "home"),
    STRATUM_HEARTBEAT_MS: "200",
    STRATUM_RETRY_MS: "10",
    STRATUM_TRAINING_MEMORY_MIB: "320",
  });
  dataset = await buildStripes(database, folder, 96);
  const deps = { database, config, log: pino({ level: process.env["JOBS_LOG"] ?? "silent" }) };
  worker = await startWorker(deps, { concurrency: 1, runners: createRunners(config, 1) });
});
afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function ended(parts: Parameters<typeof stripesRequest>[1]) {
  const service = new TrainService({ database, config });
  const { id } = (await service.request(stripesRequest(dataset.slug, parts), operator)).run;
  await untilState(database, id, ["succeeded", "failed"], PATIENCE_MS);
  return { id, ...(await runNow(database, id)) };
}

test(
  "a training that needs more memory than it may have fails with advice, and the worker trains the next",
  async () => {
    // 23.5 million parameters, their gradients and two moments of Adam: 376 MB of numbers alone.
    const large = await ended({ start: { architecture: "resnet50" } });
    expect(large.state).toBe("failed");
    expect(large.failure).toMatch(
      /^CHILD_OUT_OF_MEMORY: .*use a smaller batch or raise STRATUM_TRAINING_MEMORY_MIB/,
    );
    const requeued = (await eventsOf(database, large.id)).filter((kind) => kind.startsWith("requeued"));
    expect(new Set(requeued)).toEqual(new Set(["requeued CHILD_OUT_OF_MEMORY"]));
    expect(await ended({ epochs: 1 })).toMatchObject({ state: "succeeded", attempt: 1 });
  },
  2 * PATIENCE_MS,
);

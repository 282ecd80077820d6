import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { operator } from "../../../../api/access/principal.ts";
import { type Config, readConfig } from "../../../../api/config.ts";
import { type TrainRequest, TrainService } from "../../../../api/models/train/train.service.ts";
import { createRunners } from "../../../../api/runners.ts";
import { startWorker, type Worker } from "../../../../api/worker.ts";
import { ScratchFolder } from "../../../support/child-tasks.ts";
import type { BuiltDataset } from "../../../support/evaluation-builder.ts";
import { type FreshDatabase, freshDatabase } from "../../../support/fresh-database.ts";
import { eventsOf, runNow, untilState } from "../../../support/jobs/job-test.ts";
import { buildStripes, stripesRequest } from "../../../support/jobs/training-fixture.ts";
import { until } from "../../../support/processes.ts";

const PATIENCE_MS = 120_000;

let database: FreshDatabase;
let folder: ScratchFolder;
let config: Config;
let worker: Worker;
let dataset: BuiltDataset;
/** A disk of 16 MiB of its own; undefined where this process may not mount one. */
let disk: string | undefined;

beforeAll(async () => {
  database = await freshDatabase();
  folder = new ScratchFolder();
  const path = join(folder.path, "disk");
  mkdirSync(path);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", path], { stdio: "ignore" });
    disk = path;
  } catch {
    process.stderr.write("SKIPPED: trainings on a full disk, since no disk can be mounted here\n");
  }
  config = readConfig({
    STRATUM_HOME: join(folder.path, "home"),
    STRATUM_CHECKPOINTS: path,
    STRATUM_HEARTBEAT_MS: "200",
    STRATUM_RETRY_MS: "10",
  });
  dataset = await buildStripes(database, folder, 96);
  const deps = { database, config, log: pino({ level: process.env["JOBS_LOG"] ?? "silent" }) };
  worker = await startWorker(deps, { concurrency: 1, runners: createRunners(config, 1) });
});
afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  if (disk !== undefined) execFileSync("umount", ["-l", disk]);
  folder[Symbol.dispose]();
});

const ask = async (parts: Partial<TrainRequest>): Promise<number> => {
  const service = new TrainService({ database, config });
  const request = stripesRequest(dataset.slug, { epochs: 20, patience: 0, checkpointSteps: 10, ...parts });
  return (await service.request(request, operator)).run.id;
};

const weightsOf = async (id: number): Promise<string> => {
  const { rows } = await database.pool.query(
    "select summary ->> 'weightsSha256' as sha from run where id = $1",
    [id],
  );
  return rows[0].sha;
};

test(
  "a training whose disk fills up fails and says so; with room again it goes on from where it was to the same weights",
  async (context) => {
    if (disk === undefined) return context.skip();
    const undisturbed = await ask({ model: "with-room" });
    await untilState(database, undisturbed, ["succeeded"], PATIENCE_MS);

    const id = await ask({ model: "without-room" });
    const has = (kind: string) => async () => (await eventsOf(database, id)).includes(kind);
    await until(has("checkpoint"), "a checkpoint", PATIENCE_MS);
    const ballast = join(disk, "ballast");
    expect(() => writeFileSync(ballast, Buffer.alloc(2 ** 24))).toThrow("ENOSPC");
    await untilState(database, id, ["failed", "succeeded"], PATIENCE_MS);
    expect(await runNow(database, id)).toMatchObject({
      state: "failed",
      failure: expect.stringMatching(/^STORAGE_FULL: Expected room for .*, got a full disk/),
    });

    rmSync(ballast);
    expect(await ask({ model: "without-room" })).toBe(id);
    await untilState(database, id, ["failed", "succeeded"], PATIENCE_MS);
    expect(await runNow(database, id)).toMatchObject({ state: "succeeded", failure: null });
    expect(await has("resumed")()).toBe(true);
    expect(await weightsOf(id)).toBe(await weightsOf(undisturbed));
  },
  4 * PATIENCE_MS,
);

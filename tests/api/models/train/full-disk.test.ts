import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { operator } from "../../../../api/access/principal.ts";
import { type TrainRequest, TrainService } from "../../../../api/models/train/train.service.ts";
import type { Worker } from "../../../../api/worker.ts";
import type { BuiltDataset } from "../../../support/evaluation-builder.ts";
import { type JobStage, openJobStage } from "../../../support/jobs/job-stage.ts";
import { eventsOf, runNow, untilState } from "../../../support/jobs/job-test.ts";
import { buildStripes, stripesRequest } from "../../../support/jobs/training-fixture.ts";
import { until } from "../../../support/processes.ts";

const PATIENCE_MS = 120_000;

let stage: JobStage;
let worker: Worker;
let dataset: BuiltDataset;
/** A disk of 16 MiB of its own; undefined where this process may not mount one. */
let disk: string | undefined;

/** Mounts the disk, where that is allowed. */
function mountDisk(path: string): void {
  mkdirSync(path);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", path], { stdio: "ignore" });
    disk = path;
  } catch {
    process.stderr.write("SKIPPED: trainings on a full disk, since no disk can be mounted here\n");
  }
}

beforeAll(async () => {
  stage = await openJobStage((folder) => ({ STRATUM_CHECKPOINTS: join(folder.path, "disk") }));
  mountDisk(stage.config.checkpoints);
  dataset = await buildStripes(stage.database, stage.folder, 96);
  worker = await stage.work();
});
afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  if (disk !== undefined) execFileSync("umount", ["-l", disk]);
  await stage[Symbol.asyncDispose]();
});

const ask = async (parts: Partial<TrainRequest>): Promise<number> => {
  const service = new TrainService(stage);
  const request = stripesRequest(dataset.slug, { epochs: 20, patience: 0, checkpointSteps: 10, ...parts });
  return (await service.request(request, operator)).run.id;
};

const weightsOf = async (id: number): Promise<string> => {
  const { rows } = await stage.database.pool.query(
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
    await untilState(stage.database, undisturbed, ["succeeded"], PATIENCE_MS);

    const id = await ask({ model: "without-room" });
    const has = (kind: string) => async () => (await eventsOf(stage.database, id)).includes(kind);
    await until(has("checkpoint"), "a checkpoint", PATIENCE_MS);
    const ballast = join(disk, "ballast");
    expect(() => writeFileSync(ballast, Buffer.alloc(2 ** 24))).toThrow("ENOSPC");
    await untilState(stage.database, id, ["failed", "succeeded"], PATIENCE_MS);
    expect(await runNow(stage.database, id)).toMatchObject({
      state: "failed",
      failure: expect.stringMatching(/^STORAGE_FULL: Expected room for .*, got a full disk/),
    });

    rmSync(ballast);
    expect(await ask({ model: "without-room" })).toBe(id);
    await untilState(stage.database, id, ["failed", "succeeded"], PATIENCE_MS);
    expect(await runNow(stage.database, id)).toMatchObject({ state: "succeeded", failure: null });
    expect(await has("resumed")()).toBe(true);
    expect(await weightsOf(id)).toBe(await weightsOf(undisturbed));
  },
  4 * PATIENCE_MS,
);

import { afterAll, beforeAll, expect, test } from "vitest";
import { operator } from "../../../../api/access/principal.ts";
import { TrainService } from "../../../../api/models/train/train.service.ts";
import type { Worker } from "../../../../api/worker.ts";
import type { BuiltDataset } from "../../../support/evaluation-builder.ts";
import { type JobStage, openJobStage } from "../../../support/jobs/job-stage.ts";
import { eventsOf, runNow, untilState } from "../../../support/jobs/job-test.ts";
import { buildStripes, stripesRequest } from "../../../support/jobs/training-fixture.ts";

const PATIENCE_MS = 200_000;

let stage: JobStage;
let worker: Worker;
let dataset: BuiltDataset;

beforeAll(async () => {
  stage = await openJobStage(() => ({ STRATUM_TRAINING_MEMORY_MIB: "320" }));
  dataset = await buildStripes(stage.database, stage.folder, 96);
  worker = await stage.work();
});
afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

async function ended(parts: Parameters<typeof stripesRequest>[1]) {
  const service = new TrainService(stage);
  const { id } = (await service.request(stripesRequest(dataset.slug, parts), operator)).run;
  await untilState(stage.database, id, ["succeeded", "failed"], PATIENCE_MS);
  return { id, ...(await runNow(stage.database, id)) };
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
    const requeued = (await eventsOf(stage.database, large.id)).filter((kind) => kind.startsWith("requeued"));
    expect(new Set(requeued)).toEqual(new Set(["requeued CHILD_OUT_OF_MEMORY"]));
    expect(await ended({ epochs: 1 })).toMatchObject({ state: "succeeded", attempt: 1 });
  },
  2 * PATIENCE_MS,
);

import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { operator } from "../../api/access/principal.ts";
import { type Config, readConfig } from "../../api/config.ts";
import type { Database } from "../../api/db/client.ts";
import { TrainService } from "../../api/models/train/train.service.ts";
import { historiesOfRuns } from "../../api/models/train/training-history.ts";
import { ScratchFolder } from "../support/child-tasks.ts";
import { buildStripes, stripesRequest } from "../support/jobs/training-fixture.ts";
import { until } from "../support/processes.ts";
import type { AskedRun, CampaignWork } from "./campaign.ts";

/** Trainings of the same network on the same images with the same seed, under names of their own. */
export class Trainings implements CampaignWork, Disposable {
  // Two at once: each session takes half of the processors, so that a small machine is not stopped by the other worker's.
  readonly workerArguments: readonly string[] = ["--concurrency", "2"];
  readonly #database: Database;
  readonly #config: Config;
  readonly #epochs: number;
  readonly #folder = new ScratchFolder();
  #dataset = "";

  /** @param home - folder of the workers' state */
  constructor(database: Database, home: string, epochs: number) {
    this.#database = database;
    this.#config = readConfig({ STRATUM_HOME: home });
    this.#epochs = epochs;
  }

  async prepare(): Promise<void> {
    this.#dataset = (await buildStripes(this.#database, this.#folder, 160)).slug;
  }

  async ask(): Promise<AskedRun> {
    const slug = `model-${randomUUID()}`;
    const service = new TrainService({ database: this.#database, config: this.#config });
    const request = stripesRequest(this.#dataset, {
      model: slug,
      epochs: this.#epochs,
      patience: 0,
      checkpointSteps: 3,
      stepsPerCall: 2,
      augmentation: { flip: 0.5, rotation: 5 },
      sampling: "balanced",
    });
    const { run } = await service.request(request, operator);
    return { slug, run: run.id };
  }

  /** The weights, the file and the curve of every epoch. */
  async contentOf({ slug, run }: AskedRun): Promise<string> {
    const { rows } = await this.#database.pool.query<{
      fingerprint: string;
      onnx: string;
      summary: Record<string, unknown>;
    }>(
      `select run.fingerprint, run.summary, version.onnx_sha256 as onnx from model_version as version
       join model on model.id = version.model_id join run on run.id = version.trained_by_run_id
       where model.slug = $1 and run.id = $2`,
      [slug, run],
    );
    const [found, ...others] = rows;
    if (found === undefined || others.length > 0) throw new Error(`Expected one model, got ${rows.length}`);
    const history = await historiesOfRuns(this.#database, [run]);
    if (history.length !== this.#epochs)
      throw new Error(`Expected ${this.#epochs} epochs, got ${history.length}`);
    const kept = join(this.#config.checkpoints, found.fingerprint);
    await until(() => !existsSync(kept), "checkpoints to be removed");
    const { weightsSha256, steps, keptEpoch } = found.summary;
    return JSON.stringify([
      { weightsSha256, steps, keptEpoch, onnx: found.onnx },
      ...history.map(({ epoch: { seconds: _, ...epoch } }) => epoch),
    ]);
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

import { randomUUID } from "node:crypto";
import { operator } from "../../api/access/principal.ts";
import { type Config, readConfig } from "../../api/config.ts";
import type { Database } from "../../api/db/client.ts";
import { modelStoreOf } from "../../api/models/model-store.ts";
import { EvaluateService } from "../../api/predictions/evaluate/evaluate.service.ts";
import { ScratchFolder } from "../support/child-tasks.ts";
import { buildImages, buildModel, contentOf } from "../support/jobs/evaluation-fixture.ts";
import type { AskedRun, CampaignWork } from "./campaign.ts";

/** Evaluations of models with the same bytes on the same images. */
export class Evaluations implements CampaignWork, Disposable {
  readonly workerArguments: readonly string[] = [];
  readonly #database: Database;
  readonly #config: Config;
  readonly #images: number;
  readonly #folder = new ScratchFolder();
  #dataset = "";

  /** @param home - folder of the workers' state; {number} images - of each evaluation */
  constructor(database: Database, home: string, images: number) {
    this.#database = database;
    this.#config = readConfig({ STRATUM_HOME: home });
    this.#images = images;
  }

  async prepare(): Promise<void> {
    this.#dataset = (await buildImages(this.#database, this.#folder, this.#images)).slug;
  }

  /** A model of its own for each run, with the same bytes: each run is another request for the same numbers. */
  async ask(): Promise<AskedRun> {
    const store = modelStoreOf(this.#config);
    const slug = await buildModel(this.#database, store, this.#folder, `model-${randomUUID()}`);
    const service = new EvaluateService({ database: this.#database, config: this.#config });
    const request = {
      model: slug,
      dataset: this.#dataset,
      where: [],
      transforms: [],
      onBadImage: "fail",
    } as const;
    const { run } = await service.request(request, operator);
    return { slug, run: run.id };
  }

  async contentOf({ slug }: AskedRun): Promise<string> {
    const content = await contentOf(this.#database, this.#dataset, slug);
    if (content.length < 500)
      throw new Error(`Expected a whole evaluation, got ${content.length} characters`);
    return content;
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

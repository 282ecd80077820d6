import type { AuditStep, DatasetFacts, EvaluateStep } from "../../compute/index.ts";
import type { Principal } from "../access/principal.ts";
import type { Database } from "../db/client.ts";
import type { TrainService } from "../models/train/train.service.ts";
import type { ConfounderService } from "../predictions/confounders/confounder.service.ts";
import type { EvaluateRequest, EvaluateService } from "../predictions/evaluate/evaluate.service.ts";
import type { RunRecord } from "../runs/run.queries.ts";
import type { AuditParams } from "./audit-params.ts";
import {
  evaluateRequestOf,
  fitRequestOf,
  heldOutOf,
  neededBy,
  type StepResult,
  type TrainedVersion,
  trainRequestOf,
} from "./audit-steps.ts";
import { findAuditDataset } from "./dataset-facts.ts";
import { ensureHeldOutSplit } from "./held-out-patients.ts";

/** The services that carry out the kinds of steps. */
export interface StepServices {
  readonly train: TrainService;
  readonly evaluate: EvaluateService;
  readonly confounders: ConfounderService;
}

/** Asks for the runs that the steps of one audit are. */
export class StepRequests {
  readonly #services: StepServices;
  readonly #params: AuditParams;
  readonly #facts: readonly DatasetFacts[];
  readonly #database: Database;

  constructor(
    database: Database,
    services: StepServices,
    params: AuditParams,
    facts: readonly DatasetFacts[],
  ) {
    this.#database = database;
    this.#services = services;
    this.#params = params;
    this.#facts = facts;
  }

  /**
   * Queues the run of a step, or finds it.
   *
   * @param needed - what the step that it needs has made
   * @throws {ServiceError} {ComputeError} {ModelError} as the service of its kind
   */
  async request(
    step: AuditStep,
    needed: StepResult | undefined,
    principal: Principal,
  ): Promise<{ readonly run: RunRecord; readonly created: boolean }> {
    const { train, evaluate, confounders } = this.#services;
    if (step.kind === "train") {
      return train.request(trainRequestOf(step, this.#params, this.#facts), principal);
    }
    if (step.kind === "fit") {
      return confounders.request(fitRequestOf(step, this.#params, needed?.run), principal);
    }
    if (step.part === "held-out patients") await this.#divide(step.dataset);
    return evaluate.request(this.#evaluation(step, needed?.model), principal);
  }

  /** Tells which patients of a dataset were held out of the first one. */
  async #divide(dataset: number): Promise<void> {
    const { datasets, settings } = this.#params;
    const [from, to] = [datasets[0], datasets[dataset]];
    if (from === undefined || to === undefined) throw new TypeError("Expected two datasets of the audit");
    const [first, second] = await Promise.all([
      findAuditDataset(this.#database, from),
      findAuditDataset(this.#database, to),
    ]);
    await ensureHeldOutSplit(this.#database, heldOutOf(0, datasets, settings, this.#facts), {
      from: first.version.id,
      to: second.version.id,
    });
  }

  /** The run of a step, where somebody has asked for it before; nothing is queued. @throws as `request` */
  async find(step: AuditStep, needed: StepResult | undefined): Promise<RunRecord | undefined> {
    const { train, evaluate, confounders } = this.#services;
    if (step.kind === "train") return train.find(trainRequestOf(step, this.#params, this.#facts));
    if (step.kind === "fit") return confounders.find(fitRequestOf(step, this.#params, needed?.run));
    return evaluate.find(this.#evaluation(step, needed?.model));
  }

  #evaluation(step: EvaluateStep, trained: TrainedVersion | undefined): EvaluateRequest {
    const model = neededBy(step) === undefined ? this.#params.settings.findingModel : trained;
    if (model === undefined) throw new TypeError("Expected the model that a step evaluates, got none");
    return evaluateRequestOf(step, this.#params, this.#facts, model);
  }
}

import type { Logger } from "pino";
import type { Config } from "./config.ts";
import { DatasetService } from "./datasets/dataset.service.ts";
import type { Database } from "./db/client.ts";
import { StratifiedAucService } from "./metrics/stratified-auc.service.ts";
import { EvaluationService } from "./predictions/evaluation.service.ts";

/** What services are made from; each takes what it needs. */
export interface ServiceDeps {
  readonly database: Database;
  readonly config: Config;
  readonly log: Logger;
}

/** One service a noun. A new noun adds one line here and one in `createServices`. */
export interface Services {
  readonly datasets: DatasetService;
  readonly evaluations: EvaluationService;
  readonly stratifiedAucs: StratifiedAucService;
}

/** Makes the services; they hold no state of their own beyond caches, so one set serves the whole process. */
export function createServices(deps: ServiceDeps): Services {
  const evaluations = new EvaluationService(deps);
  return Object.freeze({
    datasets: new DatasetService(deps),
    evaluations,
    stratifiedAucs: new StratifiedAucService(evaluations),
  });
}

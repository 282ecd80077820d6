import type { Logger } from "pino";
import { TokenService } from "./access/token.service.ts";
import type { Config } from "./config.ts";
import { DatasetService } from "./datasets/dataset.service.ts";
import type { Database } from "./db/client.ts";
import { MetricService } from "./metrics/metric.service.ts";
import { StratifiedAucService } from "./metrics/stratified-auc.service.ts";
import { EvaluationService } from "./predictions/evaluation.service.ts";
import { ImportService } from "./predictions/import/import.service.ts";
import { ImportUploadService } from "./predictions/import/import-upload.service.ts";
import { UploadService } from "./predictions/upload.service.ts";

/** What services are made from; each takes what it needs. */
export interface ServiceDeps {
  readonly database: Database;
  readonly config: Config;
  readonly log: Logger;
}

/** One service a noun. A new noun adds one line here and one in `createServices`. */
export interface Services {
  readonly tokens: TokenService;
  readonly datasets: DatasetService;
  readonly evaluations: EvaluationService;
  readonly imports: ImportService;
  readonly stratifiedAucs: StratifiedAucService;
  readonly metrics: MetricService;
  readonly uploads: UploadService;
  readonly uploadedImports: ImportUploadService;
}

/** Makes the services; they hold no state of their own beyond caches, so one set serves the whole process. */
export function createServices(deps: ServiceDeps): Services {
  const evaluations = new EvaluationService(deps);
  const imports = new ImportService(deps.database);
  const uploads = new UploadService(deps);
  const stratifiedAucs = new StratifiedAucService(evaluations);
  return Object.freeze({
    tokens: new TokenService(deps),
    datasets: new DatasetService(deps),
    evaluations,
    imports,
    stratifiedAucs,
    metrics: new MetricService(deps, stratifiedAucs),
    uploads,
    uploadedImports: new ImportUploadService(deps.database, { imports, uploads, evaluations }),
  });
}

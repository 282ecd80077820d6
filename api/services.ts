import type { Logger } from "pino";
import { TokenService } from "./access/token.service.ts";
import { AuditService } from "./audits/audit.service.ts";
import { AuditReportService } from "./audits/audit-report.service.ts";
import type { Config } from "./config.ts";
import { DatasetService } from "./datasets/dataset.service.ts";
import { DatasetVersionService } from "./datasets/dataset-version.service.ts";
import { DatasetImportService } from "./datasets/import/dataset-import.service.ts";
import { DatasetImportApiService } from "./datasets/import/dataset-import-api.service.ts";
import { MaskImportApiService } from "./datasets/masks/mask-import-api.service.ts";
import type { Database } from "./db/client.ts";
import { ExperimentService } from "./experiments/experiment.service.ts";
import { MetaAnalysisService } from "./meta-analyses/meta-analysis.service.ts";
import { CalibrationService } from "./metrics/calibration.service.ts";
import { CompareAucService } from "./metrics/compare-auc.service.ts";
import { GapsService } from "./metrics/gaps.service.ts";
import { MetricService } from "./metrics/metric.service.ts";
import { RocCurveService } from "./metrics/roc-curve.service.ts";
import { StratifiedAucService } from "./metrics/stratified-auc.service.ts";
import { ModelService } from "./models/model.service.ts";
import { ModelRegistrationService } from "./models/model-registration.service.ts";
import { TrainService } from "./models/train/train.service.ts";
import { PluginService } from "./plugins/plugin.service.ts";
import { ConfounderService } from "./predictions/confounders/confounder.service.ts";
import { EvaluateService } from "./predictions/evaluate/evaluate.service.ts";
import { EvaluationService } from "./predictions/evaluation.service.ts";
import { EvaluationListService } from "./predictions/evaluation-lists.ts";
import { ImportService } from "./predictions/import/import.service.ts";
import { ImportUploadService } from "./predictions/import/import-upload.service.ts";
import { SaliencySheetService } from "./predictions/saliency/saliency-sheet.service.ts";
import { UploadService } from "./predictions/upload.service.ts";
import { PublicationService } from "./publications/publication.service.ts";
import { RunService } from "./runs/run.service.ts";

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
  readonly versions: DatasetVersionService;
  readonly datasetImports: DatasetImportApiService;
  readonly maskImports: MaskImportApiService;
  readonly models: ModelService;
  readonly modelRegistrations: ModelRegistrationService;
  readonly train: TrainService;
  readonly confounders: ConfounderService;
  readonly audits: AuditService;
  readonly auditReports: AuditReportService;
  readonly publications: PublicationService;
  readonly experiments: ExperimentService;
  readonly runs: RunService;
  readonly plugins: PluginService;
  readonly evaluate: EvaluateService;
  readonly evaluations: EvaluationService;
  readonly evaluationLists: EvaluationListService;
  readonly saliencySheets: SaliencySheetService;
  readonly imports: ImportService;
  readonly stratifiedAucs: StratifiedAucService;
  readonly rocCurves: RocCurveService;
  readonly comparisons: CompareAucService;
  readonly gaps: GapsService;
  readonly calibrations: CalibrationService;
  readonly metrics: MetricService;
  readonly metaAnalyses: MetaAnalysisService;
  readonly uploads: UploadService;
  readonly uploadedImports: ImportUploadService;
}

/** Makes the services; they hold no state of their own beyond caches, so one set serves the whole process. */
export function createServices(deps: ServiceDeps): Services {
  const evaluations = new EvaluationService(deps);
  const imports = new ImportService(deps.database);
  const uploads = new UploadService(deps);
  const stratifiedAucs = new StratifiedAucService(evaluations);
  const metrics = new MetricService(deps, stratifiedAucs);
  const train = new TrainService(deps);
  const evaluate = new EvaluateService(deps);
  const confounders = new ConfounderService(deps);
  return Object.freeze({
    tokens: new TokenService(deps),
    datasets: new DatasetService(deps),
    versions: new DatasetVersionService(deps),
    datasetImports: new DatasetImportApiService(deps, {
      imports: new DatasetImportService(deps.database, deps.config.imageRoots),
      uploads,
    }),
    maskImports: new MaskImportApiService(deps, uploads),
    models: new ModelService(deps),
    modelRegistrations: new ModelRegistrationService(deps, uploads),
    train,
    confounders,
    audits: new AuditService(deps, { train, evaluate, confounders }),
    auditReports: new AuditReportService(deps),
    publications: new PublicationService(deps),
    experiments: new ExperimentService(deps, stratifiedAucs.frames),
    runs: new RunService(deps),
    plugins: new PluginService(),
    evaluate,
    evaluations,
    evaluationLists: new EvaluationListService(deps, evaluations),
    saliencySheets: new SaliencySheetService(deps),
    imports,
    stratifiedAucs,
    comparisons: new CompareAucService(stratifiedAucs.frames),
    rocCurves: new RocCurveService(stratifiedAucs.frames),
    gaps: new GapsService(stratifiedAucs.frames),
    calibrations: new CalibrationService(stratifiedAucs.frames),
    metrics,
    metaAnalyses: new MetaAnalysisService(deps, metrics),
    uploads,
    uploadedImports: new ImportUploadService(deps.database, { imports, uploads, evaluations }),
  });
}

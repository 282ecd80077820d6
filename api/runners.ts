import { availableParallelism } from "node:os";
import { AuditRunner } from "./audits/audit-runner.ts";
import type { Config } from "./config.ts";
import { DatasetImportRunner } from "./datasets/import/dataset-import-runner.ts";
import { modelStoreOf } from "./models/model-store.ts";
import { TrainingRunner } from "./models/train/training-runner.ts";
import { ConfounderRunner } from "./predictions/confounders/confounder-runner.ts";
import { EvaluationRunner } from "./predictions/evaluate/evaluation-runner.ts";
import type { Runners } from "./runs/runner.ts";

/**
 * Who does the work of each kind of run. A new kind adds its line.
 *
 * @param concurrency - how many runs at once: the processors are divided among them
 */
export function createRunners(config: Config, concurrency: number): Runners {
  const threads =
    concurrency === 1 ? {} : { threads: Math.max(1, Math.floor(availableParallelism() / concurrency)) };
  const models = modelStoreOf(config);
  return Object.freeze({
    evaluation: new EvaluationRunner({ models, ...threads }),
    training: new TrainingRunner({ models, ...threads }),
    confounders: new ConfounderRunner(),
    audit: new AuditRunner(),
    import: new DatasetImportRunner(),
  });
}

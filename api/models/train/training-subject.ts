import type { ModelOutput, Preprocessing } from "../../../compute/index.ts";
import type { Database, Db } from "../../db/client.ts";
import { type EvaluationSubject, findComputable, findImages } from "../../predictions/evaluate/subject.ts";
import { planUnstored } from "../../predictions/evaluate/unstored-columns.ts";
import type { EvaluationPlan } from "../../predictions/evaluation-columns.ts";
import type { ModelRecord, ModelVersionRecord } from "../model.queries.ts";
import type { taskOf } from "./training-params.ts";

/** A registered model that training may start from. */
export interface InitialModel {
  readonly model: ModelRecord;
  readonly modelVersion: ModelVersionRecord;
  readonly onnxSha256: string;
  readonly preprocessing: Preprocessing;
  readonly output: ModelOutput;
}

/** What is trained on, and from. */
export interface TrainingSubject extends Pick<EvaluationSubject, "dataset" | "version"> {
  readonly initial: InitialModel | undefined;
}

/** Slugs, and version numbers; without a number the newest that is fit. */
export interface TrainingNames {
  readonly dataset: string;
  readonly datasetVersion?: number | null | undefined;
  readonly initial?:
    | { readonly model?: string | null | undefined; readonly modelVersion?: number | null | undefined }
    | null
    | undefined;
}

/**
 * Finds a version of a dataset whose image files are known, and the model to start from where one is named.
 *
 * @throws {ServiceError} NOT_FOUND; BAD_USER_INPUT when there are no files or no bytes
 */
export async function findTrainingSubject(db: Db, names: TrainingNames): Promise<TrainingSubject> {
  const images = await findImages(db, names);
  const { model, modelVersion } = names.initial ?? {};
  if (model == null) return { ...images, initial: undefined };
  return { ...images, initial: await findComputable(db, { model, modelVersion }) };
}

/** The plan of an evaluation of a model that is still to be trained; without a task, of its dataset's columns only. */
export function planTraining(
  database: Pick<Database, "db">,
  { dataset, version }: Pick<TrainingSubject, "dataset" | "version">,
  task: ReturnType<typeof taskOf> = { taskKind: "binary", taskAttribute: "", classes: [], classLevels: null },
): Promise<EvaluationPlan> {
  const model = { id: 0 };
  return planUnstored(database, { dataset, version, model, modelVersion: { id: 0, ...task } });
}

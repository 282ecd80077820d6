import type { ModelOutput, Preprocessing } from "../../../compute/index.ts";
import { type DatasetRecord, findDatasetBySlug } from "../../datasets/dataset.queries.ts";
import { type DatasetVersionRecord, frozenVersionsOf } from "../../datasets/dataset-version.queries.ts";
import type { Db } from "../../db/client.ts";
import { ServiceError } from "../../errors.ts";
import { badInput } from "../../metrics/question.ts";
import {
  findModelBySlug,
  type ModelRecord,
  type ModelVersionRecord,
  versionsOfModels,
} from "../../models/model.queries.ts";

/** What is evaluated on what. */
export interface EvaluationSubject {
  readonly dataset: DatasetRecord;
  readonly version: DatasetVersionRecord;
  readonly model: ModelRecord;
  readonly modelVersion: ModelVersionRecord;
  readonly onnxSha256: string;
  readonly preprocessing: Preprocessing;
  readonly output: ModelOutput;
}

/** Slugs, and version numbers; without a number the newest that can be evaluated. */
export interface SubjectNames {
  readonly dataset: string;
  readonly datasetVersion?: number | null | undefined;
  readonly model: string;
  readonly modelVersion?: number | null | undefined;
}

/**
 * Finds a version of a dataset whose image files are known, and a version of a model whose bytes are here.
 *
 * @throws {ServiceError} NOT_FOUND; BAD_USER_INPUT when there are no files or no bytes
 */
export async function findSubject(db: Db, names: SubjectNames): Promise<EvaluationSubject> {
  return { ...(await findImages(db, names)), ...(await findComputable(db, names)) };
}

/**
 * Finds a version of a dataset whose image files are known.
 *
 * @throws {ServiceError} NOT_FOUND; BAD_USER_INPUT when there are no files
 */
export async function findImages(
  db: Db,
  names: Pick<SubjectNames, "dataset" | "datasetVersion">,
): Promise<Pick<EvaluationSubject, "dataset" | "version">> {
  const dataset = await findDatasetBySlug(db, names.dataset);
  if (dataset === undefined) throw notFound("the slug of a dataset", names.dataset);
  const versions = await frozenVersionsOf(db, [dataset.id]);
  const version = versions.find(numbered(names.datasetVersion, ({ files }) => files !== null));
  if (version === undefined) {
    throw names.datasetVersion == null
      ? badInput("Expected a dataset with image files, got one with predictions only; import its images")
      : notFound("a version of the dataset", String(names.datasetVersion));
  }
  if (version.files === null) {
    throw badInput("Expected a version with image files, got one with predictions only; import its images");
  }
  return { dataset, version };
}

/**
 * Finds a version of a model whose bytes are here.
 *
 * @throws {ServiceError} NOT_FOUND; BAD_USER_INPUT when there are no bytes
 */
export async function findComputable(
  db: Db,
  names: Pick<SubjectNames, "model" | "modelVersion">,
): Promise<Omit<EvaluationSubject, "dataset" | "version">> {
  const model = await findModelBySlug(db, names.model);
  if (model === undefined) throw notFound("the slug of a model", names.model);
  const modelVersions = await versionsOfModels(db, [model.id]);
  const modelVersion = modelVersions.find(
    numbered(names.modelVersion, ({ onnxSha256 }) => onnxSha256 !== null),
  );
  if (modelVersion === undefined && names.modelVersion != null) {
    throw notFound("a version of the model", String(names.modelVersion));
  }
  return { model, ...computable(modelVersion) };
}

function numbered<Version extends { readonly version: number }>(
  wanted: number | null | undefined,
  isFit: (version: Version) => boolean,
): (version: Version) => boolean {
  return (version) => (wanted == null ? isFit(version) : version.version === wanted);
}

function computable(
  modelVersion: ModelVersionRecord | undefined,
): Pick<EvaluationSubject, "modelVersion" | "onnxSha256" | "preprocessing" | "output"> {
  const output = modelVersion?.outputs?.find(({ activation }) => activation !== undefined);
  if (
    modelVersion?.onnxSha256 == null ||
    modelVersion.normalisation === null ||
    output?.activation === undefined
  ) {
    throw badInput(
      "Expected a model whose bytes are here, got one with predictions only; register its ONNX file",
    );
  }
  return {
    modelVersion,
    onnxSha256: modelVersion.onnxSha256,
    preprocessing: modelVersion.normalisation,
    output: { name: output.name, activation: output.activation },
  };
}

function notFound(what: string, got: string): ServiceError {
  return new ServiceError("NOT_FOUND", `Expected ${what}, got "${got.slice(0, 100)}"`);
}

import { findDatasetBySlug } from "../../datasets/dataset.queries.ts";
import { frozenVersionsOf } from "../../datasets/dataset-version.queries.ts";
import type { Db } from "../../db/client.ts";
import { ServiceError } from "../../errors.ts";
import type { EvaluationSubject } from "../evaluate/subject.ts";

/**
 * Finds a version of a dataset, with image files or without: no pixel is read.
 *
 * @throws {ServiceError} NOT_FOUND
 */
export async function findRecorded(
  db: Db,
  names: { readonly dataset: string; readonly datasetVersion?: number | null | undefined },
): Promise<Pick<EvaluationSubject, "dataset" | "version">> {
  const dataset = await findDatasetBySlug(db, names.dataset);
  if (dataset === undefined) throw notFound("the slug of a dataset", names.dataset);
  const versions = await frozenVersionsOf(db, [dataset.id]);
  const version = versions.find(
    (one) => names.datasetVersion == null || one.version === names.datasetVersion,
  );
  if (version === undefined)
    throw notFound("a version of the dataset", String(names.datasetVersion ?? "none frozen"));
  return { dataset, version };
}

function notFound(what: string, got: string): ServiceError {
  return new ServiceError("NOT_FOUND", `Expected ${what}, got "${got.slice(0, 100)}"`);
}

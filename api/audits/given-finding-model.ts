import type { AuditSettings, DatasetFacts, GivenFindingModel } from "../../compute/index.ts";
import type { Db } from "../db/client.ts";
import { badInput } from "../metrics/question.ts";
import { readTrainingParams, type TrainingParams } from "../models/train/training-params.ts";
import { findComputable } from "../predictions/evaluate/subject.ts";
import { runsByIds } from "../runs/run.queries.ts";
import { storedParams } from "../runs/stored-params.ts";
import { testFold, validationFold } from "./audit-steps.ts";

/** More trainings than this, each from the model of the one before, are a circle. */
const MOST_TRAININGS = 20;

/**
 * Finds the model of findings that an audit is asked to use.
 *
 * @param name - `SLUG`, or `SLUG:VERSION`; without a version the newest whose bytes are here
 * @param facts - of the datasets of the audit, in order
 * @throws {ServiceError} NOT_FOUND; BAD_USER_INPUT where it has no bytes, or may have learnt from patients that it would be tested on
 */
export async function givenFindingModel(
  db: Db,
  name: string,
  settings: Pick<AuditSettings, "folds" | "splitSeed" | "reciprocal">,
  facts: readonly DatasetFacts[],
): Promise<GivenFindingModel> {
  const [, slug = name, version] = /^(.*):([0-9]{1,9})$/s.exec(name) ?? [];
  const found = await findComputable(db, {
    model: slug,
    modelVersion: version === undefined ? null : Number(version),
  });
  const { modelVersion, onnxSha256 } = found;
  const trainings = await trainingsOf(db, modelVersion.trainedByRunId);
  const knowsValidationOf = new Set<number>();
  for (const params of trainings) {
    for (const [site, dataset] of facts.entries()) {
      if (dataset.slug !== params.dataset || (site > 0 && !settings.reciprocal)) continue;
      if (!isNewTo(params, dataset, settings)) {
        throw badInput(
          `Expected a model of findings that has learnt from no patient of the part of ${dataset.slug} for tests, got one that may have; train one on another part, or name none`,
        );
      }
      if (!isNewToValidation(params, dataset, settings)) knowsValidationOf.add(site);
    }
  }
  const tellsFindings = modelVersion.taskKind === "multilabel" && modelVersion.taskAttribute === "finding";
  return {
    slug: found.model.slug,
    version: modelVersion.version,
    onnxSha256,
    findings: tellsFindings ? [...modelVersion.classes] : [],
    isTrainedHere: trainings.length > 0,
    knowsValidationOf: [...knowsValidationOf].sort((a, b) => a - b),
  };
}

/** What the training of a model was asked, and that of the model it started from, and so on. */
async function trainingsOf(db: Db, runId: number | null): Promise<readonly TrainingParams[]> {
  const trainings: TrainingParams[] = [];
  for (let next = runId; next !== null && trainings.length < MOST_TRAININGS; ) {
    const [run] = await runsByIds(db, [next]);
    if (run?.kind !== "training") break;
    const params = storedParams(run, readTrainingParams);
    trainings.push(params);
    const { initial } = params;
    next =
      initial === null
        ? null
        : (await findComputable(db, { model: initial.model, modelVersion: initial.version })).modelVersion
            .trainedByRunId;
  }
  return trainings;
}

type Division = Pick<AuditSettings, "folds" | "splitSeed">;

/** Whether a training has learnt from nothing of the part for tests. */
function isNewTo(params: TrainingParams, { version, split }: DatasetFacts, settings: Division): boolean {
  if (params.datasetVersion !== version) return false;
  const held = testFold(settings).split;
  return split === null
    ? params.heldOut?.split.name === held.name && params.heldOut.split.part === held.part
    : params.training?.name === split.name && params.training.part === split.train;
}

/** Whether it has learnt from nothing of the part that thresholds are chosen on. */
function isNewToValidation(
  { validation }: TrainingParams,
  { split }: DatasetFacts,
  settings: Division,
): boolean {
  if (split?.validation != null) return true;
  const fold = validationFold(settings).split;
  return (
    validation.kind === "fold" && validation.split.name === fold.name && validation.split.part === fold.part
  );
}

import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import type { Context } from "../context.ts";
import type { DatasetVersionRecord } from "../datasets/dataset-version.queries.ts";
import { DatasetVersion } from "../datasets/dataset-version.type.ts";
import type { ModelRecord, ModelVersionRecord } from "../models/model.queries.ts";
import { Model, ModelVersion } from "../models/model.type.ts";
import type { RunRecord } from "../runs/run.queries.ts";
import { Run } from "../runs/run.type.ts";
import type { EvaluationRecord } from "./evaluation.queries.ts";
import { Evaluation } from "./evaluation.type.ts";

/** What an evaluation was made from. */
@Resolver(() => Evaluation)
export class EvaluationLinksResolver {
  @FieldResolver(() => Model, { description: "The model that gave the scores." })
  model(@Root() evaluation: EvaluationRecord, @Ctx() { load }: Context): ModelRecord | Promise<ModelRecord> {
    return load.model.load(evaluation.modelId);
  }

  @FieldResolver(() => ModelVersion, { description: "The version of the model that gave the scores." })
  modelVersion(@Root() evaluation: EvaluationRecord, @Ctx() { load }: Context): Promise<ModelVersionRecord> {
    return load.modelVersion.load(evaluation.modelVersionId);
  }

  @FieldResolver(() => DatasetVersion, {
    description: "The version of the dataset whose images were scored.",
  })
  datasetVersion(
    @Root() evaluation: EvaluationRecord,
    @Ctx() { load }: Context,
  ): Promise<DatasetVersionRecord> {
    return load.datasetVersion.load(evaluation.datasetVersionId);
  }

  @FieldResolver(() => Run, {
    description: "The run that recorded it: what was imported or evaluated, and how.",
  })
  run(@Root() evaluation: EvaluationRecord, @Ctx() { load }: Context): Promise<RunRecord> {
    return load.run.load(evaluation.runId);
  }
}

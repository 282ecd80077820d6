import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { hasRowRights } from "../access/disclosure.ts";
import type { Context } from "../context.ts";
import type { DatasetVersionRecord } from "../datasets/dataset-version.queries.ts";
import { DatasetVersion } from "../datasets/dataset-version.type.ts";
import type { ModelRecord, ModelVersionRecord } from "../models/model.queries.ts";
import { Model, ModelVersion } from "../models/model.type.ts";
import type { RunRecord } from "../runs/run.queries.ts";
import { Run } from "../runs/run.type.ts";
import type { EvaluationRecord } from "./evaluation.queries.ts";
import { Companion, Evaluation } from "./evaluation.type.ts";
import { companionsOf } from "./saliency/companions.ts";

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

  @FieldResolver(() => [Companion], {
    description:
      "Files that the run left beside the scores, such as saliency maps; how they were made is in its `params`. None without row-level rights.",
  })
  async companions(
    @Root() evaluation: EvaluationRecord,
    @Ctx() { load, principal }: Context,
  ): Promise<readonly Companion[]> {
    if (!hasRowRights(principal.role(evaluation.datasetId))) return [];
    const found = companionsOf(await load.run.load(evaluation.runId));
    return found?.files.map((file) => ({ ...file, folder: found.folder })) ?? [];
  }
}

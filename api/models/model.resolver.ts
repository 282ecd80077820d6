import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import type { Context } from "../context.ts";
import { encodeId } from "../graphql/node-id.ts";
import { type Connection, PageArgs } from "../graphql/paging.ts";
import type { EvaluationRecord } from "../predictions/evaluation.queries.ts";
import { EvaluationConnection } from "../predictions/evaluation.type.ts";
import type { RunRecord } from "../runs/run.queries.ts";
import { Run } from "../runs/run.type.ts";
import type { ModelRecord, ModelVersionRecord } from "./model.queries.ts";
import { Model, ModelConnection, ModelFilter, ModelVersion } from "./model.type.ts";
import { ModelGraph, ModelTensor } from "./model-signature.type.ts";
import { toModelGraph, toModelTensor } from "./model-signature-answer.ts";
import { Preprocessing } from "./preprocessing.type.ts";

/** Queries for models and the fields that need a look-up. */
@Resolver(() => Model)
export class ModelResolver {
  @Query(() => Model, { nullable: true, description: "The model with this slug, or null." })
  model(
    @Arg("slug", () => String, { description: "Slug of the model." }) slug: string,
    @Ctx() { services }: Context,
  ): Promise<ModelRecord | undefined> {
    return services.models.findBySlug(slug);
  }

  @Query(() => ModelConnection, { description: "Models in order of slug." })
  models(
    @Arg("filter", () => ModelFilter, { nullable: true, description: "Which models; null is all." })
    filter: ModelFilter | null,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { services }: Context,
  ): Promise<Connection<ModelRecord>> {
    return services.models.page(filter ?? {}, page);
  }

  @FieldResolver(() => ID, { description: "Opaque id, stable for ever." })
  id(@Root() model: ModelRecord): string {
    return encodeId("Model", model.id);
  }

  @FieldResolver(() => [ModelVersion], { description: "Its versions, the newest first." })
  versions(@Root() model: ModelRecord, @Ctx() { load }: Context): Promise<readonly ModelVersionRecord[]> {
    return load.versionsOfModel.load(model.id);
  }

  @FieldResolver(() => EvaluationConnection, { description: "Its evaluations, the newest first." })
  evaluations(
    @Root() model: ModelRecord,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { load }: Context,
  ): Promise<Connection<EvaluationRecord>> {
    return load.evaluations.of("model", model, page);
  }
}

/** Fields of model versions that need a look-up. */
@Resolver(() => ModelVersion)
export class ModelVersionResolver {
  @FieldResolver(() => ID, { description: "Opaque id, stable for ever." })
  id(@Root() version: ModelVersionRecord): string {
    return encodeId("ModelVersion", version.id);
  }

  @FieldResolver(() => Preprocessing, {
    nullable: true,
    description: "How pixels become its input; null when its bytes are not here.",
  })
  preprocessing(@Root() { normalisation }: ModelVersionRecord): Preprocessing | null {
    return normalisation;
  }

  @FieldResolver(() => [ModelTensor], {
    nullable: true,
    description: "What goes in, by the model's own word; null when its bytes are not here.",
  })
  inputs(@Root() { inputs }: ModelVersionRecord): readonly ModelTensor[] | null {
    return inputs?.map(toModelTensor) ?? null;
  }

  @FieldResolver(() => [ModelTensor], {
    nullable: true,
    description: "What comes out, by the model's own word; null when its bytes are not here.",
  })
  outputs(@Root() { outputs }: ModelVersionRecord): readonly ModelTensor[] | null {
    return outputs?.map(toModelTensor) ?? null;
  }

  @FieldResolver(() => ModelGraph, {
    nullable: true,
    description: "What its graph holds; null when its bytes are not here.",
  })
  graph(@Root() { graph }: ModelVersionRecord): ModelGraph | null {
    return graph && toModelGraph(graph);
  }

  @FieldResolver(() => Model, { description: "The model it is a version of." })
  model(@Root() version: ModelVersionRecord, @Ctx() { load }: Context): ModelRecord | Promise<ModelRecord> {
    return load.model.load(version.modelId);
  }

  @FieldResolver(() => Run, {
    nullable: true,
    description: "The run that trained it; null when it came from elsewhere.",
  })
  trainedBy(
    @Root() { trainedByRunId }: ModelVersionRecord,
    @Ctx() { load }: Context,
  ): Promise<RunRecord> | null {
    return trainedByRunId === null ? null : load.run.load(trainedByRunId);
  }
}

import type { GraphQLResolveInfo } from "graphql";
import { Arg, Args, Ctx, FieldResolver, ID, Info, Query, Resolver, Root } from "type-graphql";
import { discloseCount } from "../access/disclosure.ts";
import type { Context } from "../context.ts";
import type { DatasetRecord } from "../datasets/dataset.queries.ts";
import { Dataset } from "../datasets/dataset.type.ts";
import { decodeId, encodeId } from "../graphql/node-id.ts";
import { type Connection, PageArgs } from "../graphql/paging.ts";
import { SafeInt } from "../graphql/scalars.ts";
import { selectedNodeFields } from "../graphql/selection.ts";
import { newestFirst } from "../metrics/metric.service.ts";
import { MetricConnection, MetricOrder } from "../metrics/metric.type.ts";
import type { MetricView } from "../metrics/metric-disclosure.ts";
import type { EvaluationRecord } from "./evaluation.queries.ts";
import type { DividingAttribute as Dividing } from "./evaluation.service.ts";
import {
  DividingAttribute,
  Evaluation,
  EvaluationConnection,
  EvaluationFilter,
  Task,
} from "./evaluation.type.ts";

/** Queries for evaluations and the fields that need a look-up. */
@Resolver(() => Evaluation)
export class EvaluationResolver {
  @Query(() => Evaluation, { nullable: true, description: "The evaluation with this id, or null." })
  evaluation(
    @Arg("id", () => ID, { description: "Id of the evaluation." }) id: string,
    @Ctx() { services }: Context,
  ): Promise<EvaluationRecord | undefined> {
    return services.evaluations.find(decodeId("Evaluation", id));
  }

  @Query(() => EvaluationConnection, { description: "Evaluations, the newest first." })
  evaluations(
    @Arg("filter", () => EvaluationFilter, { nullable: true, description: "Which evaluations; null is all." })
    filter: EvaluationFilter | null,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { services }: Context,
  ): Promise<Connection<EvaluationRecord>> {
    return services.evaluations.page(filter ?? {}, page);
  }

  @FieldResolver(() => ID, { description: "Opaque id, stable for ever." })
  id(@Root() evaluation: EvaluationRecord): string {
    return encodeId("Evaluation", evaluation.id);
  }

  @FieldResolver(() => Dataset, { description: "The dataset whose images were scored." })
  dataset(
    @Root() evaluation: EvaluationRecord,
    @Ctx() { load }: Context,
  ): DatasetRecord | Promise<DatasetRecord> {
    return load.dataset.load(evaluation.datasetId);
  }

  @FieldResolver(() => SafeInt, {
    description: "Images with at least one score; to the nearest 5 without row-level rights.",
  })
  scoredCount(@Root() evaluation: EvaluationRecord, @Ctx() { principal }: Context): number {
    return discloseCount(evaluation.scoredCount, principal.role(evaluation.datasetId));
  }

  @FieldResolver(() => SafeInt, {
    description:
      "Scores recorded as unknown, over all images and classes; to the nearest 5 without row-level rights.",
  })
  missingScoreCount(@Root() evaluation: EvaluationRecord, @Ctx() { principal }: Context): number {
    return discloseCount(evaluation.missingScoreCount, principal.role(evaluation.datasetId));
  }

  @FieldResolver(() => [DividingAttribute], { description: "What `by` and `where` can name, by name." })
  attributes(
    @Root() evaluation: EvaluationRecord,
    @Ctx() { services, principal }: Context,
  ): Promise<readonly Dividing[]> {
    return services.evaluations.attributes(evaluation, principal);
  }

  @FieldResolver(() => Task, { description: "What the model decides." })
  task(@Root() { taskKind: kind, taskAttribute: attribute, classes }: EvaluationRecord): Task {
    return { kind, attribute, classes };
  }

  @FieldResolver(() => MetricConnection, {
    description: "Metric records computed from it, the newest first unless ordered.",
  })
  metrics(
    @Root() evaluation: EvaluationRecord,
    @Arg("orderBy", () => MetricOrder, { nullable: true, description: "In which order." })
    orderBy: MetricOrder | null,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { services, principal }: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<MetricView>> {
    return services.metrics.page(
      { evaluation: evaluation.id },
      orderBy ?? newestFirst,
      page,
      principal,
      selectedNodeFields(info),
    );
  }
}

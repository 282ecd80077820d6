import type { GraphQLResolveInfo } from "graphql";
import { Arg, Args, Ctx, FieldResolver, ID, Info, Mutation, Query, Resolver, Root } from "type-graphql";
import type { Context } from "../context.ts";
import type { DatasetRecord } from "../datasets/dataset.queries.ts";
import { Dataset } from "../datasets/dataset.type.ts";
import { decodeId } from "../graphql/node-id.ts";
import { type Connection, PageArgs } from "../graphql/paging.ts";
import { selectedNodeFields } from "../graphql/selection.ts";
import type { ModelRecord } from "../models/model.queries.ts";
import { Model } from "../models/model.type.ts";
import type { EvaluationRecord } from "../predictions/evaluation.queries.ts";
import { Evaluation } from "../predictions/evaluation.type.ts";
import { Publication } from "../publications/publication.type.ts";
import type { PublicationRecord } from "../publications/publication-list.queries.ts";
import { newestFirst, type RecordedMetrics } from "./metric.service.ts";
import {
  MetricConnection,
  MetricFilter,
  MetricOrder,
  MetricRecord,
  RecordMetricsPayload,
} from "./metric.type.ts";
import type { MetricView } from "./metric-disclosure.ts";
import { toAucRequest, toMetricSelection } from "./request.ts";
import { StratifiedAucInput } from "./stratified-auc.type.ts";

/** Metric records: reading and making them. */
@Resolver(() => MetricRecord)
export class MetricResolver {
  @Query(() => MetricRecord, { nullable: true, description: "The metric record with this id, or null." })
  metric(
    @Arg("id", () => ID, { description: "Id of the record." }) id: string,
    @Ctx() { services, principal }: Context,
  ): Promise<MetricView | undefined> {
    return services.metrics.find(decodeId("MetricRecord", id), principal);
  }

  @Query(() => MetricConnection, {
    description: "Metric records, computed and published; the newest first unless ordered.",
  })
  metrics(
    @Arg("filter", () => MetricFilter, { nullable: true, description: "Which records; null is all." })
    filter: MetricFilter | null,
    @Arg("orderBy", () => MetricOrder, { nullable: true, description: "In which order." })
    orderBy: MetricOrder | null,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { services, principal }: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<MetricView>> {
    return services.metrics.page(
      toMetricSelection(filter),
      orderBy ?? newestFirst,
      page,
      principal,
      selectedNodeFields(info),
    );
  }

  @Mutation(() => RecordMetricsPayload, {
    description:
      "Computes a stratified AUC and stores every cell as a metric record. The same request twice gives the same records. For stewards of the dataset.",
  })
  recordMetrics(
    @Arg("input", () => StratifiedAucInput, { description: "What to compute and store." })
    input: StratifiedAucInput,
    @Ctx() { services, principal, signal }: Context,
  ): Promise<RecordedMetrics> {
    return services.metrics.record(toAucRequest(input), principal, signal);
  }

  @FieldResolver(() => Dataset, {
    nullable: true,
    description: "The dataset it was measured on; null where it spans several.",
  })
  dataset(
    @Root() record: MetricView,
    @Ctx() { load }: Context,
  ): DatasetRecord | Promise<DatasetRecord> | null {
    return record.datasetId === null ? null : load.dataset.load(record.datasetId);
  }

  @FieldResolver(() => Dataset, {
    nullable: true,
    description: "The dataset the model was trained on, where that is known.",
  })
  trainDataset(
    @Root() record: MetricView,
    @Ctx() { load }: Context,
  ): DatasetRecord | Promise<DatasetRecord> | null {
    return record.trainDatasetId === null ? null : load.dataset.load(record.trainDatasetId);
  }

  @FieldResolver(() => Evaluation, {
    nullable: true,
    description: "The evaluation it was computed from; null for published numbers.",
  })
  evaluation(@Root() record: MetricView, @Ctx() { load }: Context): Promise<EvaluationRecord> | null {
    return record.predictionSetId === null ? null : load.evaluation.load(record.predictionSetId);
  }

  @FieldResolver(() => Model, {
    nullable: true,
    description: "The model; null where a publication does not say.",
  })
  model(@Root() record: MetricView, @Ctx() { load }: Context): ModelRecord | Promise<ModelRecord> | null {
    return record.modelId === null ? null : load.model.load(record.modelId);
  }

  @FieldResolver(() => Publication, {
    nullable: true,
    description: "The publication it is printed in; null for computed numbers.",
  })
  publication(
    @Root() record: MetricView,
    @Ctx() { load }: Context,
  ): PublicationRecord | Promise<PublicationRecord> | null {
    return record.publicationId === null ? null : load.publication.load(record.publicationId);
  }
}

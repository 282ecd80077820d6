import type { GraphQLResolveInfo } from "graphql";
import { Arg, Args, Ctx, ID, Info, Mutation, Query, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import { decodeId } from "../graphql/node-id.ts";
import { type Connection, PageArgs } from "../graphql/paging.ts";
import { selectedNodeFields } from "../graphql/selection.ts";
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
}

import type { GraphQLResolveInfo } from "graphql";
import { Arg, Args, Ctx, FieldResolver, ID, Info, Query, Resolver, Root } from "type-graphql";
import type { Context } from "../context.ts";
import type { ExperimentRecord } from "../experiments/experiment.queries.ts";
import { Experiment } from "../experiments/experiment.type.ts";
import { encodeId } from "../graphql/node-id.ts";
import { type Connection, PageArgs } from "../graphql/paging.ts";
import { selectedNodeFields } from "../graphql/selection.ts";
import { newestFirst } from "../metrics/metric.service.ts";
import { MetricConnection } from "../metrics/metric.type.ts";
import type { MetricView } from "../metrics/metric-disclosure.ts";
import { toMetricSelection } from "../metrics/request.ts";
import { Discrepancy, DiscrepancyInstance, Publication, PublicationConnection } from "./publication.type.ts";
import type { DiscrepancyRecord, PublicationRecord } from "./publication-list.queries.ts";

/** Queries for publications and the fields that need a look-up. */
@Resolver(() => Publication)
export class PublicationResolver {
  @Query(() => Publication, {
    nullable: true,
    description: "The publication with this slug, in its newest version here, or null.",
  })
  publication(
    @Arg("slug", () => String, { description: "Slug of the publication." }) slug: string,
    @Ctx() { services }: Context,
  ): Promise<PublicationRecord | undefined> {
    return services.publications.findBySlug(slug);
  }

  @Query(() => PublicationConnection, {
    description: "Publications in order of slug, each in its newest version.",
  })
  publications(
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { services }: Context,
  ): Promise<Connection<PublicationRecord>> {
    return services.publications.page(page);
  }

  @FieldResolver(() => ID, { description: "Opaque id, stable for ever." })
  id(@Root() publication: PublicationRecord): string {
    return encodeId("Publication", publication.id);
  }

  @FieldResolver(() => [Discrepancy], { description: "Its inconsistencies, in order of their number." })
  discrepancies(
    @Root() publication: PublicationRecord,
    @Ctx() { load }: Context,
  ): Promise<readonly DiscrepancyRecord[]> {
    return load.discrepanciesOfPublication.load(publication.id);
  }

  @FieldResolver(() => [Experiment], { description: "Its experiments, in order of slug." })
  experiments(
    @Root() publication: PublicationRecord,
    @Ctx() { load }: Context,
  ): Promise<readonly ExperimentRecord[]> {
    return load.experimentsOfPublication.load(publication.id);
  }

  @FieldResolver(() => MetricConnection, { description: "Its numbers, as printed; those read last first." })
  metrics(
    @Root() { slug }: PublicationRecord,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { services, principal }: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<MetricView>> {
    return services.metrics.page(
      toMetricSelection({ publication: slug }),
      newestFirst,
      page,
      principal,
      selectedNodeFields(info),
    );
  }
}

/** Fields of discrepancies that need a look. */
@Resolver(() => Discrepancy)
export class DiscrepancyResolver {
  @FieldResolver(() => ID, { description: "Opaque id, stable for ever." })
  id(@Root() discrepancy: DiscrepancyRecord): string {
    return encodeId("Discrepancy", discrepancy.id);
  }

  @FieldResolver(() => [DiscrepancyInstance], { description: "Every place where it shows." })
  instances(@Root() { instances }: DiscrepancyRecord): readonly DiscrepancyInstance[] {
    return instances.map((instance) => ({
      ...instance,
      parsed: instance.parsed === null ? null : String(instance.parsed),
      recomputed: instance.recomputed === null ? null : String(instance.recomputed),
    }));
  }
}

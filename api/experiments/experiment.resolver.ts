import { Arg, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import type { Context } from "../context.ts";
import { encodeId } from "../graphql/node-id.ts";
import { Publication } from "../publications/publication.type.ts";
import type { PublicationRecord } from "../publications/publication-list.queries.ts";
import type { ExperimentRecord } from "./experiment.queries.ts";
import type { ExperimentResult as Result } from "./experiment.service.ts";
import { Experiment, ExperimentResult } from "./experiment.type.ts";

/** Queries for experiments and the fields that need a look-up. */
@Resolver(() => Experiment)
export class ExperimentResolver {
  @Query(() => [Experiment], {
    complexity: ({ childComplexity }) => 1 + 50 * childComplexity,
    description:
      "Every experiment: the protocols of the study's Table 2 in its order, then those of later work.",
  })
  experiments(@Ctx() { services }: Context): Promise<readonly ExperimentRecord[]> {
    return services.experiments.all();
  }

  @FieldResolver(() => ID, { description: "Opaque id, stable for ever." })
  id(@Root() experiment: ExperimentRecord): string {
    return encodeId("Experiment", experiment.id);
  }

  @FieldResolver(() => Publication, { nullable: true, description: "The publication that describes it." })
  publication(
    @Root() { publicationId }: ExperimentRecord,
    @Ctx() { load }: Context,
  ): PublicationRecord | Promise<PublicationRecord> | null {
    return publicationId === null ? null : load.publication.load(publicationId);
  }

  @FieldResolver(() => [ExperimentResult], {
    complexity: ({ childComplexity }) => 1 + 10 * childComplexity,
    description: "The numbers that publications print for it, each with those computed here of the same.",
  })
  results(
    @Arg("source", () => String, {
      nullable: true,
      description: "Only from places that begin so, for example `Table 2`.",
    })
    source: string | null,
    @Root() experiment: ExperimentRecord,
    @Ctx() { services, principal }: Context,
  ): Promise<readonly Result[]> {
    return services.experiments.results(experiment, source, principal);
  }
}

import { Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import type { Context } from "../context.ts";
import { encodeId } from "../graphql/node-id.ts";
import { Publication } from "../publications/publication.type.ts";
import type { PublicationRecord } from "../publications/publication-list.queries.ts";
import type { ExperimentRecord } from "./experiment.queries.ts";
import { Experiment } from "./experiment.type.ts";

/** Queries for experiments and the fields that need a look-up. */
@Resolver(() => Experiment)
export class ExperimentResolver {
  @Query(() => [Experiment], {
    complexity: ({ childComplexity }) => 1 + 100 * childComplexity,
    description: "Every experiment, in order of slug.",
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
}

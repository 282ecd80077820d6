import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import type { Role as RoleName } from "../access/access.table.ts";
import { Role } from "../access/role.type.ts";
import type { Context } from "../context.ts";
import { encodeId } from "../graphql/node-id.ts";
import { type Connection, PageArgs } from "../graphql/paging.ts";
import type { EvaluationRecord } from "../predictions/evaluation.queries.ts";
import { EvaluationConnection } from "../predictions/evaluation.type.ts";
import type { DatasetRecord } from "./dataset.queries.ts";
import { Dataset, DatasetConnection, DatasetFilter } from "./dataset.type.ts";
import type { DatasetVersionRecord } from "./dataset-version.queries.ts";
import { DatasetVersion } from "./dataset-version.type.ts";

/** Queries for datasets and the fields that need a look-up. */
@Resolver(() => Dataset)
export class DatasetResolver {
  @Query(() => Dataset, { nullable: true, description: "The dataset with this slug, or null." })
  dataset(
    @Arg("slug", () => String, { description: "Slug of the dataset." }) slug: string,
    @Ctx() { services }: Context,
  ): Promise<DatasetRecord | undefined> {
    return services.datasets.findBySlug(slug);
  }

  @Query(() => DatasetConnection, { description: "Datasets in order of slug." })
  datasets(
    @Arg("filter", () => DatasetFilter, { nullable: true, description: "Which datasets; null is all." })
    filter: DatasetFilter | null,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { services }: Context,
  ): Promise<Connection<DatasetRecord>> {
    return services.datasets.page(filter ?? {}, page);
  }

  @FieldResolver(() => ID, { description: "Opaque id, stable for ever." })
  id(@Root() dataset: DatasetRecord): string {
    return encodeId("Dataset", dataset.id);
  }

  @FieldResolver(() => [DatasetVersion], { description: "Its frozen versions, the newest first." })
  versions(
    @Root() dataset: DatasetRecord,
    @Ctx() { load }: Context,
  ): Promise<readonly DatasetVersionRecord[]> {
    return load.versionsOfDataset.load(dataset.id);
  }

  @FieldResolver(() => EvaluationConnection, { description: "Evaluations on it, the newest first." })
  evaluations(
    @Root() dataset: DatasetRecord,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { load }: Context,
  ): Promise<Connection<EvaluationRecord>> {
    return load.evaluations.of("dataset", dataset, page);
  }

  @FieldResolver(() => Role, { description: "What the caller may see of it." })
  myRole(@Root() dataset: DatasetRecord, @Ctx() { principal }: Context): RoleName {
    return principal.role(dataset.id);
  }
}

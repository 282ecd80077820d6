import { Arg, Args, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from "type-graphql";
import type { Context } from "../context.ts";
import { decodeId, encodeId } from "../graphql/node-id.ts";
import { type Connection, PageArgs } from "../graphql/paging.ts";
import { JsonObject } from "../graphql/scalars.ts";
import type { RunEventRecord, RunRecord } from "./run.queries.ts";
import { Run, RunConnection, RunEvent, RunFilter } from "./run.type.ts";

const withRights = "null without row-level rights on its datasets";

/** Queries for runs and the fields that need a look-up. */
@Resolver(() => Run)
export class RunResolver {
  @Query(() => Run, { nullable: true, description: "The run with this id, or null." })
  run(
    @Arg("id", () => ID, { description: "Id of the run." }) id: string,
    @Ctx() { services }: Context,
  ): Promise<RunRecord | undefined> {
    return services.runs.find(decodeId("Run", id));
  }

  @Query(() => RunConnection, { description: "Runs, the newest first." })
  runs(
    @Arg("filter", () => RunFilter, { nullable: true, description: "Which runs; null is all." })
    filter: RunFilter | null,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { services }: Context,
  ): Promise<Connection<RunRecord>> {
    return services.runs.page(filter ?? {}, page);
  }

  @FieldResolver(() => ID, { description: "Opaque id, stable for ever." })
  id(@Root() run: RunRecord): string {
    return encodeId("Run", run.id);
  }

  @FieldResolver(() => JsonObject, { nullable: true, description: `What it was asked to do; ${withRights}.` })
  async params(@Root() run: RunRecord, @Ctx() { services, load, principal }: Context): Promise<unknown> {
    return (await services.runs.showsDetails(run, load, principal)) ? run.params : null;
  }

  @FieldResolver(() => JsonObject, {
    nullable: true,
    description: `SHA-256 of every input, by name; ${withRights}.`,
  })
  async inputDigests(
    @Root() run: RunRecord,
    @Ctx() { services, load, principal }: Context,
  ): Promise<unknown> {
    return (await services.runs.showsDetails(run, load, principal)) ? run.inputDigests : null;
  }

  @FieldResolver(() => JsonObject, {
    nullable: true,
    description: `What came out, counted: rows, scores, unknowns; ${withRights}.`,
  })
  async summary(@Root() run: RunRecord, @Ctx() { services, load, principal }: Context): Promise<unknown> {
    return (await services.runs.showsDetails(run, load, principal)) ? run.summary : null;
  }

  @FieldResolver(() => String, { nullable: true, description: `Why it failed; ${withRights}.` })
  async failure(
    @Root() run: RunRecord,
    @Ctx() { services, load, principal }: Context,
  ): Promise<string | null> {
    return (await services.runs.showsDetails(run, load, principal)) ? run.failure : null;
  }

  @FieldResolver(() => [RunEvent], {
    complexity: ({ args, childComplexity }) => 1 + Number(args["first"] ?? 50) * childComplexity,
    description: "What happened, in order; none without row-level rights on its datasets.",
  })
  events(
    @Root() run: RunRecord,
    @Arg("after", () => Int, { defaultValue: 0, description: "Only events with a higher sequence number." })
    after: number,
    @Arg("first", () => Int, { defaultValue: 50, description: "How many at most, 1 to 200." })
    first: number,
    @Ctx() { services, load, principal }: Context,
  ): Promise<readonly RunEventRecord[]> {
    return services.runs.events(run, after, first, load, principal);
  }
}

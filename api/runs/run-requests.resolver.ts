import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Resolver, Root, Subscription } from "type-graphql";
import type { Context } from "../context.ts";
import type { DatasetRecord } from "../datasets/dataset.queries.ts";
import { Dataset } from "../datasets/dataset.type.ts";
import { decodeId } from "../graphql/node-id.ts";
import type { EvaluationRecord } from "../predictions/evaluation.queries.ts";
import { Evaluation } from "../predictions/evaluation.type.ts";
import type { RunEventRecord, RunRecord } from "./run.queries.ts";
import { Run, RunEvent, RunProgress } from "./run.type.ts";

interface WatchArgs {
  readonly run: string;
  readonly after: number;
}

/** Watching runs, stopping them and asking for them again; and what they are about and lead to. */
@Resolver(() => Run)
export class RunRequestsResolver {
  @Mutation(() => Run, {
    description:
      "Stops a run: at once while it waits, within seconds while it runs. One that has ended stays as it is. For stewards of its dataset.",
  })
  cancelRun(
    @Arg("id", () => ID, { description: "Id of the run." }) id: string,
    @Ctx() { services, principal }: Context,
  ): Promise<RunRecord> {
    return services.runs.cancel(decodeId("Run", id), principal);
  }

  @Mutation(() => Run, {
    description:
      "Queues a run that failed or was cancelled once more; what it had worked out counts. Any other stays as it is. For stewards of its dataset.",
  })
  retryRun(
    @Arg("id", () => ID, { description: "Id of the run." }) id: string,
    @Ctx() { services, principal }: Context,
  ): Promise<RunRecord> {
    return services.runs.retry(decodeId("Run", id), principal);
  }

  @Subscription(() => RunEvent, {
    description:
      "What happens in a run: every event after a sequence number, first those that there are, then each that follows, without gaps, until the run has ended. For those with row-level rights on its datasets. Over graphql-ws at /graphql, or as server-sent events at /graphql/stream.",
    subscribe: ({ args, context }: { args: WatchArgs; context: Context }) =>
      context.services.runs.watch(
        decodeId("Run", args.run),
        args.after,
        context.load,
        context.principal,
        context.authenticate,
      ),
  })
  runEvents(
    @Arg("run", () => ID, { description: "Id of the run." }) _run: string,
    @Arg("after", () => Int, {
      defaultValue: 0,
      description: "Only events with a higher sequence number: the last one seen, to go on after a break.",
    })
    _after: number,
    @Root() event: RunEventRecord,
  ): RunEventRecord {
    return event;
  }

  @FieldResolver(() => Dataset, { nullable: true, description: "The dataset that it was asked about." })
  dataset(@Root() run: RunRecord, @Ctx() { load }: Context): DatasetRecord | Promise<DatasetRecord> | null {
    return run.datasetId === null ? null : load.dataset.load(run.datasetId);
  }

  @FieldResolver(() => Evaluation, { nullable: true, description: "The evaluation that it made." })
  evaluation(@Root() run: RunRecord, @Ctx() { load }: Context): Promise<EvaluationRecord | null> {
    return load.evaluationOfRun.load(run.id);
  }

  @FieldResolver(() => RunProgress, {
    nullable: true,
    description: "How far it is, while it runs; null without row-level rights on its datasets.",
  })
  progress(
    @Root() run: RunRecord,
    @Ctx() { services, load, principal }: Context,
  ): Promise<RunProgress | null> {
    return services.runs.progress(run, load, principal);
  }
}

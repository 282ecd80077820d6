import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import type { Context } from "../../context.ts";
import { chainOfInputs } from "../../graphql/transform-input.ts";
import type { RunRecord } from "../../runs/run.queries.ts";
import { Run } from "../../runs/run.type.ts";
import type { RequestedRun } from "../../runs/run-requests.ts";
import type { ModelVersionRecord } from "../model.queries.ts";
import { ModelVersion } from "../model.type.ts";
import { TrainInput, TrainPayload } from "./train.type.ts";
import type { TrainingEpochAnswer } from "./training-history.ts";
import { TrainingEpoch } from "./training-history.type.ts";

/** Asking for trainings, and what came of them. */
@Resolver(() => Run)
export class TrainResolver {
  @Mutation(() => TrainPayload, {
    description:
      "Queues the training of a network on the images of a dataset, for a worker to carry out; the result is a version of a model. The same request twice is the same run. For stewards of the dataset.",
  })
  train(
    @Arg("input", () => TrainInput, { description: "What to train." }) input: TrainInput,
    @Ctx() { services, principal }: Context,
  ): Promise<RequestedRun> {
    return services.train.request({ ...input, transforms: chainOfInputs(input.transforms) }, principal);
  }

  @FieldResolver(() => [TrainingEpoch], {
    description:
      "The epochs of a training so far, each once; none of other runs, and none without row-level rights on its datasets.",
  })
  trainingHistory(
    @Root() run: RunRecord,
    @Ctx() { services, load, principal }: Context,
  ): Promise<readonly TrainingEpochAnswer[]> {
    return services.runs.trainingHistory(run, load, principal);
  }

  @FieldResolver(() => ModelVersion, { nullable: true, description: "The model that it trained." })
  trainedModel(@Root() run: RunRecord, @Ctx() { load }: Context): Promise<ModelVersionRecord | null> {
    return load.modelVersionOfRun.load(run.id);
  }
}

import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import type { Context } from "../../context.ts";
import { chainOfInputs } from "../../graphql/transform-input.ts";
import type { EvaluationRecord } from "../evaluation.queries.ts";
import { Evaluation } from "../evaluation.type.ts";
import type { RequestedEvaluation } from "./evaluate.service.ts";
import { EvaluateInput, EvaluatePayload } from "./evaluate.type.ts";

/** Asking for evaluations. */
@Resolver(() => EvaluatePayload)
export class EvaluateResolver {
  @Mutation(() => EvaluatePayload, {
    description:
      "Queues the evaluation of a model on the images of a dataset, for a worker to carry out: scores, and AUCs of every class over all images and by the dataset's canonical attributes. The same request twice is the same run. For stewards of the dataset.",
  })
  evaluate(
    @Arg("input", () => EvaluateInput, { description: "What to evaluate." }) input: EvaluateInput,
    @Ctx() { services, principal }: Context,
  ): Promise<RequestedEvaluation> {
    return services.evaluate.request({ ...input, transforms: chainOfInputs(input.transforms) }, principal);
  }

  @FieldResolver(() => Evaluation, {
    nullable: true,
    description:
      "The evaluation, where the run has made it already; else null, and later `evaluation` of the run.",
  })
  evaluation(
    @Root() { run }: RequestedEvaluation,
    @Ctx() { load }: Context,
  ): Promise<EvaluationRecord | null> {
    return load.evaluationOfRun.load(run.id);
  }
}

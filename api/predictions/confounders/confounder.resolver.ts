import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { Context } from "../../context.ts";
import type { RequestedConfounders } from "./confounder.service.ts";
import { ConfoundersInput, ConfoundersPayload } from "./confounder.type.ts";

/** Asking for models of what is recorded. */
@Resolver(() => ConfoundersPayload)
export class ConfounderResolver {
  @Mutation(() => ConfoundersPayload, {
    description:
      "Queues a model that recovers an attribute from what is recorded, without pixels, cross-validated by patient: a model, its out-of-fold scores, and their AUCs. The same request twice is the same run. For stewards of the dataset.",
  })
  confounders(
    @Arg("input", () => ConfoundersInput, { description: "What to recover from what." })
    { classes, histogramBins, ...input }: ConfoundersInput,
    @Ctx() { services, principal }: Context,
  ): Promise<RequestedConfounders> {
    return services.confounders.request(
      {
        ...input,
        classes: classes?.map((name) => ({ name })),
        pixels: histogramBins == null ? null : { kind: "histogram", bins: histogramBins },
      },
      principal,
    );
  }
}

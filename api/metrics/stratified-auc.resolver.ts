import { Arg, Ctx, Query, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import { toAucRequest } from "./request.ts";
import { StratifiedAuc, StratifiedAucInput } from "./stratified-auc.type.ts";

/** The stratified AUC. */
@Resolver()
export class StratifiedAucResolver {
  @Query(() => StratifiedAuc, {
    description:
      "How well the scores of an evaluation separate each class, in every stratum, with intervals.",
  })
  stratifiedAuc(
    @Arg("input", () => StratifiedAucInput, { description: "What is asked." }) input: StratifiedAucInput,
    @Ctx() { services, principal, signal }: Context,
  ): Promise<StratifiedAuc> {
    return services.stratifiedAucs.answer(toAucRequest(input), principal, signal);
  }
}

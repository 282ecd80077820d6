import { Arg, Ctx, Query, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import { AucComparison, CompareAucInput } from "./compare-auc.type.ts";
import { toCompareRequest } from "./request.ts";

/** The comparison of AUCs. */
@Resolver()
export class CompareAucResolver {
  @Query(() => AucComparison, {
    description:
      "The difference of two AUCs in every stratum, with interval, test and p-values adjusted across cells.",
  })
  compareAuc(
    @Arg("input", () => CompareAucInput, { description: "What is asked." }) input: CompareAucInput,
    @Ctx() { services, principal, signal }: Context,
  ): Promise<AucComparison> {
    return services.comparisons.answer(toCompareRequest(input), principal, signal);
  }
}

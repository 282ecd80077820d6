import { Arg, Ctx, Query, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import { GapAnalysis, GapsInput } from "./gaps.type.ts";
import { toGapsRequest } from "./request.ts";

/** Gaps of decisions between strata. */
@Resolver()
export class GapsResolver {
  @Query(() => GapAnalysis, {
    description: "The rates of decisions at a threshold in every stratum, and the gaps between strata.",
  })
  gaps(
    @Arg("input", () => GapsInput, { description: "What is asked." }) input: GapsInput,
    @Ctx() { services, principal }: Context,
  ): Promise<GapAnalysis> {
    return services.gaps.answer(toGapsRequest(input), principal);
  }
}

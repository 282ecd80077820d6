import { Arg, Ctx, Query, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import { toRocRequest } from "./request.ts";
import { RocCurve, RocCurveInput } from "./roc-curve.type.ts";

/** The ROC curve. */
@Resolver()
export class RocCurveResolver {
  @Query(() => RocCurve, { description: "The ROC curve of one class in the whole or in one stratum." })
  rocCurve(
    @Arg("input", () => RocCurveInput, { description: "What is asked." }) input: RocCurveInput,
    @Ctx() { services, principal }: Context,
  ): Promise<RocCurve> {
    return services.rocCurves.answer(toRocRequest(input), principal);
  }
}

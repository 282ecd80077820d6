import { Arg, Ctx, Query, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import { CalibrationAnalysis, CalibrationInput } from "./calibration.type.ts";
import { toCalibrationRequest } from "./request.ts";

/** Calibration by stratum. */
@Resolver()
export class CalibrationResolver {
  @Query(() => CalibrationAnalysis, {
    description:
      "How far scores are from being probabilities, in every stratum: Brier, ECE, intercept, slope, curve.",
  })
  calibration(
    @Arg("input", () => CalibrationInput, { description: "What is asked." }) input: CalibrationInput,
    @Ctx() { services, principal }: Context,
  ): Promise<CalibrationAnalysis> {
    return services.calibrations.answer(toCalibrationRequest(input), principal);
  }
}

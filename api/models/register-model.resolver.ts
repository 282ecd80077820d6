import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import type { RegisteredModel } from "./model-registration.service.ts";
import { RegisterModelInput, RegisterModelPayload } from "./register-model.type.ts";

/** Takes models in by upload. */
@Resolver()
export class RegisterModelResolver {
  @Mutation(() => RegisterModelPayload, {
    description:
      "Registers an uploaded ONNX model: its bytes are inspected and tried on one image, in a process of their own, and stored. The same again gives the same version. Stewards of everything only.",
  })
  registerModel(
    @Arg("input", () => RegisterModelInput, { description: "The model." }) input: RegisterModelInput,
    @Ctx() { services, principal, signal }: Context,
  ): Promise<RegisteredModel> {
    return services.modelRegistrations.registerInput(input, principal, signal);
  }
}

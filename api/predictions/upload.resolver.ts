import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import type { UploadTicket } from "./upload.service.ts";
import { CreateUploadInput, Upload } from "./upload.type.ts";

/** Announces files. */
@Resolver(() => Upload)
export class UploadResolver {
  @Mutation(() => Upload, {
    description:
      "Announces a file for an import: send it by PUT to the url, then name the id in the import. Steward only.",
  })
  createUpload(
    @Arg("input", () => CreateUploadInput, { description: "The file." }) input: CreateUploadInput,
    @Ctx() { services, principal }: Context,
  ): Promise<UploadTicket> {
    return services.uploads.create(input, principal);
  }
}

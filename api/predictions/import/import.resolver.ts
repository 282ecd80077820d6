import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { Context } from "../../context.ts";
import { ImportPredictionsInput, ImportPredictionsPayload } from "./import.type.ts";
import type { ImportAnswer } from "./import-upload.service.ts";

/** Imports over the API: by upload, never by a path or address of the server's. */
@Resolver()
export class ImportResolver {
  @Mutation(() => ImportPredictionsPayload, {
    description:
      "Imports uploaded predictions, all or nothing; the same files with the same mapping give the same evaluation. Stewards only.",
  })
  importPredictions(
    @Arg("input", () => ImportPredictionsInput, { description: "What to import." })
    input: ImportPredictionsInput,
    @Ctx() { services, principal, signal }: Context,
  ): Promise<ImportAnswer> {
    return services.uploadedImports.importPredictions(input, principal, signal);
  }
}

import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { Context } from "../../context.ts";
import type { ImportedMasks } from "./mask-import.service.ts";
import { ImportMasksInput, ImportMasksPayload } from "./mask-import.type.ts";

/** Imports of masks over the API: from folders that the operator has named. */
@Resolver()
export class MaskImportResolver {
  @Mutation(() => ImportMasksPayload, {
    description:
      "Imports the masks of a version's images, all or nothing; files stay where they are, their digests are kept. For stewards of the dataset.",
  })
  importMasks(
    @Arg("input", () => ImportMasksInput, { description: "What to import." })
    input: ImportMasksInput,
    @Ctx() { services, principal }: Context,
  ): Promise<ImportedMasks> {
    return services.maskImports.importMasks(input, principal);
  }
}

import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { Context } from "../../context.ts";
import { ImportDatasetInput, ImportDatasetPayload } from "./dataset-import.type.ts";
import type { DatasetImportAnswer } from "./dataset-import-api.service.ts";

/** Imports of datasets over the API: from folders that the operator has named. */
@Resolver()
export class DatasetImportResolver {
  @Mutation(() => ImportDatasetPayload, {
    description:
      "Imports a folder of images with its tables, all or nothing; files stay where they are, their digests are kept. The same tables and files give the same version. Stewards only.",
  })
  importDataset(
    @Arg("input", () => ImportDatasetInput, { description: "What to import." })
    input: ImportDatasetInput,
    @Ctx() { services, principal, signal }: Context,
  ): Promise<DatasetImportAnswer> {
    return services.datasetImports.importDataset(input, principal, signal);
  }
}

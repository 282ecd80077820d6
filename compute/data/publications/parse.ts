import { z } from "zod";
import { ComputeError } from "../../errors.ts";
import {
  cohortsSchema,
  confusionMatrixSchema,
  countsSchema,
  datasetSchema,
  discrepancySchema,
  frequencyMasksSchema,
  metricSchema,
  modelSchema,
  type PublicationEntry,
  type PublishedCohorts,
  type PublishedConfusionMatrix,
  type PublishedCounts,
  type PublishedDataset,
  type PublishedDiscrepancy,
  type PublishedFrequencyMasks,
  type PublishedMetric,
  type PublishedModel,
  publicationFileSchema,
  type RaceMappings,
  raceMappingsSchema,
} from "./schema.ts";
import { checkPublication } from "./validate.ts";

/** The files that make up the data of one published study, by name. */
export const publicationFileNames = [
  "publication.json",
  "datasets.json",
  "models.json",
  "metrics.jsonl",
  "discrepancies.json",
  "race-mappings.json",
  "confusion-matrices.jsonl",
  "counts.json",
  "cohorts.json",
  "frequency-masks.json",
] as const;
export type PublicationFileName = (typeof publicationFileNames)[number];

/** Everything a folder of published results holds, checked. */
export interface PublicationData {
  readonly about: Omit<z.infer<typeof publicationFileSchema>, "publications">;
  /** The study first, then the later works whose numbers stand beside it. */
  readonly publications: readonly PublicationEntry[];
  readonly datasets: readonly PublishedDataset[];
  readonly models: readonly PublishedModel[];
  readonly metrics: readonly PublishedMetric[];
  readonly discrepancies: readonly PublishedDiscrepancy[];
  readonly raceMappings: RaceMappings;
  readonly confusionMatrices: readonly PublishedConfusionMatrix[];
  readonly counts: PublishedCounts;
  readonly cohorts: PublishedCohorts;
  readonly frequencyMasks: PublishedFrequencyMasks;
}

/**
 * Reads the data files of a published study and checks every record: closed vocabularies, references, and that each
 * value is what its printed text says.
 *
 * @param files - the text of each file by name.
 * @throws {ComputeError} INVALID_INPUT naming the file, the line or path, and what was expected.
 */
export function parsePublication(files: Readonly<Record<PublicationFileName, string>>): PublicationData {
  const { publications, ...about } = json(files, "publication.json", publicationFileSchema);
  const data: PublicationData = {
    about,
    publications,
    datasets: json(files, "datasets.json", z.array(datasetSchema)),
    models: json(files, "models.json", z.array(modelSchema)),
    metrics: jsonLines(files, "metrics.jsonl", metricSchema),
    discrepancies: json(files, "discrepancies.json", z.array(discrepancySchema)),
    raceMappings: json(files, "race-mappings.json", raceMappingsSchema),
    confusionMatrices: jsonLines(files, "confusion-matrices.jsonl", confusionMatrixSchema),
    counts: json(files, "counts.json", countsSchema),
    cohorts: json(files, "cohorts.json", cohortsSchema),
    frequencyMasks: json(files, "frequency-masks.json", frequencyMasksSchema),
  };
  checkPublication(data);
  return data;
}

function json<T>(
  files: Readonly<Record<PublicationFileName, string>>,
  name: PublicationFileName,
  schema: z.ZodType<T>,
): T {
  return checked(files[name], name, schema);
}

function jsonLines<T>(
  files: Readonly<Record<PublicationFileName, string>>,
  name: PublicationFileName,
  schema: z.ZodType<T>,
): T[] {
  return files[name]
    .trimEnd()
    .split("\n")
    .map((line, index) => checked(line, `${name} line ${index + 1}`, schema));
}

function checked<T>(text: string, where: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ComputeError(
      "INVALID_INPUT",
      `Expected JSON in ${where}, got something else; repair the file`,
      {
        cause,
      },
    );
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new ComputeError(
    "INVALID_INPUT",
    `Expected a valid record in ${where} at ${issue?.path.join(".") || "its top"}, got: ${issue?.message}; correct the file`,
  );
}

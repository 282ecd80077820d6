import { z } from "zod";
import {
  discrepancyKinds,
  imageConditions,
  publishedFlags,
  raceCategories,
  recomputeFunctions,
  sourceKinds,
} from "./vocabularies.ts";

const text = z.string().min(1);
const count = z.int().nonnegative();
const key = z.string().regex(/^r\d{4}$/);
const slug = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/);

/** publication.json: the study, later works beside it, and how the texts are written. */
export const publicationFileSchema = z.strictObject({
  formatVersion: z.literal(1),
  typography: text,
  licence: text,
  repositories: z.array(
    z.strictObject({
      name: text,
      commit: z.string().regex(/^[0-9a-f]{40}$/),
      committed: z.iso.date(),
      note: text,
    }),
  ),
  publications: z.array(
    z.strictObject({
      slug,
      title: text,
      citation: text,
      doi: z.string().startsWith("10.").nullable(),
      year: z.int().min(1990),
      relation: z.enum(["study", "later work"]),
    }),
  ),
});
/** A publication: the study itself, or a later work. */
export type PublicationEntry = z.infer<typeof publicationFileSchema>["publications"][number];

const countCell = z.strictObject({
  printed: text,
  count,
  percent: z.number().min(0).max(100).optional(),
  warnings: z.array(z.literal("broken_digit_group")).optional(),
});
/** The columns of Table 1 that hold a count. */
export const countColumns = [
  "patients",
  "images",
  "female",
  "male",
  "black",
  "asian",
  "white",
  "unknown",
] as const;

/** One record of datasets.json. */
export const datasetSchema = z.strictObject({
  code: text,
  slug,
  title: text,
  modality: text,
  bodyPart: text,
  access: z.enum(["public", "private", "credentialed"]),
  table1: z
    .strictObject({
      ...(Object.fromEntries(countColumns.map((column) => [column, countCell])) as Record<
        (typeof countColumns)[number],
        typeof countCell
      >), // fromEntries forgets the literal keys it was given
      split: z.strictObject({ printed: text, parts: z.array(z.number()).length(3) }),
    })
    .nullable(),
  remarks: z.array(text),
  discrepancies: z.array(z.int().positive()),
});
/** A dataset as the publication describes it; `table1` holds every printed cell beside what it reads as. */
export type PublishedDataset = z.infer<typeof datasetSchema>;

/** One record of models.json. */
export const modelSchema = z.strictObject({
  slug,
  publication: slug,
  title: text,
  architecture: text.nullable(),
  input: z.enum(["image", "features"]),
  trainedOn: z.array(text),
  classes: z.array(text).nullable(),
  note: text.nullable(),
});
/** A model of a publication: its architecture where stated, what it was trained on, its classes in output order. */
export type PublishedModel = z.infer<typeof modelSchema>;

const originSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("table"),
    table: z.enum(["1", "2", "3"]),
    row: text,
    column: text,
    appendixPage: text.optional(),
  }),
  z.strictObject({ kind: z.literal("text"), section: text, reference: z.int().optional() }),
  z.strictObject({
    kind: z.literal("notebook"),
    notebook: text,
    cell: text.nullable(),
    blob: text.nullable(),
  }),
  z.strictObject({ kind: z.literal("figure"), figure: text, notebook: text, cell: text }),
  z.strictObject({ kind: z.literal("recomputation"), file: text }),
  z.strictObject({ kind: z.literal("work"), place: text }),
]);
/** The place a published number was read from. */
export type PublishedOrigin = z.infer<typeof originSchema>;

/** One line of metrics.jsonl. */
export const metricSchema = z.strictObject({
  key,
  publication: slug,
  sourceKind: z.enum(sourceKinds),
  origin: originSchema,
  group: z.enum(["race_detection", "confounders", "mechanism", "later_work"]),
  experiment: text,
  train: z.array(text),
  test: z.array(text),
  /** Several datasets: pooled into one, or each for itself. */
  combination: z.enum(["pooled", "each"]).nullable(),
  model: slug.nullable(),
  target: z.enum(["race", "sex"]),
  metric: z.enum([
    "auroc",
    "average_precision",
    "accuracy",
    "ece_15_bins",
    "disparity_change_percent",
    "ks_significant_share",
  ]),
  class: z
    .enum([
      "Asian",
      "Black",
      "White",
      "Hispanic",
      "Other",
      "African-American",
      "Caucasian",
      "Black (per caption)",
      "Black vs White",
      "macro",
      "all",
    ])
    .nullable(),
  /** Null: the publication does not say. */
  unit: z.enum(["image", "slice", "study", "patient"]).nullable(),
  stratum: z.array(z.strictObject({ attribute: text, level: text })),
  trainImages: z.enum(imageConditions),
  testImages: z.enum(imageConditions),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  printed: text,
  /** Which number of a printed list this record is, from 1. */
  position: z.int().positive().optional(),
  /** Which end of a printed range this record is. */
  bound: z.enum(["min", "max"]).optional(),
  relation: z.enum(["=", ">", ">="]),
  value: z.number().nullable(),
  interval: z
    .strictObject({
      low: z.number(),
      high: z.number(),
      level: z.number().gt(0).lt(1),
      method: text.nullable(),
    })
    .nullable(),
  n: count.nullable(),
  flags: z.array(z.enum(publishedFlags)),
  discrepancies: z.array(z.int().positive()),
  note: text.nullable(),
});
/** One published number: where it stands, what it measures, what is printed and what that reads as. */
export type PublishedMetric = z.infer<typeof metricSchema>;

const strings = z.union([text, z.array(text)]);
/** Names metric records by what they say of themselves; every condition given must hold. */
export const metricSelectorSchema = z.strictObject({
  table: text.optional(),
  column: text.optional(),
  appendixPage: text.optional(),
  experiment: text.optional(),
  class: strings.optional(),
  unit: text.optional(),
  test: strings.optional(),
  run: text.optional(),
  hasInterval: z.boolean().optional(),
});
/** Conditions that name metric records. */
export type MetricSelector = z.infer<typeof metricSelectorSchema>;

/** A computation on printed data and the values it gives. */
export const recomputationSchema = z.strictObject({
  function: z.enum(recomputeFunctions),
  of: z.array(z.union([text, z.strictObject({ metrics: metricSelectorSchema })])).min(1),
  decimals: z.int().min(0).max(10).optional(),
  values: z.array(z.number()).min(1),
  unit: text,
});
/** Values and the computation on printed data that gives them. */
export type Recomputation = z.infer<typeof recomputationSchema>;

const placeSchema = z.union([
  z.strictObject({ table: text, row: text, column: text }),
  z.strictObject({ section: text }),
]);
/** Where a discrepancy shows: a cell of a table, or a section. */
export type DiscrepancyPlace = z.infer<typeof placeSchema>;

/** One record of discrepancies.json. */
export const discrepancySchema = z.strictObject({
  number: z.int().positive(),
  title: text,
  kind: z.enum(discrepancyKinds),
  status: z.enum(["open", "explained"]),
  sources: z.array(text).min(1),
  explanation: text,
  instances: z
    .array(
      z.strictObject({
        where: placeSchema,
        printed: text,
        parsed: z.union([z.number(), text, z.array(z.number())]).nullable(),
        recomputed: recomputationSchema.nullable(),
        /** Why nothing could be recomputed; present exactly when `recomputed` is null. */
        notRecomputed: text.optional(),
        records: z.array(key),
        note: text.optional(),
      }),
    )
    .min(1),
});
/** One inconsistency of the publication with every place it shows; kept as found, never corrected. */
export type PublishedDiscrepancy = z.infer<typeof discrepancySchema>;

/** One line of confusion-matrices.jsonl. */
export const confusionMatrixSchema = z.strictObject({
  id: text,
  order: z.array(text).min(2),
  n: count,
  source: text,
  /** Rows are the true classes, columns the predicted ones. */
  matrix: z.array(z.array(count)),
});
/** A confusion matrix with its class order. */
export type PublishedConfusionMatrix = z.infer<typeof confusionMatrixSchema>;

/** counts.json: by dataset and name. */
export const countsSchema = z.record(
  text,
  z.record(text, z.strictObject({ value: z.number(), source: text })),
);
/** Counts of the study's code and files, by dataset and name. */
export type PublishedCounts = z.infer<typeof countsSchema>;

const numbersByName = z.record(z.string(), z.number());
/** cohorts.json: cohorts as the code counts them. */
export const cohortsSchema = z.strictObject({
  about: text,
  cohortsUsed: z.record(z.string(), z.record(z.string(), z.unknown())),
  emxRaceCounts: z.record(z.string(), numbersByName),
  raceSharePercentOfImages: z.record(z.string(), numbersByName),
  labelPrevalencePercent: z.record(
    z.string(),
    z.union([z.array(z.string()), z.record(z.string(), z.array(z.number()))]),
  ),
  mimicConflictingRacePairs: numbersByName,
});
/** Cohorts as the study's code counts them. */
export type PublishedCohorts = z.infer<typeof cohortsSchema>;

/** frequency-masks.json: bins that a mask keeps. */
export const frequencyMasksSchema = z.strictObject({
  about: text,
  size: z.int().positive(),
  masks: z.array(
    z.strictObject({
      d: z.int().positive(),
      lowKept: count,
      highKept: count,
      lowKeptAsDiameter: count,
    }),
  ),
});
/** How many frequency bins each mask keeps. */
export type PublishedFrequencyMasks = z.infer<typeof frequencyMasksSchema>;

/** race-mappings.json: vocabularies, versioned mappings, class orders. */
export const raceMappingsSchema = z.strictObject({
  about: text,
  categories: z.array(z.enum(raceCategories)),
  vocabularies: z.array(
    z.strictObject({
      id: text,
      attribute: text,
      source: text,
      counted: z.enum(["images", "patients"]).nullable(),
      values: z.array(z.strictObject({ recorded: text, count: count.nullable() })),
      missing: count.nullable(),
    }),
  ),
  mappings: z.array(
    z.strictObject({
      slug,
      version: z.int().positive(),
      vocabulary: text,
      attribute: text,
      description: text,
      unlisted: z.enum(["refuse", "unknown"]),
      rules: z.array(text),
      entries: z.array(z.strictObject({ recorded: text, category: z.enum(raceCategories) })),
    }),
  ),
  classOrders: z.array(
    z.strictObject({ name: text, codes: z.array(z.strictObject({ code: count, class: text })) }),
  ),
});
/** Vocabularies of self-reported race, mappings to categories, and class orders. */
export type RaceMappings = z.infer<typeof raceMappingsSchema>;
/** One version of a mapping from the strings of one source to the study's categories. */
export type RaceMapping = RaceMappings["mappings"][number];

import { z } from "zod";
import { protocolGroups } from "./groups.ts";

const text = z.string().trim().min(1);
const name = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, "a snake_case name");
const attribute = z.string().regex(/^[a-z][a-z0-9_]*(:.+)?$/, "an attribute such as age or finding:*");
const share = z.number().gt(0).lt(1);

/** A parameter of a transform: a value, or `$axis` for the value of an axis of the grid. */
const param = z.union([z.number(), z.string(), z.boolean()]);
const linkSchema = z.strictObject({ id: name, params: z.record(z.string(), param).default({}) });

/** Which rows of the dataset a model is trained and tested on. */
const restrictionSchema = z.discriminatedUnion("kind", [
  /** Only images whose attribute is one of these levels. */
  z.strictObject({ kind: z.literal("levels"), attribute, levels: z.array(text).min(1) }),
  /** One training for each level of the attribute that has patients enough of every class. */
  z.strictObject({ kind: z.literal("each_level"), attribute, leastPatients: z.int().positive() }),
]);

/** Levels of an attribute: its own categories, or bands between cuts, each from one cut to below the next. */
const stratumSchema = z.strictObject({
  attribute,
  cuts: z.array(z.number()).min(1).optional(),
});

/** The confounder models there are. */
export const confounderModelIds = ["logistic_regression", "random_forest", "boosted_trees"] as const;
export type ConfounderModelId = (typeof confounderModelIds)[number];
const models = z.array(z.enum(confounderModelIds)).min(1);

/** Where a decision threshold is chosen so that it can be recorded: never on the images it is judged on. */
export const protocolThresholds = ["target_fpr", "sensitivity_equals_specificity", "f1"] as const;

const procedureSchema = z.discriminatedUnion("kind", [
  /** A classifier of images: trained on the training part, tested on the test part of this or another dataset. */
  z.strictObject({
    kind: z.literal("classifier"),
    /** digitised: the same patients' images, digitised otherwise. */
    testSet: z.enum(["internal", "external", "digitised"]),
    /** original: the model of `internal_validation` is used again, and only the test images are transformed. */
    trainOn: z.enum(["original", "transformed"]),
    testOn: z.enum(["original", "transformed"]),
    architectures: z.enum(["one", "several"]).default("one"),
    restrict: restrictionSchema.optional(),
    /** Training images drawn so that the classes agree in these attributes together; tested as they come. */
    evenOut: z.array(attribute).min(1).optional(),
    /** Only pixels inside or outside a mask that the dataset has for each image, before any other transform. */
    mask: z.strictObject({ region: name, keep: z.enum(["inside", "outside"]).or(text) }).optional(),
    /** Trained again with each of these seeds. */
    seeds: z.array(z.int().nonnegative()).min(2).optional(),
  }),
  /** The scores of `internal_validation` by strata; nothing is trained. */
  z.strictObject({ kind: z.literal("strata"), by: z.array(stratumSchema).min(1) }),
  /** Models of what is recorded about patients and images; no pixel is read. */
  z.strictObject({
    kind: z.literal("features"),
    sets: z.array(z.strictObject({ name, features: z.array(attribute).min(1) })).min(1),
    models,
    folds: z.int().min(2).max(20),
  }),
  /** Models of grey levels alone: where pixels lie plays no part. */
  z.strictObject({
    kind: z.literal("pixel_statistics"),
    /** histogram: shares of grey levels; thresholds: mean brightness of the pixels above each threshold. */
    statistic: z.enum(["histogram", "thresholds"]),
    bins: z.int().min(2).max(65_536).optional(),
    thresholds: z.array(z.number().min(0).lt(1)).min(1).optional(),
    models,
    folds: z.int().min(2).max(20),
  }),
  /** Maps of what the model looks at; for people to read, no number decides. */
  z.strictObject({ kind: z.literal("saliency"), method: z.enum(["class_activation", "grad_cam"]) }),
  /** The salient region of each test image blotted out, the trained model as it is. */
  z.strictObject({
    kind: z.literal("occlusion"),
    method: z.enum(["class_activation", "grad_cam"]),
    /** Where the map, scaled to its largest value, is at least this. */
    threshold: share,
  }),
  /** A simple model of the frozen features of a network that was trained for something else. */
  z.strictObject({
    kind: z.literal("probe"),
    layer: z.enum(["penultimate"]).or(text),
    models,
    /** Within each level of these attributes, so that they cannot be what the probe reads. */
    within: z.array(attribute).default([]),
    folds: z.int().min(2).max(20),
  }),
  /** Whether the features of groups are distributed alike: principal components, a two-sample test for each pair. */
  z.strictObject({
    kind: z.literal("feature_shift"),
    layer: z.enum(["penultimate"]).or(text),
    components: z.int().min(1).max(100),
    test: z.enum(["kolmogorov_smirnov"]),
    correction: z.enum(["benjamini_yekutieli", "benjamini_hochberg", "holm"]),
    alpha: share,
  }),
  /** The test set drawn again so that groups agree in prevalence and age; weights and seeds are recorded. */
  z.strictObject({
    kind: z.literal("resampled_test"),
    /** Each step evens its attribute out within the levels of all before it; cuts make bands. */
    steps: z.array(stratumSchema).min(1),
    /** Size of the drawn set as a multiple of the test set. */
    timesSize: z.number().positive().max(100),
    replicates: z.int().min(100),
    seed: z.int().nonnegative(),
  }),
  /** Error rates of a classifier of findings by group at thresholds that are recorded. */
  z.strictObject({
    kind: z.literal("gaps"),
    /** The finding whose wrong positives are read, such as No Finding. */
    finding: text,
    rate: z.enum(["fpr", "fnr", "tpr", "tnr"]),
    thresholds: z.array(z.enum(protocolThresholds)).min(1),
    targetFpr: share.optional(),
    by: z.array(z.array(stratumSchema).min(1)).min(1),
  }),
  /** The audit's network trained and tested on the attribute dealt out again by chance among patients: nothing to find. */
  z.strictObject({ kind: z.literal("shuffled_labels") }),
  /** The audit's network trained and tested on images with a mark of this d', whose kind it learns: something to find. */
  z.strictObject({ kind: z.literal("planted_mark"), strength: z.number().positive().max(6) }),
]);

/** What must be there before a protocol can run, besides images with the attribute that is asked about. */
export const protocolMaterials = [
  "external_dataset",
  "digitised_again",
  "region_masks",
  "several_architectures",
  "several_images_a_study",
  "finding_model",
] as const;

/** What a protocol's number is. */
export const answerQuantities = [
  /** The metric itself, of each condition. */
  "value",
  /** The metric less that of the untransformed images, on the same patients. */
  "difference_from_original",
  /** The metric on the other set less that on the model's own test set. */
  "difference_from_internal",
  /** The metric of each stratum less that of the rest. */
  "difference_of_stratum",
  /** The metric of the image model less that of the model without pixels, on the same patients. */
  "difference_from_images",
  /** A rate of each group less that of the rest. */
  "gap",
  /** The share of tests below the corrected level. */
  "share_of_tests",
  /** Standard deviation over seeds. */
  "spread_over_seeds",
  /** Nothing is decided by a number. */
  "none",
] as const;
export type AnswerQuantity = (typeof answerQuantities)[number];

const answerSchema = z.strictObject({
  quantity: z.enum(answerQuantities),
  /** The value of no signal, no change or no gap. */
  reference: z.number(),
  /** Differences from the reference below this are called equivalent to it; a convention of the protocol. */
  margin: z.number().nonnegative(),
  level: share,
  /** What it says when the interval lies above the reference, below it, within the margin, or none of these. */
  above: text,
  below: text,
  within: text,
  undecided: text,
});

const publishedSchema = z.strictObject({
  publication: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/),
  /** Names of experiments as the publication's data files have them; every record of theirs belongs to the protocol. */
  experiments: z.array(text).min(1),
});

/** A protocol as its file has it. */
export const protocolSchema = z.strictObject({
  formatVersion: z.literal(1),
  id: name,
  /** Raised whenever a number it leads to may change. */
  version: z.int().positive(),
  title: text,
  group: z.enum(protocolGroups),
  /** What is asked, as a statement that can turn out wrong. */
  hypothesis: text,
  /** What differs between its conditions, in words. */
  varies: text,
  procedure: procedureSchema,
  /** Axes by name; every combination is a condition. */
  grid: z.record(name, z.array(z.union([z.number(), z.string()])).min(1)).default({}),
  /** Only conditions in which the values of these axes rise strictly in this order. */
  rising: z.array(name).min(2).optional(),
  /** What is done to the images of a transformed side, as the study's words say and as its code does. */
  transforms: z.strictObject({ corrected: z.array(linkSchema), legacy: z.array(linkSchema) }).nullable(),
  units: z.array(z.enum(["image", "study", "patient"])).min(1),
  /** Ids of metric plugins; the answer is about the first. */
  metrics: z.array(name).min(1),
  /** Id of an interval plugin. */
  interval: name,
  answer: answerSchema,
  requires: z.strictObject({
    attributes: z.array(attribute),
    materials: z.array(z.enum(protocolMaterials)),
  }),
  /** Where the study or a later work describes it. */
  where: z.array(text).min(1),
  published: z.array(publishedSchema),
  /** What a reader has to bear in mind. */
  cautions: z.array(text),
});

type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

/** A protocol: one question put to models and data, with everything that decides how it is answered. */
export type Protocol = Frozen<z.infer<typeof protocolSchema>>;
/** What is done to get a protocol's numbers. */
export type Procedure = Protocol["procedure"];
/** What a protocol's number is compared with and what then may be said. */
export type ProtocolAnswer = Protocol["answer"];
/** A protocol as it is written: what has a default may be left out. */
export type ProtocolSource = z.input<typeof protocolSchema>;

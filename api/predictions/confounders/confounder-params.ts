import { z } from "zod";
import { type ConfounderModelId, confounderModelIds, type PixelStatistic } from "../../../compute/index.ts";
import type { TrainingClass } from "../../models/train/training-params.ts";

/** What a run of a confounder model was asked, in canonical form: all of its fingerprint but the digests. */
export interface ConfounderParams {
  /** Slug, and the number of the version. */
  readonly dataset: string;
  readonly datasetVersion: number;
  /** What is recovered. */
  readonly attribute: string;
  readonly classes: readonly TrainingClass[];
  /** Names of the attributes that it is recovered from, in order. */
  readonly features: readonly string[];
  /** What is read off the images' grey levels beside them; null: no pixel is read. */
  readonly pixels: PixelStatistic | null;
  /** Images that cannot be read are left out; absent: they end the run. */
  readonly onBadImage?: "skip" | undefined;
  /** What a network keeps of images, in place of features; absent: nothing. */
  readonly embeddings?: KeptEmbeddings | undefined;
  readonly model: ConfounderModelId;
  readonly folds: number;
  /** Absent: every fold by all others. */
  readonly scheme?: "progressive" | undefined;
  readonly seed: number;
}

/** The embeddings that an evaluation left in a file. */
export interface KeptEmbeddings {
  /** Fingerprint of the evaluation's run. */
  readonly evaluation: string;
  /** Of the file. */
  readonly sha256: string;
  /** Numbers of an image. */
  readonly width: number;
  /** Slug of the network. */
  readonly network: string;
  readonly layer: string;
}

const stored = z.strictObject({
  dataset: z.string(),
  datasetVersion: z.int(),
  attribute: z.string(),
  classes: z.array(z.strictObject({ name: z.string(), levels: z.array(z.string()) })),
  features: z.array(z.string()),
  pixels: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("histogram"), bins: z.int() }),
      z.strictObject({ kind: z.literal("thresholds"), thresholds: z.array(z.number()) }),
    ])
    .nullable(),
  onBadImage: z.literal("skip").optional(),
  embeddings: z
    .strictObject({
      evaluation: z.string(),
      sha256: z.string(),
      width: z.int(),
      network: z.string(),
      layer: z.string(),
    })
    .optional(),
  model: z.enum(confounderModelIds),
  folds: z.int(),
  scheme: z.literal("progressive").optional(),
  seed: z.int(),
});

/** @throws {ZodError} when an older or newer Stratum stored it in another form */
export function readConfounderParams(params: Readonly<Record<string, unknown>>): ConfounderParams {
  return stored.parse(params);
}

const words: Readonly<Record<ConfounderModelId, string>> = {
  logistic_regression: "Logistic regression",
  random_forest: "Random forest",
  boosted_trees: "Boosted trees",
};

/** The name for people of a model: `Random forest of age, sex and 14 findings`. */
export function confounderTitle({
  model,
  features,
  pixels,
  embeddings,
}: Pick<ConfounderParams, "model" | "features" | "pixels" | "embeddings">): string {
  if (embeddings !== undefined) {
    return `${words[model]} of ${embeddings.width} ${embeddings.layer} features of ${embeddings.network}`;
  }
  const findings = features.filter((name) => name.startsWith("finding:"));
  const parts =
    findings.length < 3
      ? [...features]
      : [...features.filter((name) => !name.startsWith("finding:")), `${findings.length} findings`];
  if (pixels?.kind === "histogram") parts.push(`counts of ${pixels.bins} grey levels`);
  if (pixels?.kind === "thresholds") parts.push("mean brightness above thresholds");
  const last = parts.pop() ?? "";
  return `${words[model]} of ${parts.length === 0 ? last : `${parts.join(", ")} and ${last}`}`;
}

/** The slug of a model: the same request gives the same one. */
export function confounderSlug(params: ConfounderParams, fingerprint: string): string {
  const name = `${params.dataset}-${params.attribute}-${params.model}`.toLowerCase();
  const safe = name.replace(/[^a-z0-9._-]+/g, "-").slice(0, 80);
  return `${safe}-${fingerprint.slice(0, 8)}`;
}

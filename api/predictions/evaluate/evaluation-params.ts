import { z } from "zod";
import { type Provider, parseChain, providers, type TransformChain } from "../../../compute/index.ts";
import type { AttributePredicate } from "../../metrics/question.ts";
import type { WantedArtefacts } from "./artefacts.ts";

/** Raised when the same request would give other numbers than before. */
export const EVALUATE_VERSION = 1;

/** One part of a split. */
export interface SplitPart {
  readonly name: string;
  readonly part: string;
}

/** What an evaluation run was asked, in canonical form: kept in the run, and all of its fingerprint but the digests. */
export interface EvaluationParams {
  /** Slug, and the number of the version. */
  readonly dataset: string;
  readonly datasetVersion: number;
  readonly model: string;
  readonly modelVersion: number;
  /** Only the images of this part; null: of the whole version. */
  readonly split: SplitPart | null;
  /** Only the images that meet all of these. */
  readonly where: readonly AttributePredicate[];
  readonly transforms: TransformChain;
  readonly provider: Provider;
  readonly onBadImage: "fail" | "skip";
  /** What is to be left in files besides; absent: nothing. */
  readonly artefacts?: WantedArtefacts;
}

const predicate = z.strictObject({
  attribute: z.string(),
  in: z.array(z.string()).optional(),
  gte: z.number().optional(),
  lt: z.number().optional(),
});

const named = z.object({ class: z.string() });
const saliency = z.discriminatedUnion("method", [
  named.extend({ method: z.enum(["class-activation", "gradient", "segmentation"]) }).strict(),
  named
    .extend({ method: z.literal("smoothgrad"), samples: z.int(), noise: z.number(), seed: z.int() })
    .strict(),
  named.extend({ method: z.literal("grad-cam"), layer: z.string().optional() }).strict(),
]);

const stored = z.strictObject({
  dataset: z.string(),
  datasetVersion: z.number().int(),
  model: z.string(),
  modelVersion: z.number().int(),
  split: z.strictObject({ name: z.string(), part: z.string() }).nullable(),
  where: z.array(predicate),
  transforms: z.unknown(),
  provider: z.enum(providers),
  onBadImage: z.enum(["fail", "skip"]),
  artefacts: z.strictObject({ embedding: z.string().optional(), saliency: saliency.optional() }).optional(),
});

/**
 * Reads back what a run was asked.
 *
 * @throws {ZodError | ComputeError} when an older or newer Stratum stored it in another form
 */
export function readParams(params: Readonly<Record<string, unknown>>): EvaluationParams {
  const { artefacts, ...read } = stored.parse(params);
  return {
    ...read,
    transforms: parseChain(read.transforms),
    // Safe: absent keys stay absent in JSON.
    ...(artefacts === undefined ? {} : { artefacts: artefacts as WantedArtefacts }),
  };
}

/** The conditions on images that a request comes to: its split is one of them. */
export function conditionsOf({
  split,
  where,
}: Pick<EvaluationParams, "split" | "where">): readonly AttributePredicate[] {
  return split === null ? where : [{ attribute: `split:${split.name}`, in: [split.part] }, ...where];
}

import { z } from "zod";
import {
  type ArchitectureName,
  type AuditSettings,
  architectures,
  parseProtocol,
  protocolModes,
} from "../../compute/index.ts";

/** Raised when the same request would lead to other numbers than before, or is stored in another form. */
export const AUDIT_VERSION = 1;

/** What an audit was asked, in canonical form: kept in the run, and all of its fingerprint but the digests. */
export interface AuditParams {
  /** Slugs and numbers of versions; the first is the one that is asked about. */
  readonly datasets: readonly {
    readonly slug: string;
    readonly version: number;
    readonly split: string | null;
  }[];
  readonly settings: AuditSettings;
}

const architecture = z.custom<ArchitectureName>(
  (name) => typeof name === "string" && Object.hasOwn(architectures, name),
);
const stored = z.strictObject({
  datasets: z
    .array(z.strictObject({ slug: z.string(), version: z.number().int(), split: z.string().nullable() }))
    .min(1),
  settings: z.strictObject({
    attribute: z.string(),
    classes: z.array(z.string()).min(2),
    protocols: z.array(z.unknown()),
    mode: z.enum(protocolModes),
    reciprocal: z.boolean(),
    folds: z.number().int(),
    splitSeed: z.number().int(),
    training: z.strictObject({
      architecture: architecture.optional(),
      side: z.number().int().optional(),
      epochs: z.number().int().optional(),
      batch: z.number().int().optional(),
      learningRate: z.number().optional(),
      patience: z.number().int().optional(),
      augment: z.literal(false).optional(),
      seed: z.number().int(),
    }),
    findingModel: z
      .strictObject({
        slug: z.string(),
        version: z.number().int(),
        onnxSha256: z.string(),
        findings: z.array(z.string()),
        isTrainedHere: z.boolean(),
        knowsValidationOf: z.array(z.number().int()),
      })
      .optional(),
    architectures: z.array(architecture),
    digitised: z.number().int().optional(),
    mostGridValues: z.number().int().nullable(),
    level: z.number(),
    replicates: z.number().int(),
    seed: z.number().int(),
  }),
});

/**
 * Reads back what a run was asked.
 *
 * @throws {ZodError | ComputeError} when an older or newer Stratum stored it in another form
 */
export function readAuditParams(params: Readonly<Record<string, unknown>>): AuditParams {
  const { datasets, settings } = stored.parse(params);
  return {
    datasets,
    // Safe: the schema has the settings' own fields; absent ones stay absent, for JSON has no undefined.
    settings: {
      ...settings,
      protocols: settings.protocols.map((protocol) => parseProtocol(protocol)),
    } as AuditSettings,
  };
}

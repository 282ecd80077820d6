import { sql } from "drizzle-orm";
import { RandomStream, shuffled } from "../../../compute/index.ts";
import type { DatasetVersionRecord } from "../../datasets/dataset-version.queries.ts";
import type { Database } from "../../db/client.ts";
import { withTransaction } from "../../db/transaction.ts";
import { badInput } from "../../metrics/question.ts";
import { findSplit, insertSplit, insertSplitMembers } from "../../predictions/import/import.queries.ts";
import type { PatientFold } from "./training-params.ts";

/** One of several trainings that hold back another part of the patients each. */
export interface FoldRequest {
  readonly k: number;
  /** From 1. */
  readonly fold: number;
}

const MOST_FOLDS = 100;

/** The name of the division of a version's patients into k parts by a seed, and of one of them. */
export function foldOf({ k, fold }: FoldRequest, seed: number): PatientFold {
  if (!Number.isInteger(k) || k < 2 || k > MOST_FOLDS) {
    throw badInput(`Expected 2 to ${MOST_FOLDS} folds, got ${k}`);
  }
  if (!Number.isInteger(fold) || fold < 1 || fold > k) {
    throw badInput(`Expected a fold from 1 to ${k}, got ${fold}`);
  }
  return { split: { name: `folds-${k}-seed-${seed}`, part: `fold-${fold}` }, k, fold, seed };
}

/**
 * Stores the division of all patients of a version into k equal parts as a split, where it is not there yet, so that what was
 * held back can be evaluated by its name. Where the source names no patients, images are divided.
 *
 * @throws {ServiceError} BAD_USER_INPUT for fewer patients than folds, or another split of that name; as withTransaction
 */
export async function ensureFolds(
  database: Pick<Database, "pool">,
  version: Pick<DatasetVersionRecord, "id" | "imageCount" | "patientCount">,
  { split: { name }, k, seed }: PatientFold,
): Promise<void> {
  const parts = Array.from({ length: k }, (_, index) => `fold-${index + 1}`);
  const { patientCount } = version;
  const count = patientCount ?? version.imageCount ?? 0;
  if (count < k) throw badInput(`Expected at least as many patients as folds, got ${count} for ${k}`);
  await withTransaction(database, async (tx) => {
    // One asker at a time: the second finds what the first stored.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`${version.id} ${name}`}, 0))`);
    const stored = await findSplit(tx, version.id, name);
    if (stored !== undefined) {
      if (stored.parts.join() === parts.join()) return;
      throw badInput(
        `Expected a split "${name}" with the parts fold-1 to fold-${k}, got one with others; use another seed`,
      );
    }
    const partOf = partsByChance(count, k, seed);
    const id = await insertSplit(tx, {
      datasetVersionId: version.id,
      name,
      parts,
      leakingPatients: 0,
      overrideReason: null,
      imageParts: patientCount === null ? Buffer.from(partOf) : null,
    });
    if (patientCount === null) return;
    await insertSplitMembers(tx, id, {
      patients: Array.from({ length: count }, (_, patient) => patient),
      parts: [...partOf],
    });
  });
}

/** The part of each of `count` units, whose sizes differ by one at most: a function of count, k and seed alone. */
export function partsByChance(count: number, k: number, seed: number): Uint8Array {
  const parts = new Uint8Array(count);
  for (const [place, unit] of shuffled(count, new RandomStream(seed, k)).entries()) parts[unit] = place % k;
  return parts;
}

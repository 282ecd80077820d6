import { sql } from "drizzle-orm";
import type { Database, Db } from "../db/client.ts";
import { withTransaction } from "../db/transaction.ts";
import { badInput } from "../metrics/question.ts";
import type { SplitPart } from "../predictions/evaluate/evaluation-params.ts";
import { findSplit, insertSplit, insertSplitMembers } from "../predictions/import/import.queries.ts";

/** Pairs of ordinals of the patients that two versions name alike, in the order of the first's. O(patients). */
export async function sharedPatients(
  db: Db,
  first: number,
  second: number,
): Promise<readonly { readonly first: number; readonly second: number }[]> {
  const { rows } = await db.execute<{ first: number; second: number }>(sql`
    select one.ordinal as first, other.ordinal as second
    from patient one join patient other on other.dataset_version_id = ${second} and other.external_id = one.external_id
    where one.dataset_version_id = ${first} order by one.ordinal`);
  return rows;
}

/** The part of a split of a version that was held out of trainings. */
export interface HeldOut {
  readonly slug: string;
  /** Number of the version. */
  readonly version: number;
  readonly split: SplitPart;
}

/** Names no part that trainings or audits take up by themselves. */
const PARTS = ["held-out-patients", "other-patients"] as const;

/** Name of the split that tells the patients held out of another version, and its part with them. */
export function heldOutSplitOf({ slug, version, split }: HeldOut): SplitPart {
  return { name: `held-out-of-${slug}-${version}-${split.name}-${split.part}`, part: PARTS[0] };
}

/**
 * Stores, as a split of a version, which of its patients were held out of another by the same name, where it is not there
 * yet. Patients that the other does not divide are in no part.
 *
 * @param from - row ids of the version that was divided, and of the one to be divided alike
 * @throws {ServiceError} BAD_USER_INPUT where the split is not by patient, or holds out none of the patients; as
 * withTransaction
 */
export async function ensureHeldOutSplit(
  database: Database,
  heldOut: HeldOut,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<void> {
  const { name } = heldOutSplitOf(heldOut);
  await withTransaction(database, async (tx) => {
    // One asker at a time: the second finds what the first stored.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`${to} ${name}`}, 0))`);
    if ((await findSplit(tx, to, name)) !== undefined) return;
    const source = await findSplit(tx, from, heldOut.split.name);
    if (source === undefined || source.imageParts !== null) {
      throw badInput(
        `Expected a split by patient to find the patients held out by, got ${source === undefined ? "none" : "one by image"}`,
      );
    }
    const { rows } = await tx.execute<{ patient: number; part: number }>(sql`
      select other.ordinal as patient, member.part
      from split_member member
      join patient one on one.dataset_version_id = ${from} and one.ordinal = member.patient_ordinal
      join patient other on other.dataset_version_id = ${to} and other.external_id = one.external_id
      where member.split_id = ${source.id} order by other.ordinal`);
    const wanted = source.parts.indexOf(heldOut.split.part);
    const parts = rows.map(({ part }) => (part === wanted ? 0 : 1));
    if (!parts.includes(0)) {
      throw badInput(
        `Expected patients that were held out of ${heldOut.slug}, got none among the ${rows.length} that both datasets have`,
      );
    }
    const id = await insertSplit(tx, {
      datasetVersionId: to,
      name,
      parts: [...PARTS],
      leakingPatients: 0,
      overrideReason: null,
      imageParts: null,
    });
    await insertSplitMembers(tx, id, { patients: rows.map(({ patient }) => patient), parts });
  });
}

import type { ReadReport } from "../../../compute/index.ts";
import type { Db } from "../../db/client.ts";
import { readWhole, type StoredColumn } from "./column-store.ts";
import { findSplit, insertSplit, insertSplitMembers, selectSplitMembers } from "./import.queries.ts";

/** What an import says about a split. */
export interface GivenSplit {
  readonly name: string;
  /** Part names, by code of `byImage`. */
  readonly parts: readonly string[];
  readonly byImage: StoredColumn;
  /** Patient ordinals of the version by image; absent when the source names no patients. */
  readonly patients: Uint32Array | undefined;
  /** Why a split that puts a patient on two sides is recorded all the same. */
  readonly overrideReason: string | undefined;
}

/**
 * Stores the split of an import, or finds the same one stored before. By patient where patients are known and each has
 * one part; by image otherwise, and for a leaking split with the count and the reason that the database demands.
 *
 * @returns its id; undefined when the stored split of this name differs.
 */
export async function storeSplit(
  db: Db,
  versionId: number,
  split: GivenSplit,
  report: Pick<ReadReport, "patientsInTwoSplits">,
): Promise<number | undefined> {
  const codes = new Uint8Array(await readWhole(split.byImage));
  const members = split.patients === undefined ? undefined : partsByPatient(codes, split.patients);
  const byPatient = members !== undefined && report.patientsInTwoSplits === 0;
  const stored = await findSplit(db, versionId, split.name);
  if (stored !== undefined) {
    const same =
      byPatient && stored.imageParts === null
        ? sameMembers(members, split.parts, await selectSplitMembers(db, stored.id), stored.parts)
        : stored.imageParts !== null && sameParts(codes, split.parts, stored.imageParts, stored.parts);
    return same ? stored.id : undefined;
  }
  const id = await insertSplit(db, {
    datasetVersionId: versionId,
    name: split.name,
    parts: [...split.parts],
    leakingPatients: report.patientsInTwoSplits,
    overrideReason: report.patientsInTwoSplits > 0 ? (split.overrideReason ?? "no reason given") : null,
    imageParts: byPatient ? null : Buffer.from(codes),
  });
  if (byPatient) {
    await insertSplitMembers(db, id, { patients: [...members.keys()], parts: [...members.values()] });
  }
  return id;
}

function partsByPatient(codes: Uint8Array, patients: Uint32Array): Map<number, number> {
  const members = new Map<number, number>();
  codes.forEach((part, image) => {
    const patient = patients[image];
    if (part !== 255 && patient !== undefined && patient !== 0xffffffff) members.set(patient, part);
  });
  return members;
}

function sameMembers(
  given: ReadonlyMap<number, number>,
  givenParts: readonly string[],
  stored: ReadonlyMap<number, number>,
  storedParts: readonly string[],
): boolean {
  // A later file may hold fewer patients: those it holds must agree.
  for (const [patient, part] of given) {
    const kept = stored.get(patient);
    if (kept === undefined || storedParts[kept] !== givenParts[part]) return false;
  }
  return true;
}

function sameParts(
  given: Uint8Array,
  givenParts: readonly string[],
  stored: Buffer,
  storedParts: readonly string[],
): boolean {
  return given.every((part, image) => part === 255 || givenParts[part] === storedParts[stored[image] ?? 255]);
}

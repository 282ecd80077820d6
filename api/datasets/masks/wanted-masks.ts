import { masksOfChain, type TransformChain } from "../../../compute/index.ts";
import type { Db } from "../../db/client.ts";
import { badInput, listed } from "../../metrics/question.ts";
import { folderOf, type ImageRoots } from "../image-roots.ts";
import { listMaskFiles, type MaskSet, maskSetsOf } from "./mask.queries.ts";

/**
 * The masks that a chain names, of a version.
 *
 * @throws {ServiceError} BAD_USER_INPUT naming the masks there are
 */
export async function findMasks(
  db: Db,
  versionId: number,
  transforms: TransformChain,
): Promise<readonly MaskSet[]> {
  const names = masksOfChain(transforms);
  if (names.length === 0) return [];
  const sets = await maskSetsOf(db, [versionId]);
  return names.map((wanted) => {
    const found = sets.find(({ name }) => name === wanted);
    if (found !== undefined) return found;
    const known = listed(sets.map(({ name }) => name)) || "none";
    throw badInput(`Expected masks of the dataset version among ${known}, got "${wanted}"; import them`);
  });
}

/** What makes evaluations and trainings under other masks others. */
export function digestsOfMasks(sets: readonly MaskSet[]): Readonly<Record<string, string>> {
  return Object.fromEntries(sets.map(({ name, sha256 }) => [`mask:${name}`, sha256]));
}

/** The folder of each kind of masks on this machine. */
export function maskRootsOf(sets: readonly MaskSet[], roots: ImageRoots): Readonly<Record<string, string>> {
  return Object.fromEntries(sets.map((set) => [set.name, folderOf(set, roots)]));
}

/** The masks of a page of images, which are in order of ordinal, with each. One statement, or none without masks. */
export async function withMasks<Image extends { readonly ordinal: number }>(
  db: Db,
  sets: readonly MaskSet[],
  page: readonly Image[],
): Promise<readonly (Image & { readonly masks?: Record<string, { uri: string; sha256: string }> })[]> {
  const [first, last] = [page[0], page.at(-1)];
  if (sets.length === 0 || first === undefined || last === undefined) return page;
  const names = new Map(sets.map(({ id, name }) => [id, name]));
  const byOrdinal = new Map<number, Record<string, { uri: string; sha256: string }>>();
  for (const file of await listMaskFiles(db, [...names.keys()], first.ordinal, last.ordinal)) {
    const masks = byOrdinal.get(file.ordinal) ?? {};
    masks[names.get(file.setId) ?? ""] = { uri: file.uri, sha256: file.sha256 };
    byOrdinal.set(file.ordinal, masks);
  }
  return page.map((image) => ({ ...image, masks: byOrdinal.get(image.ordinal) ?? {} }));
}

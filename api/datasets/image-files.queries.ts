import { and, asc, desc, eq, gt, isNotNull, sql } from "drizzle-orm";
import type { Db } from "../db/client.ts";
import { attributes, datasetVersions, images } from "./dataset.table.ts";
import { datasetLocations } from "./dataset-location.table.ts";
import { splitMembers, splits } from "./split.table.ts";

/** The file of one image. */
export interface ImageFile {
  readonly ordinal: number;
  readonly externalId: string;
  /** Path below the version's root, with slashes. */
  readonly uri: string;
  /** SHA-256 of the file's bytes: 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  readonly rows: number;
  readonly cols: number;
}

/** Which files of a version to list. */
export interface ImageFilePage {
  /** Only images after this ordinal; default -1: from the first. */
  readonly afterOrdinal?: number;
  /** At most so many. */
  readonly limit: number;
  /** Only these images: ordinals in ascending order, as `selectOrdinalsOfParts` gives them. */
  readonly within?: Uint32Array;
}

/**
 * The image files of a version in order of ordinal, a page at a time; none for a version whose images have no files
 * here (imported with predictions only).
 */
export async function listImageFiles(
  db: Db,
  versionId: number,
  { afterOrdinal = -1, limit, within }: ImageFilePage,
): Promise<readonly ImageFile[]> {
  const chosen = within?.subarray(firstAfter(within, afterOrdinal)).subarray(0, limit);
  if (chosen?.length === 0) return [];
  const place =
    chosen === undefined
      ? gt(images.ordinal, afterOrdinal)
      : sql`${images.ordinal} = any(${sql.param([...chosen])}::integer[])`;
  const rows = await db
    .select({
      ordinal: images.ordinal,
      externalId: images.externalId,
      uri: sql<string>`${images.uri}`,
      sha256: sql<string>`encode(${images.sha256}, 'hex')`,
      rows: sql<number>`${images.height}`,
      cols: sql<number>`${images.width}`,
    })
    .from(images)
    .where(and(eq(images.datasetVersionId, versionId), place, isNotNull(images.uri)))
    .orderBy(asc(images.ordinal))
    .limit(limit);
  return rows;
}

/** Where the files of a version lie. */
export interface DatasetLocation {
  /** Absolute path of the folder, as recorded. */
  readonly root: string;
  /** Name of the operator's image root that `folder` is relative to; null: only the path is known. */
  readonly rootName: string | null;
  readonly folder: string | null;
  readonly recordedAt: Date;
}

/** The newest location of a version's files; undefined when none was ever recorded. */
export async function findRoot(db: Db, versionId: number): Promise<DatasetLocation | undefined> {
  const [newest] = await db
    .select({
      root: datasetLocations.root,
      rootName: datasetLocations.rootName,
      folder: datasetLocations.folder,
      recordedAt: datasetLocations.recordedAt,
    })
    .from(datasetLocations)
    .where(eq(datasetLocations.datasetVersionId, versionId))
    .orderBy(desc(datasetLocations.id))
    .limit(1);
  return newest;
}

/** Records where the files of a version lie from now on. */
export async function insertLocation(
  db: Db,
  versionId: number,
  location: Pick<DatasetLocation, "root" | "rootName" | "folder">,
): Promise<void> {
  await db.insert(datasetLocations).values({ datasetVersionId: versionId, ...location });
}

/**
 * The images of some parts of a split, as ordinals in ascending order. Cost: the split's column, or its members and the
 * version's column of patients, once.
 *
 * @returns undefined when the version has no such split; unknown part names select nothing.
 */
export async function selectOrdinalsOfParts(
  db: Db,
  versionId: number,
  split: string,
  parts: readonly string[],
): Promise<Uint32Array | undefined> {
  const [found] = await db
    .select({ id: splits.id, parts: splits.parts, imageParts: splits.imageParts })
    .from(splits)
    .where(and(eq(splits.datasetVersionId, versionId), eq(splits.name, split)));
  if (found === undefined) return undefined;
  const wanted = new Set(found.parts.flatMap((name, part) => (parts.includes(name) ? [part] : [])));
  if (found.imageParts !== null) return ordinalsWhere(found.imageParts, (part) => wanted.has(part));
  const members = await db
    .select({ patient: splitMembers.patientOrdinal, part: splitMembers.part })
    .from(splitMembers)
    .where(eq(splitMembers.splitId, found.id));
  const chosen = new Set(members.filter(({ part }) => wanted.has(part)).map(({ patient }) => patient));
  const [column] = await db
    .select({ values: attributes.values })
    .from(attributes)
    .where(and(eq(attributes.datasetVersionId, versionId), eq(attributes.kind, "patient")));
  if (column === undefined) return new Uint32Array(0);
  // Copied: bytes from the driver may not be aligned.
  const patients = new Uint32Array(Uint8Array.from(column.values).buffer);
  return ordinalsWhere(patients, (patient) => chosen.has(patient));
}

/** Images of a version, and how many of them have a file. */
export async function countImageFiles(
  db: Db,
  versionId: number,
): Promise<{ readonly images: number; readonly files: number } | undefined> {
  const [row] = await db
    .select({ images: datasetVersions.imageCount, files: datasetVersions.files })
    .from(datasetVersions)
    .where(eq(datasetVersions.id, versionId));
  if (row === undefined) return undefined;
  const all = row.images ?? 0;
  return { images: all, files: row.files === null ? 0 : all };
}

function firstAfter(ordinals: Uint32Array, after: number): number {
  let low = 0;
  let high = ordinals.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ordinals[middle]! <= after)
      low = middle + 1; // safe: middle < length
    else high = middle;
  }
  return low;
}

function ordinalsWhere(codes: ArrayLike<number>, isWanted: (code: number) => boolean): Uint32Array {
  const found: number[] = [];
  for (let ordinal = 0; ordinal < codes.length; ordinal++) {
    if (isWanted(codes[ordinal]!)) found.push(ordinal); // safe: ordinal < length
  }
  return Uint32Array.from(found);
}

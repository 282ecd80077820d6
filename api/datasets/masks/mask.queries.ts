import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import type { DatasetLocation } from "../image-files.queries.ts";
import { maskFiles, maskSets } from "./mask.table.ts";

/** Masks of one kind of a version. */
export type MaskSet = typeof maskSets.$inferSelect;

/** The mask of one image as it is stored. */
export interface NewMask {
  readonly ordinal: number;
  readonly uri: string;
  /** 32 bytes. */
  readonly sha256: Uint8Array;
}

const ROWS_AT_ONCE = 10_000;

/** Every kind of masks that versions have, by name. */
export async function maskSetsOf(db: Db, versionIds: readonly number[]): Promise<readonly MaskSet[]> {
  return db
    .select()
    .from(maskSets)
    .where(inArray(maskSets.datasetVersionId, [...versionIds]))
    .orderBy(asc(maskSets.name));
}

/** Stores masks of a kind that the version does not have yet. */
export async function insertMasks(
  db: Db,
  set: typeof maskSets.$inferInsert,
  masks: readonly NewMask[],
): Promise<void> {
  const [row] = await db.insert(maskSets).values(set).returning({ id: maskSets.id });
  const id = row?.id ?? 0; // an insert of one row returns it
  for (let from = 0; from < masks.length; from += ROWS_AT_ONCE) {
    const some = masks.slice(from, from + ROWS_AT_ONCE);
    const list = (values: readonly unknown[]) => sql.param(values);
    await db.execute(sql`insert into mask_file (mask_set_id, ordinal, uri, sha256)
      select ${id}, ordinal, uri, decode(digest, 'hex')
      from unnest(${list(some.map(({ ordinal }) => ordinal))}::integer[],
        ${list(some.map(({ uri }) => uri))}::text[],
        ${list(some.map(({ sha256 }) => Buffer.from(sha256).toString("hex")))}::text[]) as given (ordinal, uri, digest)`);
  }
}

/** Says where masks lie from now on. */
export async function moveMasks(
  db: Db,
  id: number,
  location: Pick<DatasetLocation, "root" | "rootName" | "folder">,
): Promise<void> {
  await db.update(maskSets).set(location).where(eq(maskSets.id, id));
}

/** The masks of these kinds of the images from one ordinal to another, both included. */
export async function listMaskFiles(
  db: Db,
  setIds: readonly number[],
  from: number,
  to: number,
): Promise<
  readonly {
    readonly setId: number;
    readonly ordinal: number;
    readonly uri: string;
    readonly sha256: string;
  }[]
> {
  return db
    .select({
      setId: maskFiles.maskSetId,
      ordinal: maskFiles.ordinal,
      uri: maskFiles.uri,
      sha256: sql<string>`encode(${maskFiles.sha256}, 'hex')`,
    })
    .from(maskFiles)
    .where(
      and(inArray(maskFiles.maskSetId, [...setIds]), sql`${maskFiles.ordinal} between ${from} and ${to}`),
    );
}

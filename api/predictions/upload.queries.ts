import { and, eq, isNull, lte, ne, sql } from "drizzle-orm";
import type { Db } from "../db/client.ts";
import { uploads } from "./prediction.table.ts";

/** An upload's row. */
export type UploadRecord = typeof uploads.$inferSelect;

/** Opens an upload that ends `seconds` from now by the database's clock. */
export async function insertUpload(
  db: Db,
  upload: Pick<UploadRecord, "id" | "fileName" | "byteLength" | "apiTokenId">,
  seconds: number,
): Promise<UploadRecord> {
  const expiresAt = sql`now() + make_interval(secs => ${seconds})`;
  const [row] = await db
    .insert(uploads)
    .values({ ...upload, expiresAt })
    .returning();
  // Safe: an insert without a conflict clause returns its row.
  return row!;
}

/** The upload of this id that belongs to this token (null: to callers without one) and has not expired, or undefined. */
export async function findUpload(
  db: Db,
  id: string,
  apiTokenId: number | null,
): Promise<(UploadRecord & { readonly isExpired: boolean }) | undefined> {
  const owner = apiTokenId === null ? isNull(uploads.apiTokenId) : eq(uploads.apiTokenId, apiTokenId);
  const [row] = await db
    .select({
      id: uploads.id,
      fileName: uploads.fileName,
      byteLength: uploads.byteLength,
      sha256: uploads.sha256,
      state: uploads.state,
      apiTokenId: uploads.apiTokenId,
      expiresAt: uploads.expiresAt,
      recordedAt: uploads.recordedAt,
      isExpired: sql<boolean>`${uploads.expiresAt} <= now()`,
    })
    .from(uploads)
    .where(and(eq(uploads.id, id), owner));
  return row;
}

/** Records what came; false when another request filled the upload first. */
export async function markReceived(db: Db, id: string, byteLength: number, sha256: string): Promise<boolean> {
  const rows = await db
    .update(uploads)
    .set({ state: "received", byteLength, sha256 })
    .where(and(eq(uploads.id, id), eq(uploads.state, "open")))
    .returning({ id: uploads.id });
  return rows.length > 0;
}

/** Marks an upload as used; false when another import took it first. */
export async function markUsed(db: Db, id: string): Promise<boolean> {
  const rows = await db
    .update(uploads)
    .set({ state: "used" })
    .where(and(eq(uploads.id, id), eq(uploads.state, "received")))
    .returning({ id: uploads.id });
  return rows.length > 0;
}

/** Ids of uploads whose files may go: expired, and used or not. */
export async function expiredUploads(db: Db): Promise<readonly string[]> {
  const rows = await db
    .select({ id: uploads.id })
    .from(uploads)
    .where(and(lte(uploads.expiresAt, sql`now()`), ne(uploads.state, "used")));
  return rows.map(({ id }) => id);
}

/** Forgets an upload that was never used. */
export async function deleteUpload(db: Db, id: string): Promise<void> {
  await db.delete(uploads).where(and(eq(uploads.id, id), ne(uploads.state, "used")));
}

import { asc, eq, sql } from "drizzle-orm";
import type { Db } from "../db/client.ts";
import { apiTokens, datasetGrants, type Role } from "./access.table.ts";

/** A token's row, without the digest. */
export interface TokenRecord {
  readonly id: number;
  readonly label: string;
  readonly globalRole: Role | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly recordedAt: Date;
}

/** A token as it is looked up to let someone in. */
export interface StoredToken extends TokenRecord {
  readonly tokenSha256: string;
  /** Database's clock, so that machines with a wrong one agree on what has expired. */
  readonly isExpired: boolean;
}

const shown = {
  id: apiTokens.id,
  label: apiTokens.label,
  globalRole: apiTokens.globalRole,
  expiresAt: apiTokens.expiresAt,
  revokedAt: apiTokens.revokedAt,
  recordedAt: apiTokens.recordedAt,
};

/** The token with this digest, or undefined. */
export async function findToken(db: Db, tokenSha256: string): Promise<StoredToken | undefined> {
  const isExpired = sql<boolean>`coalesce(${apiTokens.expiresAt} <= now(), false)`;
  const [row] = await db
    .select({ ...shown, tokenSha256: apiTokens.tokenSha256, isExpired })
    .from(apiTokens)
    .where(eq(apiTokens.tokenSha256, tokenSha256));
  return row;
}

/** Roles that a token was granted, by dataset row id. */
export async function grantsOf(db: Db, tokenId: number): Promise<ReadonlyMap<number, Role>> {
  const rows = await db
    .select({ datasetId: datasetGrants.datasetId, role: datasetGrants.role })
    .from(datasetGrants)
    .where(eq(datasetGrants.apiTokenId, tokenId));
  return new Map(rows.map(({ datasetId, role }) => [datasetId, role]));
}

/** All tokens, oldest first, without their digests. */
export async function listTokens(db: Db): Promise<readonly TokenRecord[]> {
  return db.select(shown).from(apiTokens).orderBy(asc(apiTokens.id));
}

/** Stores a token by its digest. */
export async function insertToken(
  db: Db,
  token: { label: string; tokenSha256: string; globalRole: Role | null; expiresAt: Date | null },
): Promise<TokenRecord> {
  const [row] = await db.insert(apiTokens).values(token).returning(shown);
  // Safe: an insert without a conflict clause returns its row.
  return row!;
}

/** Ends a token now; true when there is one of this id, also when it had ended before. */
export async function endToken(db: Db, id: number): Promise<boolean> {
  const rows = await db
    .update(apiTokens)
    .set({ revokedAt: sql`coalesce(${apiTokens.revokedAt}, now())` })
    .where(eq(apiTokens.id, id))
    .returning({ id: apiTokens.id });
  return rows.length > 0;
}

/** Gives a token a role on a dataset, in place of the one it had. */
export async function upsertGrant(db: Db, apiTokenId: number, datasetId: number, role: Role): Promise<void> {
  await db
    .insert(datasetGrants)
    .values({ apiTokenId, datasetId, role })
    .onConflictDoUpdate({ target: [datasetGrants.apiTokenId, datasetGrants.datasetId], set: { role } });
}

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { findDatasetBySlug } from "../datasets/dataset.queries.ts";
import { withTransaction } from "../db/transaction.ts";
import { ServiceError } from "../errors.ts";
import type { ServiceDeps } from "../services.ts";
import type { Role } from "./access.table.ts";
import { anonymousPrincipal, type Principal, tokenPrincipal } from "./principal.ts";
import {
  endToken,
  findToken,
  grantsOf,
  insertToken,
  listTokens,
  type TokenRecord,
  upsertGrant,
} from "./token.queries.ts";

const tokenPattern = /^stm_[A-Za-z0-9_-]{43}$/;

/** A token to be made. */
export interface NewToken {
  /** For people: whose it is. */
  readonly label: string;
  /** Role on every dataset; absent: only what the grants give. */
  readonly globalRole?: Role;
  readonly expiresAt?: Date;
  /** Roles by dataset slug. */
  readonly grants?: Readonly<Record<string, Role>>;
}

/** Bearer tokens: makes, ends and recognises them. Only their SHA-256 is stored. */
export class TokenService {
  readonly #database: ServiceDeps["database"];
  readonly #anonymous: Principal;

  constructor({ database, config }: Pick<ServiceDeps, "database" | "config">) {
    this.#database = database;
    this.#anonymous = anonymousPrincipal(config.access.anonymousRole);
  }

  /**
   * Makes a token of 256 random bits. Its text is returned this once and never again.
   *
   * @throws {ServiceError} NOT_FOUND when a grant names a dataset that is not there; BAD_USER_INPUT
   */
  async create({
    label,
    globalRole,
    expiresAt,
    grants = {},
  }: NewToken): Promise<TokenRecord & { token: string }> {
    if (label.trim() === "" || label.length > 200) {
      throw new ServiceError(
        "BAD_USER_INPUT",
        `Expected a label of 1 to 200 characters, got ${label.length}`,
      );
    }
    const token = `stm_${randomBytes(32).toString("base64url")}`;
    const record = await withTransaction(this.#database, async (tx) => {
      const stored = await insertToken(tx, {
        label,
        tokenSha256: digest(token).toString("hex"),
        globalRole: globalRole ?? null,
        expiresAt: expiresAt ?? null,
      });
      for (const [slug, role] of Object.entries(grants)) {
        const dataset = await findDatasetBySlug(tx, slug);
        if (!dataset) throw new ServiceError("NOT_FOUND", `Expected the slug of a dataset, got "${slug}"`);
        await upsertGrant(tx, stored.id, dataset.id, role);
      }
      return stored;
    });
    return { ...record, token };
  }

  /**
   * Ends a token at once, for every request that begins from now on.
   *
   * @throws {ServiceError} NOT_FOUND
   */
  async revoke(id: number): Promise<void> {
    if (await endToken(this.#database.db, id)) return;
    throw new ServiceError("NOT_FOUND", `Expected the number of a token, got ${id}; list them first`);
  }

  /** All tokens, oldest first. */
  list(): Promise<readonly TokenRecord[]> {
    return listTokens(this.#database.db);
  }

  /**
   * Who sends this Authorization header; without one, the anonymous caller that the configuration knows. A malformed,
   * unknown, expired or revoked token is refused alike, and never falls back to anonymous.
   *
   * @throws {ServiceError} UNAUTHENTICATED
   */
  async authenticate(authorization: string | undefined): Promise<Principal> {
    if (authorization === undefined) return this.#anonymous;
    const [, token = ""] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
    const hash = digest(token);
    const stored = tokenPattern.test(token)
      ? await findToken(this.#database.db, hash.toString("hex"))
      : undefined;
    const known = stored !== undefined && timingSafeEqual(hash, Buffer.from(stored.tokenSha256, "hex"));
    if (!known || stored.revokedAt !== null || stored.isExpired) {
      throw new ServiceError("UNAUTHENTICATED", "Expected a token that is known and in force, got another");
    }
    return tokenPrincipal(
      stored.id,
      stored.globalRole ?? "public",
      await grantsOf(this.#database.db, stored.id),
    );
  }
}

function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

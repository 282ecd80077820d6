import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Principal } from "../access/principal.ts";
import { includesRole } from "../access/principal.ts";
import { ServiceError } from "../errors.ts";
import { encodeId } from "../graphql/node-id.ts";
import { isStorable } from "../http/query-shape.ts";
import type { ServiceDeps } from "../services.ts";
import {
  deleteUpload,
  expiredUploads,
  findUpload,
  insertUpload,
  markReceived,
  markUsed,
  type UploadRecord,
} from "./upload.queries.ts";

/** How long an upload may be filled and used: a slow line carries 4 GiB in three hours. */
const LIFETIME_SECONDS = 6 * 3_600;
const REAP_EVERY_MS = 60_000;
const DISK_FULL: readonly unknown[] = ["ENOSPC", "EDQUOT", "EFBIG"];

/** Where to send a file, once. */
export interface UploadTicket {
  readonly id: string;
  /** Path on this server. */
  readonly url: string;
  readonly method: "PUT";
  readonly expiresAt: Date;
}

/** A file that came, for one use; disposing removes it. */
export interface TakenUpload extends AsyncDisposable {
  readonly path: string;
  readonly sha256: string;
  /** As the client named it: for people and for guessing the format, never part of a path. */
  readonly fileName: string;
  readonly byteLength: number;
}

/** Files on their way in: announced over GraphQL, sent by PUT, taken by an import. */
export class UploadService {
  readonly #database: ServiceDeps["database"];
  readonly #folder: string;
  readonly #most: number;
  readonly #filling = new Set<string>();
  #reapedAt = 0;

  constructor({ database, config }: Pick<ServiceDeps, "database" | "config">) {
    this.#database = database;
    this.#folder = join(config.home, "uploads");
    this.#most = config.limits.uploadBytes;
  }

  /**
   * Announces a file. Whoever is a steward of anything may.
   *
   * @throws {ServiceError} UNAUTHENTICATED, FORBIDDEN, BAD_USER_INPUT, UPLOAD_TOO_LARGE
   */
  async create(
    { fileName, byteLength }: { fileName: string; byteLength?: number | null | undefined },
    principal: Principal,
  ): Promise<UploadTicket> {
    requireAnySteward(principal);
    if (fileName.length < 1 || fileName.length > 255 || /\p{Cc}/u.test(fileName) || !isStorable(fileName)) {
      throw new ServiceError(
        "BAD_USER_INPUT",
        "Expected a file name of 1 to 255 printable characters, got another",
      );
    }
    if (byteLength != null && byteLength < 0) {
      throw new ServiceError("BAD_USER_INPUT", `Expected a length in bytes, got ${byteLength}`);
    }
    this.#checkLength(byteLength ?? 0);
    await this.#reap();
    const id = randomUUID();
    const row = { id, fileName, byteLength: byteLength ?? null, apiTokenId: principal.tokenId ?? null };
    const { expiresAt } = await insertUpload(this.#database.db, row, LIFETIME_SECONDS);
    return { id: encodeId("Upload", id), url: `/v1/uploads/${id}`, method: "PUT", expiresAt };
  }

  /**
   * Stores the bytes of an announced file: to a temporary file first, so that a file under its own name is whole.
   *
   * @param id - the UUID of the upload
   * @param content - the bytes
   * @param announced - the Content-Length of the request, if it has one
   * @throws {ServiceError} NOT_FOUND, UPLOAD_EXPIRED, UPLOAD_NOT_OPEN, UPLOAD_TOO_LARGE, UPLOAD_LENGTH_MISMATCH,
   *   STORAGE_FULL, BAD_REQUEST (cut off)
   */
  async receive(
    id: string,
    principal: Principal,
    content: AsyncIterable<Uint8Array>,
    announced: number | undefined,
  ): Promise<{ readonly sha256: string; readonly byteLength: number }> {
    const upload = await this.#find(id, principal);
    if (upload.state !== "open" || this.#filling.has(id)) {
      throw new ServiceError(
        "UPLOAD_NOT_OPEN",
        "Expected an upload that was not sent yet, got one that was; make another",
      );
    }
    const expected = upload.byteLength ?? announced;
    if (expected !== undefined) this.#checkLength(expected);
    if (announced !== undefined && expected !== announced) throw lengthMismatch(expected, announced);
    this.#filling.add(id);
    try {
      const received = await this.#store(id, content, expected);
      if (await markReceived(this.#database.db, id, received.byteLength, received.sha256)) return received;
      throw new ServiceError(
        "UPLOAD_NOT_OPEN",
        "Expected an upload that was not sent yet, got one that was; make another",
      );
    } finally {
      this.#filling.delete(id);
    }
  }

  /**
   * Takes a file that came, for its one use; only the caller who announced it may.
   *
   * @param id - the UUID of the upload
   * @throws {ServiceError} NOT_FOUND, UPLOAD_EXPIRED, UPLOAD_NOT_RECEIVED, UPLOAD_NOT_OPEN (used before)
   */
  async take(id: string, principal: Principal): Promise<TakenUpload> {
    const { state, sha256, byteLength, fileName } = await this.#find(id, principal);
    if (state === "open" || sha256 === null || byteLength === null) {
      throw new ServiceError(
        "UPLOAD_NOT_RECEIVED",
        "Expected an upload whose file was sent, got an empty one; PUT it first",
      );
    }
    const path = this.#pathOf(id, sha256);
    const isThere = await stat(path).then(
      () => true,
      () => false,
    );
    if (!isThere || !(await markUsed(this.#database.db, id))) {
      throw new ServiceError(
        "UPLOAD_NOT_OPEN",
        "Expected an upload that was not used yet, got one that was; send it again",
      );
    }
    return { path, sha256, byteLength, fileName, [Symbol.asyncDispose]: () => rm(path, { force: true }) };
  }

  async #find(id: string, principal: Principal): Promise<UploadRecord> {
    const upload = await findUpload(this.#database.db, id, principal.tokenId ?? null);
    // Someone else's upload reads like none at all.
    if (!upload)
      throw new ServiceError(
        "NOT_FOUND",
        "Expected an upload of this caller, got another; make one by createUpload",
      );
    if (upload.isExpired)
      throw new ServiceError(
        "UPLOAD_EXPIRED",
        "Expected an upload in its time, got an expired one; make another",
      );
    return upload;
  }

  async #store(
    id: string,
    content: AsyncIterable<Uint8Array>,
    expected: number | undefined,
  ): Promise<{ sha256: string; byteLength: number }> {
    const temporary = join(this.#folder, `${id}.${randomUUID()}.part`);
    const hash = createHash("sha256");
    let byteLength = 0;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await using file = await open(temporary, "wx", 0o600);
      for await (const chunk of content) {
        byteLength += chunk.length;
        this.#checkLength(byteLength);
        if (expected !== undefined && byteLength > expected) throw lengthMismatch(expected, byteLength);
        hash.update(chunk);
        await file.writeFile(chunk);
      }
      if (expected !== undefined && byteLength !== expected) throw lengthMismatch(expected, byteLength);
      await file.sync();
      const sha256 = hash.digest("hex");
      // Under the digest too: two senders of the same upload cannot overwrite each other.
      await rename(temporary, this.#pathOf(id, sha256));
      return { sha256, byteLength };
    } catch (error) {
      await rm(temporary, { force: true });
      throw toUploadError(error);
    }
  }

  /** Forgets uploads past their time, and removes files that no upload waits for; at most once a minute. */
  async #reap(): Promise<void> {
    if (Date.now() - this.#reapedAt < REAP_EVERY_MS) return;
    this.#reapedAt = Date.now();
    const expired = await expiredUploads(this.#database.db);
    for (const id of expired) await deleteUpload(this.#database.db, id);
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names) {
      const path = join(this.#folder, name);
      const age = await stat(path).then(
        ({ mtimeMs }) => Date.now() - mtimeMs,
        () => 0,
      );
      // No file outlives its upload: it was written before the upload's end.
      if (age > LIFETIME_SECONDS * 1_000) await rm(path, { force: true });
    }
  }

  #pathOf(id: string, sha256: string): string {
    return join(this.#folder, `${id}.${sha256}`);
  }

  #checkLength(byteLength: number): void {
    if (byteLength <= this.#most) return;
    throw new ServiceError(
      "UPLOAD_TOO_LARGE",
      `Expected a file of at most ${this.#most} bytes, got more; raise STRATUM_MAX_UPLOAD_BYTES or split it`,
    );
  }
}

function requireAnySteward(principal: Principal): void {
  if (includesRole(principal.highestRole, "steward")) return;
  throw principal.kind === "anonymous"
    ? new ServiceError(
        "UNAUTHENTICATED",
        "Expected a token of a steward, got none; send one as a bearer token",
      )
    : new ServiceError("FORBIDDEN", "Expected a steward of a dataset, got a token without such a grant");
}

function lengthMismatch(expected: number | undefined, got: number): ServiceError {
  return new ServiceError(
    "UPLOAD_LENGTH_MISMATCH",
    `Expected ${expected} bytes, got ${got}; send the whole file again`,
  );
}

function toUploadError(error: unknown): unknown {
  if (error instanceof ServiceError) return error;
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  if (DISK_FULL.includes(code)) {
    return new ServiceError(
      "STORAGE_FULL",
      "Expected room for the file, got a full disk; free some space and send it again",
      {
        cause: error,
      },
    );
  }
  const cut: readonly unknown[] = ["ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE", "ABORT_ERR", "ECONNABORTED"];
  if (cut.includes(code)) {
    return new ServiceError("BAD_REQUEST", "Expected a whole file, got one that was cut off; send it again", {
      cause: error,
    });
  }
  return error;
}

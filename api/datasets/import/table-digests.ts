import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { ServiceError } from "../../errors.ts";

/** SHA-256 of files by name: what tells one import's tables from another's. @throws {ServiceError} BAD_USER_INPUT */
export async function digestsOf(
  files: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const [name, path] of Object.entries(files)) {
    const hash = createHash("sha256");
    try {
      await pipeline(createReadStream(path), hash, signal === undefined ? {} : { signal });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw unreadable(`the table "${name}"`, error);
    }
    digests[name] = hash.digest("hex");
  }
  return digests;
}

/** The refusal of a file or folder that cannot be read; the path stays out. */
export function unreadable(what: string, error: unknown): ServiceError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "an error";
  return new ServiceError("BAD_USER_INPUT", `Expected to read ${what}, got ${code}`, { cause: error });
}

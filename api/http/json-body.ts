import type { IncomingMessage } from "node:http";
import { ServiceError } from "../errors.ts";

/** A body of 100 kB that takes longer is held back on purpose. */
const BODY_MS = 15_000;

/**
 * Reads a request's body of at most `most` bytes; stops reading at the first byte beyond.
 *
 * @throws {ServiceError} QUERY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE (compressed), BAD_REQUEST (cut off)
 */
export async function readBody(request: IncomingMessage, most: number): Promise<string> {
  const encoding = request.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") {
    throw new ServiceError(
      "UNSUPPORTED_MEDIA_TYPE",
      "Expected a body that is not compressed, got one that is",
    );
  }
  if (Number(request.headers["content-length"] ?? 0) > most) throw tooLarge(most);
  const chunks: Buffer[] = [];
  const late = setTimeout(() => request.destroy(), BODY_MS);
  let length = 0;
  try {
    for await (const chunk of request) {
      // Safe: no encoding is set on the stream, so it gives buffers.
      const bytes = chunk as Buffer;
      length += bytes.length;
      if (length > most) throw tooLarge(most);
      chunks.push(bytes);
    }
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    throw new ServiceError("BAD_REQUEST", "Expected a whole body, got one that was cut off", {
      cause: error,
    });
  } finally {
    clearTimeout(late);
  }
  return (chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)).toString("utf8");
}

/**
 * The object in a JSON text.
 *
 * @throws {ServiceError} BAD_REQUEST when it is no JSON, or no object
 */
export function parseObject(text: string, what: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ServiceError("BAD_REQUEST", `Expected ${what} to be JSON, got something else`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const got = Array.isArray(value) ? "a list (batching is off)" : value === null ? "null" : typeof value;
    throw new ServiceError("BAD_REQUEST", `Expected ${what} to be a JSON object, got ${got}`);
  }
  // Safe: a JSON object has string keys.
  return value as Record<string, unknown>;
}

function tooLarge(most: number): ServiceError {
  return new ServiceError(
    "QUERY_TOO_LARGE",
    `Expected a body of at most ${most} bytes, got more; use createUpload for files`,
  );
}

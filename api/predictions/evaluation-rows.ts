import { to as copyTo } from "pg-copy-streams";
import type { Database } from "../db/client.ts";
import { withClient } from "../db/transaction.ts";

/** PGCOPY signature (11 bytes), flags and the length of the extension. */
const HEADER_BYTES = 19;

/**
 * Streams the rows of a SELECT as raw bytes, field by field, by COPY in binary format: node-postgres itself would
 * carry bytea as hexadecimal text, twice the bytes and a string of at most 512 MB. COPY takes no parameters, so
 * `select` must be made of constants and of numbers that were checked to be whole.
 *
 * Each field given to `onRow` is valid only during the call. Integers come big-endian, as PostgreSQL sends them.
 *
 * @throws {ServiceError} as withClient
 */
export function readBinaryRows(
  database: Pick<Database, "pool">,
  select: string,
  onRow: (fields: readonly Buffer[]) => void,
): Promise<void> {
  return withClient(database, async (client) => {
    const stream = client.query(copyTo(`copy (${select}) to stdout (format binary)`));
    let pending: Buffer[] = [];
    let pendingBytes = 0;
    let needed = HEADER_BYTES + 2;
    let headerRead = false;
    for await (const piece of stream) {
      const chunk = piece as Buffer; // safe: the stream is not in object mode and has no encoding
      pending.push(chunk);
      pendingBytes += chunk.length;
      if (pendingBytes < needed) continue;
      let bytes = pending.length === 1 ? chunk : Buffer.concat(pending, pendingBytes);
      if (!headerRead) {
        bytes = bytes.subarray(HEADER_BYTES + bytes.readInt32BE(HEADER_BYTES - 4));
        headerRead = true;
      }
      for (;;) {
        const row = readRow(bytes);
        if (typeof row === "number") {
          needed = row;
          break;
        }
        onRow(row.fields);
        bytes = bytes.subarray(row.end);
      }
      pending = [bytes];
      pendingBytes = bytes.length;
    }
  });
}

/** The row at the start of `bytes`, or how many bytes it needs at least. */
function readRow(bytes: Buffer): { fields: Buffer[]; end: number } | number {
  if (bytes.length < 2) return 2;
  const fieldCount = bytes.readInt16BE(0);
  // -1 is the trailer: nothing follows it.
  if (fieldCount < 0) return Number.POSITIVE_INFINITY;
  const fields: Buffer[] = [];
  let end = 2;
  for (let field = 0; field < fieldCount; field += 1) {
    if (bytes.length < end + 4) return end + 4;
    const length = Math.max(0, bytes.readInt32BE(end));
    if (bytes.length < end + 4 + length) return end + 4 + length;
    fields.push(bytes.subarray(end + 4, end + 4 + length));
    end += 4 + length;
  }
  return { fields, end };
}

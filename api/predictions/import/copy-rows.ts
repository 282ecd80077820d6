import { once } from "node:events";
import { finished } from "node:stream/promises";
import type { PoolClient } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import type { IdList } from "../../../compute/index.ts";

/** Tables whose rows are (version, ordinal, external id). */
export type IdTable = "image" | "patient" | "study";

// PGCOPY\n\377\r\n\0, no flags, no extension: PostgreSQL 18 manual, COPY, "Binary Format".
const HEADER = Buffer.from([
  0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
const TRAILER = Buffer.from([0xff, 0xff]);
// Field count, the version's length and value, the ordinal's length and value, the id's length.
const ROW_OVERHEAD = 2 + 4 + 8 + 4 + 4 + 4;

/**
 * Encodes numbered ids as one binary COPY, into memory of its own: the caller may reuse `ids` at once.
 * Binary, since nothing has to be escaped and the server parses no text.
 */
export function encodeIdRows(versionId: number, firstOrdinal: number, ids: IdList): Buffer {
  // Safe: offsets holds at least count + 1 entries by contract.
  const first = ids.offsets[0]!;
  const length = ids.offsets[ids.count]! - first;
  const out = Buffer.allocUnsafe(HEADER.length + ids.count * ROW_OVERHEAD + length + TRAILER.length);
  let at = HEADER.copy(out);
  // Everything before the ordinal is the same in every row.
  const prefix = Buffer.alloc(18);
  prefix.writeInt32BE(8, prefix.writeInt16BE(3, 0));
  prefix.writeInt32BE(4, prefix.writeBigInt64BE(BigInt(versionId), 6));
  for (let row = 0; row < ids.count; row++) {
    const start = ids.offsets[row]!;
    const end = ids.offsets[row + 1]!;
    for (let i = 0; i < 18; i++) out[at++] = prefix[i]!;
    at = out.writeInt32BE(firstOrdinal + row, at);
    at = out.writeInt32BE(end - start, at);
    // Ids are short: a loop over bytes costs less than the set-up of a bulk copy.
    for (let i = start; i < end; i++) out[at++] = ids.bytes[i]!;
  }
  TRAILER.copy(out, at);
  return out;
}

/**
 * Copies rows made by `encodeIdRows` into the open partition of their version.
 *
 * @param partition - the name that `openPartition` gave; never a name from outside.
 */
export async function copyIdRows(client: PoolClient, partition: string, rows: Buffer): Promise<void> {
  const stream = client.query(
    copyFrom(`copy ${partition} (dataset_version_id, ordinal, external_id) from stdin with (format binary)`),
  );
  const done = finished(stream);
  // Listened to from the start: a refusal by the server may come before the last byte is written.
  done.catch(() => {});
  if (!stream.write(rows)) await Promise.race([once(stream, "drain"), done]);
  stream.end();
  await done;
}

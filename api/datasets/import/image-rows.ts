import type { PoolClient } from "pg";
import { COPY_HEADER, COPY_TRAILER, copyBinary } from "../../predictions/import/copy-rows.ts";

/** Images with their files, in order of ordinal. */
export interface ImageRows {
  readonly ids: readonly string[];
  readonly uris: readonly string[];
  /** 32 bytes an image. */
  readonly sha256: Uint8Array;
  readonly rows: Uint32Array;
  readonly cols: Uint32Array;
}

// Field count; lengths of seven fields; version, ordinal, digest, width and height.
const ROW_BYTES = 2 + 7 * 4 + 8 + 4 + 32 + 4 + 4;

/** Encodes images as one binary COPY: PostgreSQL 18 manual, COPY, "Binary Format". */
export function encodeImageRows(versionId: number, firstOrdinal: number, images: ImageRows): Buffer {
  const { ids, uris, sha256, rows, cols } = images;
  const texts = ids.reduce(
    (sum, id, row) => sum + Buffer.byteLength(id) + Buffer.byteLength(uris[row] ?? ""),
    0,
  );
  const out = Buffer.allocUnsafe(COPY_HEADER.length + ids.length * ROW_BYTES + texts + COPY_TRAILER.length);
  let at = COPY_HEADER.copy(out);
  const number = (value: number) => {
    at = out.writeInt32BE(value, out.writeInt32BE(4, at));
  };
  const text = (value: string) => {
    const length = out.write(value, at + 4);
    at = out.writeInt32BE(length, at) + length;
  };
  ids.forEach((id, row) => {
    at = out.writeInt16BE(7, at);
    at = out.writeBigInt64BE(BigInt(versionId), out.writeInt32BE(8, at));
    number(firstOrdinal + row);
    text(id);
    text(uris[row] ?? "");
    at = out.writeInt32BE(32, at);
    out.set(sha256.subarray(32 * row, 32 * row + 32), at);
    at += 32;
    number(cols[row] ?? 0);
    number(rows[row] ?? 0);
  });
  COPY_TRAILER.copy(out, at);
  return out;
}

/**
 * Copies images into the open partition of their version.
 *
 * @param partition - the name that `openPartition` gave; never a name from outside.
 */
export async function copyImageRows(client: PoolClient, partition: string, rows: Buffer): Promise<void> {
  const columns = "(dataset_version_id, ordinal, external_id, uri, sha256, width, height)";
  await copyBinary(client, `${partition} ${columns}`, [rows]);
}

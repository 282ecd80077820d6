import { once } from "node:events";
import { finished } from "node:stream/promises";
import type { PoolClient } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import type { IdList } from "../../../compute/index.ts";
import type { StoredColumn } from "./column-store.ts";

/** Tables whose rows are (version, ordinal, external id). */
export type IdTable = "image" | "patient" | "study";

/** The start of a binary COPY: PGCOPY\n\377\r\n\0, no flags, no extension: PostgreSQL 18 manual, COPY, "Binary Format". */
export const COPY_HEADER = Buffer.from([
  0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
/** The end of a binary COPY. */
export const COPY_TRAILER = Buffer.from([0xff, 0xff]);
// Field count, the version's length and value, the ordinal's length and value, the id's length.
const ROW_OVERHEAD = 2 + 4 + 8 + 4 + 4 + 4;

/**
 * Encodes numbered ids as one binary COPY: nothing has to be escaped and the server parses no text. The caller may reuse
 * `ids` at once.
 *
 * @param memory - written to if it is large enough, so that ten million rows leave no garbage behind.
 */
export function encodeIdRows(
  versionId: number,
  firstOrdinal: number,
  ids: IdList,
  memory: Buffer = Buffer.alloc(0),
): Buffer {
  // Safe: offsets holds at least count + 1 entries by contract.
  const first = ids.offsets[0]!;
  const length = ids.offsets[ids.count]! - first;
  const needed = COPY_HEADER.length + ids.count * ROW_OVERHEAD + length + COPY_TRAILER.length;
  // A fifth more than asked for: the next block's ids may be longer.
  const out = memory.length >= needed ? memory : Buffer.allocUnsafe(Math.ceil(needed * 1.2));
  let at = COPY_HEADER.copy(out);
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
  COPY_TRAILER.copy(out, at);
  return out.subarray(0, needed);
}

/**
 * Copies rows made by `encodeIdRows` into the open partition of their version.
 *
 * @param partition - the name that `openPartition` gave; never a name from outside.
 */
export async function copyIdRows(client: PoolClient, partition: string, rows: Buffer): Promise<void> {
  await copyBinary(client, `${partition} (dataset_version_id, ordinal, external_id)`, [rows]);
}

/** Where a block of scores belongs. */
export interface BlockPlace {
  readonly versionId: number;
  readonly predictionSetId: number;
  readonly block: number;
}

/** Blocks of scores as one binary COPY, and where in it each class's scores lie. */
export interface ScoreRows {
  readonly rows: Buffer;
  readonly scores: readonly Buffer[];
}

// Field count; length and value of version, set, class and block; the length of the scores.
const BLOCK_OVERHEAD = 2 + 12 + 12 + 6 + 8 + 4;

/**
 * Encodes a block of every class as one binary COPY: each score is copied once on its way to the server. The caller may
 * reuse the columns at once.
 *
 * @param columns - by class index; undefined: no scores, all unknown.
 * @param count - images of the block.
 * @param memory - written to if it is large enough, as in `encodeIdRows`.
 */
export function encodeScoreRows(
  place: BlockPlace,
  columns: readonly (Float32Array | undefined)[],
  count: number,
  memory: Buffer = Buffer.alloc(0),
): ScoreRows {
  const needed = COPY_HEADER.length + columns.length * (BLOCK_OVERHEAD + count * 4) + COPY_TRAILER.length;
  const out = memory.length >= needed ? memory : Buffer.allocUnsafeSlow(needed);
  let at = COPY_HEADER.copy(out);
  const scores = columns.map((column, classIndex) => {
    at = out.writeInt16BE(5, at);
    for (const id of [place.versionId, place.predictionSetId]) {
      at = out.writeBigInt64BE(BigInt(id), out.writeInt32BE(8, at));
    }
    at = out.writeInt16BE(classIndex, out.writeInt32BE(2, at));
    at = out.writeInt32BE(place.block, out.writeInt32BE(4, at));
    at = out.writeInt32BE(count * 4, at);
    const bytes = out.subarray(at, at + count * 4);
    if (column === undefined) for (let i = 0; i < bytes.length; i += 4) bytes.writeUInt32LE(UNKNOWN_SCORE, i);
    else bytes.set(new Uint8Array(column.buffer, column.byteOffset, count * 4));
    at += bytes.length;
    return bytes;
  });
  COPY_TRAILER.copy(out, at);
  return { rows: out.subarray(0, needed), scores };
}

// NaN as JavaScript writes it.
const UNKNOWN_SCORE = 0x7fc00000;

/** Copies blocks made by `encodeScoreRows`. */
export async function copyScoreRows(client: PoolClient, rows: Buffer): Promise<void> {
  await copyBinary(
    client,
    "score_block (dataset_version_id, prediction_set_id, class_index, block, scores)",
    [rows],
  );
}

/** A row of `attribute` whose column of numbers is sent part by part: at ten million images it never stands twice in memory. */
export interface AttributeRow {
  readonly datasetVersionId: number;
  readonly name: string;
  readonly kind: string;
  readonly dictionary: readonly string[] | null;
  readonly categoryMappingId: number | null;
  readonly sourceColumn: string | null;
  readonly column: StoredColumn;
}

/** Stores one attribute. */
export async function copyAttribute(client: PoolClient, row: AttributeRow): Promise<void> {
  const fields = [
    int8(row.datasetVersionId),
    Buffer.from(row.name),
    Buffer.from(row.kind),
    Buffer.from(row.column.encoding),
    row.dictionary === null ? null : textArray(row.dictionary),
    row.categoryMappingId === null ? null : int8(row.categoryMappingId),
    row.sourceColumn === null ? null : Buffer.from(row.sourceColumn),
    int4(row.column.unknownCount),
  ];
  const head = Buffer.concat([
    COPY_HEADER,
    int2(fields.length + 1),
    ...fields.flatMap(sized),
    int4(row.column.byteLength),
  ]);
  const columns =
    'attribute (dataset_version_id, name, kind, encoding, dictionary, category_mapping_id, source_column, unknown_count, "values")';
  await copyBinary(client, columns, inOrder(head, row.column));
}

async function* inOrder(head: Buffer, column: StoredColumn): AsyncGenerator<Buffer> {
  yield head;
  yield* column.parts();
  yield COPY_TRAILER;
}

/**
 * Sends parts of one binary COPY, which begin with COPY_HEADER and end with COPY_TRAILER.
 *
 * @param target - table and columns; never a name from outside.
 */
export async function copyBinary(
  client: PoolClient,
  target: string,
  parts: readonly Buffer[] | AsyncIterable<Buffer>,
): Promise<void> {
  const stream = client.query(copyFrom(`copy ${target} from stdin with (format binary)`));
  const done = finished(stream);
  // Listened to from the start: a refusal by the server may come before the last byte is written.
  done.catch(() => {});
  for await (const part of parts) {
    if (!stream.write(part)) await Promise.race([once(stream, "drain"), done]);
  }
  stream.end();
  await done;
}

function sized(field: Buffer | null): Buffer[] {
  return field === null ? [int4(-1)] : [int4(field.length), field];
}

// One dimension from 1, no nulls, elements of type text (oid 25).
function textArray(words: readonly string[]): Buffer {
  const elements = words.flatMap((word) => sized(Buffer.from(word)));
  return Buffer.concat([
    int4(words.length === 0 ? 0 : 1),
    int4(0),
    int4(25),
    ...(words.length === 0 ? [] : [int4(words.length), int4(1)]),
    ...elements,
  ]);
}

function int2(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int4(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int8(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

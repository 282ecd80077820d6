import { ServiceError } from "../errors.ts";

/** Types that have an `id` in the API. A new noun adds its type here. */
export const nodeTypes = [
  "Dataset",
  "DatasetVersion",
  "Attribute",
  "Split",
  "CategoryMapping",
  "Model",
  "ModelVersion",
  "Evaluation",
  "MetricRecord",
  "Publication",
  "Discrepancy",
  "Experiment",
  "Run",
  "Audit",
  "Upload",
] as const;
export type NodeType = (typeof nodeTypes)[number];

// 2^53 rows are out of reach, so a row id has at most 16 digits.
const rowIdPattern = /^[1-9][0-9]{0,15}$/;
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The opaque id of a row as the API shows it: base64url of `Type:key`. Stable for the life of the row. */
export function encodeId(type: NodeType, key: number | string): string {
  return Buffer.from(`${type}:${key}`).toString("base64url");
}

/**
 * The row id in an opaque id of this type.
 *
 * @throws {ServiceError} BAD_ID when the text is no id, or one of another type
 */
export function decodeId(type: NodeType, id: string): number {
  const key = decodeKey(type, id);
  const row = Number(key);
  if (!rowIdPattern.test(key) || !Number.isSafeInteger(row)) throw badId(type);
  return row;
}

/**
 * The UUID in an opaque id of this type (uploads).
 *
 * @throws {ServiceError} BAD_ID when the text is no id, or one of another type
 */
export function decodeUuid(type: NodeType, id: string): string {
  const key = decodeKey(type, id);
  if (!uuidPattern.test(key)) throw badId(type);
  return key;
}

function decodeKey(type: NodeType, id: string): string {
  if (id.length > 200) throw badId(type);
  const text = Buffer.from(id, "base64url").toString("utf8");
  // Decoding skips what is no base64url: only the text that encodes back to itself is an id.
  if (Buffer.from(text).toString("base64url") !== id || !text.startsWith(`${type}:`)) throw badId(type);
  return text.slice(type.length + 1);
}

function badId(type: NodeType): ServiceError {
  return new ServiceError(
    "BAD_ID",
    `Expected an id of the type ${type}, got something else; take it from an \`id\` field`,
  );
}

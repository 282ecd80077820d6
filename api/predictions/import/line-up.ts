import type { IdList } from "../../../compute/index.ts";
import type { Db } from "../../db/client.ts";
import { BLOCK_SIZE } from "../prediction.table.ts";
import { type DatasetVersionRow, selectImageIds } from "./import.queries.ts";

/** The image ids of a stored version in ordinal order, a block at a time. */
export async function* existingIds(tx: Db, version: DatasetVersionRow): AsyncGenerator<IdList> {
  const count = version.imageCount ?? 0;
  for (let from = 0; from < count; from += BLOCK_SIZE) {
    yield packIds(await selectImageIds(tx, version.id, from, from + BLOCK_SIZE));
  }
}

/** Ordinals of the stored version by the ordinals of this file; -1 for ids that the version lacks. */
export class OrdinalMap {
  readonly #parts: number[][] = [];

  append(ordinals: number[]): void {
    this.#parts.push(ordinals);
  }

  finish(): Int32Array {
    return Int32Array.from(this.#parts.flat());
  }
}

/** The ids as text. */
export function textsOf({ bytes, offsets, count }: IdList): string[] {
  const decoder = new TextDecoder();
  return Array.from({ length: count }, (_, i) => decoder.decode(bytes.subarray(offsets[i], offsets[i + 1])));
}

function packIds(ids: readonly string[]): IdList {
  const encoded = ids.map((id) => Buffer.from(id));
  const offsets = new Uint32Array(ids.length + 1);
  encoded.forEach((id, index) => {
    offsets[index + 1] = (offsets[index] ?? 0) + id.length;
  });
  return { count: ids.length, bytes: Buffer.concat(encoded), offsets };
}

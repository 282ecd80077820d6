import type { IdList } from "./types.ts";

/** Gathers byte strings end to end; its memory is reused after `clear`. */
export class IdListBuilder implements IdList {
  #bytes: Uint8Array = new Uint8Array(4_096);
  #offsets = new Uint32Array(257);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get offsets(): Uint32Array {
    return this.#offsets;
  }

  /** Appends a copy of `bytes[start, end)`. */
  append(bytes: Uint8Array, start: number, end: number): void {
    // In bounds: offsets has more than #count entries, see below.
    const from = this.#offsets[this.#count] as number;
    const to = from + end - start;
    if (to > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(to, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, from));
      this.#bytes = larger;
    }
    if (this.#count + 2 > this.#offsets.length) {
      const larger = new Uint32Array(this.#offsets.length * 2);
      larger.set(this.#offsets);
      this.#offsets = larger;
    }
    // A loop: ids are short, and a subarray per id costs more than its bytes.
    const into = this.#bytes;
    for (let at = start, out = from; at < end; at++, out++) into[out] = bytes[at] as number;
    this.#offsets[++this.#count] = to;
  }

  clear(): void {
    this.#count = 0;
  }
}

/** Packs strings as an `IdList`, in UTF-8. */
export function idListOf(ids: readonly string[]): IdList {
  const builder = new IdListBuilder();
  const encoder = new TextEncoder();
  for (const id of ids) {
    const bytes = encoder.encode(id);
    builder.append(bytes, 0, bytes.length);
  }
  return builder;
}

/** Unpacks an `IdList` into strings; for short lists. */
export function stringsOf(list: IdList): string[] {
  const text = new TextDecoder();
  return Array.from({ length: list.count }, (_, at) =>
    text.decode(list.bytes.subarray(list.offsets[at], list.offsets[at + 1])),
  );
}

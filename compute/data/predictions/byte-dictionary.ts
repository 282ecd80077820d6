import { IdHash } from "./id-hash.ts";
import { IdListBuilder } from "./id-list.ts";

/** Numbers distinct byte strings 0, 1, 2, ... exactly (bytes are compared), for vocabularies of bounded size. */
export class ByteDictionary {
  readonly #cap: number;
  readonly #onNew: (text: string, code: number) => void;
  readonly #hash = new IdHash();
  readonly #words = new IdListBuilder();
  #table = new Int32Array(64).fill(-1);
  #last = -1;

  /**
   * @param cap - most distinct strings.
   * @param onNew - told of each string when it is first met.
   */
  constructor(cap: number, onNew: (text: string, code: number) => void) {
    this.#cap = cap;
    this.#onNew = onNew;
  }

  /** Code of `bytes[start, end)`, or -1 when it would be one too many. */
  code(bytes: Uint8Array, start: number, end: number): number {
    if (this.#last >= 0 && this.#is(this.#last, bytes, start, end)) return this.#last;
    const hash = this.#hash;
    hash.of(bytes, start, end);
    const mask = this.#table.length - 1;
    // In bounds: slots are masked.
    for (let slot = hash.second & mask; ; slot = (slot + 1) & mask) {
      const code = this.#table[slot] as number;
      if (code < 0) {
        const added = this.#add(bytes, start, end, slot);
        this.#last = added;
        return added;
      }
      if (this.#is(code, bytes, start, end)) {
        this.#last = code;
        return code;
      }
    }
  }

  #is(code: number, bytes: Uint8Array, start: number, end: number): boolean {
    // In bounds: code < count, and offsets has count + 1 entries.
    const from = this.#words.offsets[code] as number;
    const length = (this.#words.offsets[code + 1] as number) - from;
    if (length !== end - start) return false;
    const known = this.#words.bytes;
    for (let at = 0; at < length; at++) if (known[from + at] !== bytes[start + at]) return false;
    return true;
  }

  #add(bytes: Uint8Array, start: number, end: number, slot: number): number {
    const code = this.#words.count;
    if (code >= this.#cap) return -1;
    this.#words.append(bytes, start, end);
    this.#table[slot] = code;
    if (this.#words.count * 2 > this.#table.length) this.#grow();
    this.#onNew(new TextDecoder().decode(bytes.subarray(start, end)), code);
    return code;
  }

  #grow(): void {
    const table = new Int32Array(this.#table.length * 2).fill(-1);
    const mask = table.length - 1;
    for (let code = 0; code < this.#words.count; code++) {
      const { bytes, offsets } = this.#words;
      // In bounds as in #is.
      this.#hash.of(bytes, offsets[code] as number, offsets[code + 1] as number);
      let slot = this.#hash.second & mask;
      while (table[slot] !== -1) slot = (slot + 1) & mask;
      table[slot] = code;
    }
    this.#table = table;
  }
}

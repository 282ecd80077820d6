import { IdHash } from "./id-hash.ts";

const PARTITIONS = 256;
/** Words a page: 1,024 pairs of hashes. */
const PAGE = 2_048;
/** Most duplicated ids that are remembered one by one; beyond it they are only counted. */
const REMEMBERED = 65_536;

/** Ids that were noted more than once. */
export interface DuplicateIds {
  /** How many notes repeat an earlier one. */
  readonly repeats: number;
  /** Whether `isDuplicate` knows all of them: true up to 65,536 distinct ones. */
  readonly complete: boolean;
  /** Number given to the duplicated id `bytes[start, end)`, 0, 1, 2, ..., or -1 when it is none. */
  find(bytes: Uint8Array, start: number, end: number): number;
}

/**
 * Notes byte-string ids in order to find duplicates at the end: append-only, exactly 8 bytes an id (80 MB for ten
 * million), where a table that answers at once would need twice that. Notes are partitioned by hash, so that the check
 * sorts out one partition at a time inside the processor's cache.
 *
 * Equal 64-bit hashes count as equal ids; whoever lists duplicates compares their bytes (`IdHash` has the odds).
 */
export class IdLedger {
  readonly #hash = new IdHash();
  readonly #pages: Uint32Array[][] = Array.from({ length: PARTITIONS }, () => []);
  readonly #current: Uint32Array[] = [];
  readonly #filled = new Uint32Array(PARTITIONS).fill(PAGE);

  /** Notes `bytes[start, end)`. */
  note(bytes: Uint8Array, start: number, end: number): void {
    const hash = this.#hash;
    hash.of(bytes, start, end);
    const partition = hash.first >>> 24;
    // In bounds: partition < PARTITIONS, and filled < PAGE after the branch.
    let filled = this.#filled[partition] as number;
    if (filled === PAGE) {
      const page = new Uint32Array(PAGE);
      (this.#pages[partition] as Uint32Array[]).push(page);
      this.#current[partition] = page;
      filled = 0;
    }
    const page = this.#current[partition] as Uint32Array;
    page[filled] = hash.first;
    page[filled + 1] = hash.second;
    this.#filled[partition] = filled + 2;
  }

  /** Finds the ids noted more than once, and forgets the rest. About 20 ns a note. */
  takeDuplicates(): DuplicateIds {
    const found = new Map<string, number>();
    let repeats = 0;
    let complete = true;
    let table = new Uint32Array(1_024);
    for (let partition = 0; partition < PARTITIONS; partition++) {
      // In bounds: partition < PARTITIONS; table positions are masked.
      const pages = this.#pages[partition] as Uint32Array[];
      const notes = pages.length * (PAGE / 2);
      while (table.length < notes * 4) table = new Uint32Array(table.length * 2);
      table.fill(0);
      const mask = table.length / 2 - 1;
      pages.forEach((page, index) => {
        const end = index === pages.length - 1 ? (this.#filled[partition] as number) : PAGE;
        for (let at = 0; at < end; at += 2) {
          const first = page[at] as number;
          const second = page[at + 1] as number;
          // Both hashes zero would read as a free slot: it stands for itself under another second hash.
          const stored = first === 0 && second === 0 ? 1 : second;
          let slot = second & mask;
          while (table[2 * slot] !== 0 || table[2 * slot + 1] !== 0) {
            if (table[2 * slot] === first && table[2 * slot + 1] === stored) {
              repeats++;
              const key = `${first}:${second}`;
              if (!found.has(key)) {
                if (found.size < REMEMBERED) found.set(key, found.size);
                else complete = false;
              }
              break;
            }
            slot = (slot + 1) & mask;
          }
          table[2 * slot] = first;
          table[2 * slot + 1] = stored;
        }
      });
      this.#pages[partition] = [];
    }
    const hash = this.#hash;
    return {
      repeats,
      complete,
      find(bytes, start, end) {
        hash.of(bytes, start, end);
        return found.get(`${hash.first}:${hash.second}`) ?? -1;
      },
    };
  }
}

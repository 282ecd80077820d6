import { UNKNOWN_CODE } from "../predictions/types.ts";

/** Numbers codes anew in order of first appearance, so that only those in use have a number. */
export class Renumber {
  /** Old code of each new one. */
  readonly order: number[] = [];
  #codes = new Uint32Array(256).fill(UNKNOWN_CODE);

  /** New code of an old one; UNKNOWN_CODE stays. */
  of(old: number): number {
    if (old === UNKNOWN_CODE) return old;
    if (old >= this.#codes.length) {
      const larger = new Uint32Array(Math.max(old + 1, this.#codes.length * 2)).fill(UNKNOWN_CODE);
      larger.set(this.#codes);
      this.#codes = larger;
    }
    const known = this.#codes[old]!; // safe: the array holds `old`
    if (known !== UNKNOWN_CODE) return known;
    this.#codes[old] = this.order.length;
    this.order.push(old);
    return this.order.length - 1;
  }
}

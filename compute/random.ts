/**
 * A stream of random numbers that is a function of (seed, stream) alone, so work split over threads, or done in any
 * order, draws the same numbers.
 *
 * xoshiro128** (Blackman & Vigna 2021, doi:10.1145/3460772), period 2^128 - 1; its state is a hash of seed and stream
 * (finaliser of MurmurHash3), so neighbouring streams share nothing. Not for secrets.
 */
export class RandomStream {
  #a: number;
  #b: number;
  #c: number;
  #d: number;
  #spareNormal: number | undefined;

  /**
   * @param seed - any safe integer; all 53 bits count.
   * @param stream - which of the seed's independent streams, 0 or more; a safe integer.
   */
  constructor(seed: number, stream = 0) {
    let hash = 0x9e3779b9;
    for (const word of [seed, seed / 2 ** 32, stream, stream / 2 ** 32]) hash = mix(hash ^ Math.floor(word));
    this.#a = mix(hash + 0x9e3779b9);
    this.#b = mix(hash + 0x3c6ef372);
    this.#c = mix(hash + 0xdaa66d2b);
    // Forced odd: the state must not be all zero.
    this.#d = mix(hash + 0x78dde6e4) | 1;
  }

  /** The next whole number in [0, 2^32). */
  uint32(): number {
    const product = Math.imul(this.#b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result >>> 0;
  }

  /** Uniform in the open interval (0, 1), with 52 bits. */
  uniform(): number {
    const high = this.uint32() >>> 6;
    const low = this.uint32() >>> 6;
    return (high * 2 ** 26 + low + 0.5) / 2 ** 52;
  }

  /** A whole number in [0, bound), each exactly as likely (Lemire 2019, doi:10.1145/3230636); bound up to 2^21. */
  below(bound: number): number {
    // bound <= 2^21 keeps the product exact in 53 bits.
    let product = this.uint32() * bound;
    let quotient = Math.floor(product / 2 ** 32);
    let remainder = product - quotient * 2 ** 32;
    if (remainder < bound) {
      const unfair = 2 ** 32 % bound;
      while (remainder < unfair) {
        product = this.uint32() * bound;
        quotient = Math.floor(product / 2 ** 32);
        remainder = product - quotient * 2 ** 32;
      }
    }
    return quotient;
  }

  /** A standard normal draw (Marsaglia's polar method). */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spareNormal = y * scale;
      return x * scale;
    }
  }
}

/** Puts places into random order, each order as likely, in place (Fisher & Yates). O(n). */
export function shuffle(places: Uint32Array, chance: RandomStream): void {
  // `!`: both places are within.
  for (let last = places.length - 1; last > 0; last -= 1) {
    const other = Math.floor(chance.uniform() * (last + 1));
    const kept = places[last]!;
    places[last] = places[other]!;
    places[other] = kept;
  }
}

/** 0 to count - 1 in random order. */
export function shuffled(count: number, chance: RandomStream): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, place) => place);
  shuffle(order, chance);
  return order;
}

/** MurmurHash3's 32-bit finaliser: every bit of the input reaches every bit of the output. */
function mix(word: number): number {
  let hash = word | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

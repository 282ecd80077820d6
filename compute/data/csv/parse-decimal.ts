const POWERS = Float64Array.from({ length: 291 }, (_, exponent) => Number(`1e${exponent}`));
/** Covers the at most three roundings of `parseDecimal`, each half a unit in the last place (2^-53), many times over. */
const BELOW = 1 - 2 ** -50;
const ABOVE = 1 + 2 ** -50;

/**
 * The number written in `bytes[start, end)`, good for rounding to float32: `Math.fround` of the result equals
 * `Math.fround(Number(text))` exactly.
 *
 * Up to 18 significant digits are gathered as two integers below 1e9 and scaled by a power of ten in double
 * precision; the result is off by at most 2 units in the last place of a double. Where such an error could move the
 * float32 (next to a midpoint), and for every unusual spelling, the answer is false: then ask `parseNumberText`.
 *
 * @param into - its first number is set when the answer is true. A number that a function returns is an object on the
 *   heap: for ten million scores they cost 40 MB of memory and the collector's time.
 * @returns whether this fast path applies. About 25 ns for 16 digits.
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number, into: Float64Array): boolean {
  // In bounds throughout: every read is guarded by at < end, and the caller's end lies inside bytes.
  let at = start;
  let negative = false;
  if (at < end && (bytes[at] as number) === 45) {
    negative = true;
    at++;
  }
  let high = 0;
  let low = 0;
  let digits = 0;
  let scale = 0;
  const whole = at;
  let digit = 0;
  for (; at < end; at++) {
    digit = (bytes[at] as number) - 48;
    if (digit < 0 || digit > 9) break;
    if (digits < 9) {
      high = (high * 10 + digit) | 0;
      if (high !== 0) digits++;
    } else {
      low = (low * 10 + digit) | 0;
      digits++;
    }
    if (digits > 18) return false;
  }
  let seen = at - whole;
  if (at < end && digit === -2) {
    const point = ++at;
    for (; at < end; at++) {
      digit = (bytes[at] as number) - 48;
      if (digit < 0 || digit > 9) break;
      if (digits < 9) {
        high = (high * 10 + digit) | 0;
        if (high !== 0) digits++;
      } else {
        low = (low * 10 + digit) | 0;
        digits++;
      }
      if (digits > 18) return false;
    }
    scale = at - point;
    seen += scale;
  }
  if (seen === 0) return false;
  let exponent = -scale;
  if (at < end) {
    // "e" or "E", then up to three digits.
    if (digit !== 53 && digit !== 21) return false;
    at++;
    let sign = 1;
    if (at < end && ((bytes[at] as number) === 45 || (bytes[at] as number) === 43)) {
      if ((bytes[at] as number) === 45) sign = -1;
      at++;
    }
    if (at >= end || end - at > 3) return false;
    let power = 0;
    for (; at < end; at++) {
      digit = (bytes[at] as number) - 48;
      if (digit < 0 || digit > 9) return false;
      power = power * 10 + digit;
    }
    exponent += sign * power;
  }
  // high * 10^(digits - 9) is exact: below 2^30 * 5^9 once its factors of two are taken out.
  let value = digits > 9 ? high * (POWERS[digits - 9] as number) + low : high;
  if (value === 0) {
    into[0] = 0;
    return true;
  }
  if (exponent < 0) {
    if (exponent < -290) return false;
    value /= POWERS[-exponent] as number;
  } else if (exponent > 0) {
    if (exponent > 290) return false;
    value *= POWERS[exponent] as number;
  }
  // Rounding is monotone: when both ends of the interval round alike, so does the true value inside it.
  if (Math.fround(value * BELOW) !== Math.fround(value * ABOVE)) return false;
  into[0] = negative ? -value : value;
  return true;
}

/**
 * `parseDecimal` for what programs write of a probability, `0.` and 12 to 17 digits, four digits at a time: half its
 * time. For every other spelling the answer is false: then ask `parseDecimal`.
 *
 * @param view - the same bytes.
 */
export function parseFraction(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  into: Float64Array,
): boolean {
  // In bounds throughout: the text has at least 14 bytes, 12 of them behind the point.
  if (end - start < 14 || end - start > 19) return false;
  if ((bytes[start] as number) !== 48 || (bytes[start + 1] as number) !== 46) return false;
  const a = view.getInt32(start + 2, true);
  const b = view.getInt32(start + 6, true);
  const c = view.getInt32(start + 10, true);
  let strange = notDigits(a) | notDigits(b) | notDigits(c);
  const high = fourDigits(a) * 10_000 + fourDigits(b);
  let low = fourDigits(c);
  let at = start + 14;
  const rest = end - at;
  for (; at < end; at++) {
    const digit = (bytes[at] as number) - 48;
    // Negative when the digit is below 0 or above 9.
    strange |= (digit | (9 - digit)) & -0x80000000;
    low = (low * 10 + digit) | 0;
  }
  if (strange !== 0) return false;
  // high * 10^(4 + rest) is exact: below 2^27 * 5^9 once its factors of two are taken out.
  const value = (high * (POWERS[rest + 4] as number) + low) / (POWERS[rest + 12] as number);
  if (value !== 0 && Math.fround(value * BELOW) !== Math.fround(value * ABOVE)) return false;
  into[0] = value;
  return true;
}

/** Zero when the four bytes of a word are digits: 0x30 to 0x39, that is, still 0x3. when 6 is added to each. */
function notDigits(word: number): number {
  return ((word & 0xf0f0f0f0) ^ 0x30303030) | (((word + 0x06060606) & 0xf0f0f0f0) ^ 0x30303030);
}

/** The number that four digits write, the first of them in the lowest byte: pairs first, then the two pairs. */
function fourDigits(word: number): number {
  const digits = (word - 0x30303030) | 0;
  const pairs = (Math.imul(digits, 10) + (digits >>> 8)) | 0;
  return (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff);
}

/**
 * The number written in `bytes[start, end)`, exactly as `Number(text)` reads it, for plain decimals of up to 15 digits
 * ("27.35"): both the digits and the power of ten are then exact doubles, and one division rounds once.
 *
 * @param into - its first number is set when the answer is true.
 * @returns whether it is such a decimal; for every other spelling ask `parseNumberText`.
 */
export function parseShortDecimal(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Float64Array,
): boolean {
  if (end - start > 16) return false;
  let at = start;
  const negative = at < end && bytes[at] === 45;
  if (negative) at++;
  let value = 0;
  let digits = 0;
  let scale = -1;
  for (; at < end; at++) {
    // In bounds: at < end.
    const digit = (bytes[at] as number) - 48;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digits++;
      if (scale >= 0) scale++;
    } else if (digit === -2 && scale < 0) scale = 0;
    else return false;
  }
  if (digits === 0 || digits > 15) return false;
  if (scale > 0) value /= POWERS[scale] as number;
  into[0] = negative ? -value : value;
  return true;
}

/** Why a text is no number. */
export type NumberFault = "unparsable" | "notFinite";

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const NOT_FINITE = /^[+-]?(?:nan|inf|infinity)$/i;

/**
 * The number written in `bytes[start, end)` as `Number(text)` reads it, for every decimal spelling; blanks around it
 * are dropped. Hexadecimal, decimal commas, grouping and blanks inside are unparsable; NaN, infinities and what
 * overflows a double are not finite. Makes a string: for rare cells and attributes.
 */
export function parseNumberText(bytes: Uint8Array, start: number, end: number): number | NumberFault {
  if (end - start > 400) return "unparsable";
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
    .toString("latin1")
    .replace(/^ +| +$/g, "");
  if (!NUMBER.test(text)) return NOT_FINITE.test(text) ? "notFinite" : "unparsable";
  const value = Number(text);
  return Number.isFinite(value) ? value : "notFinite";
}

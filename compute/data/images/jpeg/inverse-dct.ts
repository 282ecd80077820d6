const half = (angle: number): number => Math.cos((angle * Math.PI) / 16) / 2;
/** cos(u pi / 16) / 2 for u = 1 to 7; that of 4 is the weight of the mean, too. */
const [C1, C2, C3, C4, C5, C6, C7] = [half(1), half(2), half(3), half(4), half(5), half(6), half(7)];

/**
 * The inverse DCT of one block (ISO/IEC 10918-1 A.3.3) in double precision, level-shifted, rounded and clamped to the
 * sample's range. Even and odd frequencies apart, 22 products a line.
 *
 * @param coefficients - 64 from `from`, row order, multiplied here by `factors`.
 * @param into - samples, the block's first at `at`, its rows `stride` apart.
 * @param precision - bits a sample.
 */
export function inverseDct(
  coefficients: Int16Array,
  from: number,
  factors: Uint16Array,
  into: Uint8Array | Uint16Array,
  at: number,
  stride: number,
  precision: number,
): void {
  // Every index stays within the 64 of the block and of `rows`, so that `as number` holds throughout.
  const middle = 2 ** (precision - 1);
  const largest = 2 ** precision - 1;
  let isFlat = true;
  for (let index = 1; index < 64; index += 1) {
    if (coefficients[from + index] === 0) continue;
    isFlat = false;
    break;
  }
  if (isFlat) {
    const level = (coefficients[from] as number) * (factors[0] as number) * 0.125 + middle;
    const sample = level < 0 ? 0 : level > largest ? largest : Math.round(level);
    for (let row = 0; row < 8; row += 1) into.fill(sample, at + row * stride, at + row * stride + 8);
    return;
  }
  for (let index = 0; index < 64; index += 1) {
    work[index] = (coefficients[from + index] as number) * (factors[index] as number);
  }
  for (let row = 0; row < 64; row += 8) transformLine(row, 1);
  for (let col = 0; col < 8; col += 1) transformLine(col, 8);
  for (let row = 0; row < 8; row += 1) {
    const start = at + row * stride;
    for (let col = 0; col < 8; col += 1) {
      const level = (work[row * 8 + col] as number) + middle;
      into[start + col] = level < 0 ? 0 : level > largest ? largest : Math.round(level);
    }
  }
}

const work = new Float64Array(64);

/** Eight numbers of `work`, `step` apart from `start`: frequencies in, samples out. */
function transformLine(start: number, step: number): void {
  // Inside: start + 7 * step is at most 63.
  const f0 = work[start] as number;
  const f1 = work[start + step] as number;
  const f2 = work[start + 2 * step] as number;
  const f3 = work[start + 3 * step] as number;
  const f4 = work[start + 4 * step] as number;
  const f5 = work[start + 5 * step] as number;
  const f6 = work[start + 6 * step] as number;
  const f7 = work[start + 7 * step] as number;
  const sum = C4 * (f0 + f4);
  const difference = C4 * (f0 - f4);
  const outer = C2 * f2 + C6 * f6;
  const inner = C6 * f2 - C2 * f6;
  const e0 = sum + outer;
  const e1 = difference + inner;
  const e2 = difference - inner;
  const e3 = sum - outer;
  const o0 = C1 * f1 + C3 * f3 + C5 * f5 + C7 * f7;
  const o1 = C3 * f1 - C7 * f3 - C1 * f5 - C5 * f7;
  const o2 = C5 * f1 - C1 * f3 + C7 * f5 + C3 * f7;
  const o3 = C7 * f1 - C5 * f3 + C3 * f5 - C1 * f7;
  work[start] = e0 + o0;
  work[start + step] = e1 + o1;
  work[start + 2 * step] = e2 + o2;
  work[start + 3 * step] = e3 + o3;
  work[start + 4 * step] = e3 - o3;
  work[start + 5 * step] = e2 - o2;
  work[start + 6 * step] = e1 - o1;
  work[start + 7 * step] = e0 - o0;
}

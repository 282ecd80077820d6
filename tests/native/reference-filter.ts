import type { FrequencyFilter } from "../../native/index.ts";

/** A complex image in double precision. */
interface Spectrum {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** The filter by its definition: naive double-precision transforms and the mask, bin by bin. O(pixels * (rows + cols)). */
export function filterByDefinition(
  pixels: Float32Array,
  rows: number,
  cols: number,
  filter: FrequencyFilter,
): Float64Array {
  const { re, im } = transform(
    { re: Float64Array.from(pixels), im: new Float64Array(rows * cols) },
    rows,
    cols,
    -1,
  );
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < cols; j += 1) {
      // Bin (i, j) stands at floor(n / 2) after the shift; the mask is centred on n / 2.
      const y = ((i + Math.floor(rows / 2)) % rows) - rows / 2;
      const x = ((j + Math.floor(cols / 2)) % cols) - cols / 2;
      if (!passes(filter, y * y + x * x)) re[i * cols + j] = im[i * cols + j] = 0;
    }
  }
  return transform({ re, im }, rows, cols, 1).re.map((value) => value / (rows * cols));
}

function passes(filter: FrequencyFilter, squaredDistance: number): boolean {
  if ("radius" in filter) return squaredDistance < filter.radius ** 2 === (filter.kind === "low");
  const inside = squaredDistance >= filter.inner ** 2 && squaredDistance < filter.outer ** 2;
  return filter.kind === "band" ? inside : !inside;
}

function transform(image: Spectrum, rows: number, cols: number, sign: 1 | -1): Spectrum {
  const along = transformLines(image, rows, cols, cols, 1, sign);
  return transformLines(along, cols, rows, 1, cols, sign);
}

function transformLines(
  { re, im }: Spectrum,
  count: number,
  length: number,
  step: number,
  stride: number,
  sign: 1 | -1,
): Spectrum {
  // `!`: indices are below count * length, the size of the image.
  const to = { re: new Float64Array(re.length), im: new Float64Array(re.length) };
  const cosines = Float64Array.from({ length }, (_, k) => Math.cos((2 * Math.PI * k) / length));
  const sines = Float64Array.from({ length }, (_, k) => sign * Math.sin((2 * Math.PI * k) / length));
  for (let line = 0; line < count; line += 1) {
    for (let k = 0; k < length; k += 1) {
      let sumRe = 0;
      let sumIm = 0;
      for (let n = 0; n < length; n += 1) {
        const at = line * step + n * stride;
        const turn = (n * k) % length;
        sumRe += re[at]! * cosines[turn]! - im[at]! * sines[turn]!;
        sumIm += re[at]! * sines[turn]! + im[at]! * cosines[turn]!;
      }
      to.re[line * step + k * stride] = sumRe;
      to.im[line * step + k * stride] = sumIm;
    }
  }
  return to;
}

/** Deterministic pixels in [0, 1). */
export function randomPixels(length: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  });
}

/** Largest difference of two arrays of the same length. */
export function worstDifference(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  let worst = 0;
  // `!`: k is below both lengths; NaN makes the comparison false, so it is asked the other way round.
  for (let k = 0; k < expected.length; k += 1) {
    const apart = Math.abs(got[k]! - expected[k]!);
    if (!(apart <= worst)) worst = apart;
  }
  return got.length === expected.length ? worst : Number.POSITIVE_INFINITY;
}

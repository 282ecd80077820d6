/** Gradients of a whole network, small enough to keep: what is needed to tell how far others are from them. */
export interface GradientSummary {
  readonly loss: number;
  /** L2 norm of all gradients together. */
  readonly norm: number;
  /** L2 norm of each parameter's. */
  readonly norms: readonly number[];
  /** Sums of all elements with signs by chance: the mean square of their errors is the squared L2 norm of the error. */
  readonly projections: readonly number[];
}

const PROJECTIONS = 32;

/** Summarises a loss and the gradients of parameters of known sizes, one after the other. */
export function summaryOf(
  loss: number,
  gradients: Iterable<number>,
  sizes: readonly number[],
): GradientSummary {
  const projections = new Float64Array(PROJECTIONS);
  const squares = sizes.map(() => 0);
  let [parameter, left, index] = [0, sizes[0] ?? 0, 0];
  for (const value of gradients) {
    while (left === 0) {
      parameter += 1;
      left = sizes[parameter] ?? Number.POSITIVE_INFINITY;
    }
    left -= 1;
    squares[parameter] = (squares[parameter] ?? Number.NaN) + value * value;
    const signs = mixed(index);
    for (let k = 0; k < PROJECTIONS; k += 1) {
      const signed = (signs >>> k) & 1 ? value : -value;
      projections[k] = (projections[k] as number) + signed; // safe: as many as are counted
    }
    index += 1;
  }
  const norm = Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
  return { loss, norm, norms: squares.map(Math.sqrt), projections: [...projections] };
}

/** Relative L2 distance of two gradients, estimated from 32 projections: within about an eighth of itself. */
export function summaryDistance(actual: GradientSummary, expected: GradientSummary): number {
  let sum = 0;
  for (const [k, value] of expected.projections.entries()) {
    sum += ((actual.projections[k] ?? Number.NaN) - value) ** 2;
  }
  return Math.sqrt(sum / expected.projections.length) / expected.norm;
}

/** 32 bits by chance from a number: the finaliser of MurmurHash3. */
function mixed(index: number): number {
  let bits = (index + 0x9e3779b9) | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

import { setImmediate as nextTurn } from "node:timers/promises";
import { ComputeError } from "../errors.ts";
import { RandomStream } from "../random.ts";

/** The directions in which rows differ most, and where each row lies along them. */
export interface PrincipalComponents {
  /** Along each component the place of each row, its mean 0: components of n numbers. */
  readonly scores: readonly Float64Array[];
  /** Share of the whole variance, falling. */
  readonly explained: readonly number[];
}

/** Directions that are followed beside those wanted: the iteration converges by the ratio of what lies beyond them. */
const SPARE = 8;
const MOST_ROUNDS = 300;
/** Of the variances along the components, from round to round. */
const TOLERANCE = 1e-12;

/**
 * Principal components of rows by subspace iteration (Halko, Martinsson & Tropp 2011, doi:10.1137/090771806, algorithm 4.4)
 * with a fixed start, so that the same rows give the same numbers; columns are centred, not scaled. A component's sign is that
 * which makes its largest loading positive. O(rows * cols * components) a round, others get a turn between rounds.
 *
 * @param values - rows * cols, row by row; finite
 * @param wanted - at most so many; fewer where the rows span fewer
 * @throws {ComputeError} INVALID_INPUT for lengths that do not fit, or fewer than two rows
 */
export async function principalComponents(
  values: Float32Array | Float64Array,
  { rows, cols }: { readonly rows: number; readonly cols: number },
  wanted: number,
): Promise<PrincipalComponents> {
  if (rows < 2 || cols < 1 || values.length !== rows * cols) {
    throw new ComputeError(
      "INVALID_INPUT",
      `Expected two rows or more of numbers, got ${values.length} for ${rows} x ${cols}`,
    );
  }
  const centred = centre(values, rows, cols);
  const whole = centred.reduce((sum, value) => sum + value * value, 0);
  const width = Math.min(wanted + SPARE, cols, rows - 1);
  const chance = new RandomStream(0, 0);
  let basis = orthonormal(
    Array.from({ length: width }, () => Float64Array.from({ length: cols }, () => chance.uniform() - 0.5)),
  );
  let variances: readonly number[] = [];
  for (let round = 0; round < MOST_ROUNDS && whole > 0; round += 1) {
    const images = basis.map((direction) => forward(centred, direction, rows, cols));
    const found = images.map((image) => image.reduce((sum, value) => sum + value * value, 0));
    const sorted = [...found].sort((a, b) => b - a).slice(0, wanted);
    const isSettled =
      variances.length > 0 &&
      sorted.every((variance, i) => Math.abs(variance - (variances[i] ?? 0)) <= TOLERANCE * whole);
    variances = sorted;
    if (isSettled) break;
    basis = orthonormal(images.map((image) => backward(centred, image, rows, cols)));
    basis = rotated(basis, centred, rows, cols);
    await nextTurn();
  }
  const kept = basis
    .map((direction) => {
      const loading = direction.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
      const scores = forward(centred, direction, rows, cols).map((value) => (loading < 0 ? -value : value));
      return { scores, variance: scores.reduce((sum, value) => sum + value * value, 0) };
    })
    .sort((a, b) => b.variance - a.variance)
    .filter(({ variance }) => variance > 1e-12 * whole)
    .slice(0, wanted);
  return {
    scores: kept.map(({ scores }) => scores),
    explained: kept.map(({ variance }) => variance / whole),
  };
}

function centre(values: ArrayLike<number>, rows: number, cols: number): Float64Array {
  const centred = Float64Array.from(values);
  // `!` here and below: indices within rows * cols.
  for (let col = 0; col < cols; col += 1) {
    let mean = 0;
    for (let row = 0; row < rows; row += 1) mean += centred[row * cols + col]! / rows;
    for (let row = 0; row < rows; row += 1) centred[row * cols + col]! -= mean;
  }
  return centred;
}

/** The rows along a direction: n numbers. */
function forward(matrix: Float64Array, direction: Float64Array, rows: number, cols: number): Float64Array {
  const along = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    let sum = 0;
    for (let col = 0, at = row * cols; col < cols; col += 1, at += 1) sum += matrix[at]! * direction[col]!;
    along[row] = sum;
  }
  return along;
}

/** The sum of the rows, each weighed by its number. */
function backward(matrix: Float64Array, weights: Float64Array, rows: number, cols: number): Float64Array {
  const sum = new Float64Array(cols);
  for (let row = 0; row < rows; row += 1) {
    const weight = weights[row]!;
    for (let col = 0, at = row * cols; col < cols; col += 1, at += 1) sum[col]! += weight * matrix[at]!;
  }
  return sum;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i]! * b[i]!;
  return sum;
}

/** The same span by orthogonal directions of length 1 (Gram and Schmidt, twice); what adds nothing to the span is left out. */
function orthonormal(directions: readonly Float64Array[]): Float64Array[] {
  const basis: Float64Array[] = [];
  for (const direction of directions) {
    const own = Float64Array.from(direction);
    const length = Math.sqrt(dot(own, own));
    for (let pass = 0; pass < 2; pass += 1) {
      for (const other of basis) {
        const share = dot(own, other);
        for (let i = 0; i < own.length; i += 1) own[i]! -= share * other[i]!;
      }
    }
    const left = Math.sqrt(dot(own, own));
    if (left > 1e-12 * length && left > 0) basis.push(own.map((value) => value / left));
  }
  return basis;
}

/** The span's own principal directions: its small covariance diagonalised by Jacobi's rotations. */
function rotated(
  basis: readonly Float64Array[],
  matrix: Float64Array,
  rows: number,
  cols: number,
): Float64Array[] {
  const images = basis.map((direction) => forward(matrix, direction, rows, cols));
  const small = images.map((a) => images.map((b) => dot(a, b)));
  const vectors = symmetricVectors(small);
  return vectors.map((weights) => {
    const direction = new Float64Array(cols);
    for (const [k, weight] of weights.entries()) {
      const part = basis[k]!;
      for (let i = 0; i < cols; i += 1) direction[i]! += weight * part[i]!;
    }
    return direction;
  });
}

/**
 * Eigenvectors of a symmetric matrix by Jacobi's cyclic rotations (Golub & Van Loan, Matrix Computations, 4th ed., section 8.5).
 * O(size^3) a sweep, about eight sweeps.
 */
export function symmetricVectors(given: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const size = given.length;
  const a = given.map((row) => [...row]);
  const vectors = a.map((_, i) => a.map((_row, j) => Number(i === j)));
  // `!`: indices below size.
  for (let sweep = 0; sweep < 50; sweep += 1) {
    let [off, all] = [0, 0];
    for (let i = 0; i < size; i += 1) {
      for (let j = 0; j < size; j += 1) {
        all += a[i]![j]! ** 2;
        if (i !== j) off += a[i]![j]! ** 2;
      }
    }
    if (off <= 1e-30 * all) break;
    for (let p = 0; p < size; p += 1) for (let q = p + 1; q < size; q += 1) rotate(a, vectors, p, q);
  }
  return vectors[0]!.map((_, column) => vectors.map((row) => row[column]!));
}

function rotate(a: number[][], vectors: number[][], p: number, q: number): void {
  const corner = a[p]![q]!;
  if (corner === 0) return;
  const theta = (a[q]![q]! - a[p]![p]!) / (2 * corner);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let i = 0; i < a.length; i += 1) {
    const [ip, iq] = [a[i]![p]!, a[i]![q]!];
    a[i]![p] = c * ip - s * iq;
    a[i]![q] = s * ip + c * iq;
  }
  for (let i = 0; i < a.length; i += 1) {
    const [pi, qi] = [a[p]![i]!, a[q]![i]!];
    a[p]![i] = c * pi - s * qi;
    a[q]![i] = s * pi + c * qi;
    const [vp, vq] = [vectors[i]![p]!, vectors[i]![q]!];
    vectors[i]![p] = c * vp - s * vq;
    vectors[i]![q] = s * vp + c * vq;
  }
}

import { ComputeError } from "../errors.ts";

/** A k x p design matrix in row-major order: entry (i, j) is `values[i * p + j]`. */
export interface DesignMatrix {
  readonly k: number;
  readonly p: number;
  readonly values: Float64Array;
}

/** The weighted least-squares fit of `y` on a design matrix. */
export interface WeightedFit {
  /** The p coefficients. */
  readonly coefficients: Float64Array;
  /** (X'WX)^-1, p x p row-major: the coefficients' covariance when the weights are inverse variances. */
  readonly covariance: Float64Array;
  /** y - Xb, length k. */
  readonly residuals: Float64Array;
  /** log det X'WX. */
  readonly logDeterminant: number;
  /** Sum of w r^2 over the residuals r: Cochran's Q when the weights are inverse sampling variances. */
  readonly weightedRss: number;
}

/**
 * Fits y = Xb with positive weights by Householder QR of sqrt(W)X, which keeps twice the digits that the normal equations
 * would (Golub & Van Loan, Matrix Computations, 4th ed., section 5.3). O(k p^2).
 *
 * @throws {ComputeError} INVALID_INPUT when the columns are linearly dependent: `designMatrix` drops those first.
 */
export function fitWeighted(design: DesignMatrix, y: Float64Array, weights: Float64Array): WeightedFit {
  // Indices below stay inside k, p and the arrays built here, so every `!` reads an element that exists.
  const { k, p, values } = design;
  const solution = p === 1 ? solveOneColumn(design, y, weights) : solveByReflections(design, y, weights);
  const { coefficients } = solution;
  const residuals = new Float64Array(k);
  let weightedRss = 0;
  for (let i = 0; i < k; i++) {
    let fitted = 0;
    for (let j = 0; j < p; j++) fitted += values[i * p + j]! * coefficients[j]!;
    const residual = y[i]! - fitted;
    residuals[i] = residual;
    weightedRss += weights[i]! * residual * residual;
  }
  return { ...solution, residuals, weightedRss };
}

type Solution = Pick<WeightedFit, "coefficients" | "covariance" | "logDeterminant">;

/** One column needs no factorisation: for an intercept this is the weighted mean. */
function solveOneColumn({ k, values }: DesignMatrix, y: Float64Array, weights: Float64Array): Solution {
  // weights and y have length k, as values with one column.
  let gram = 0;
  let moment = 0;
  for (let i = 0; i < k; i++) {
    const pull = weights[i]! * values[i]!;
    gram += pull * values[i]!;
    moment += pull * y[i]!;
  }
  return {
    coefficients: Float64Array.of(moment / gram),
    covariance: Float64Array.of(1 / gram),
    logDeterminant: Math.log(gram),
  };
}

function solveByReflections(
  { k, p, values }: DesignMatrix,
  y: Float64Array,
  weights: Float64Array,
): Solution {
  // As above: every index stays inside k, p and the arrays built here.
  const a = new Float64Array(k * p);
  const rhs = new Float64Array(k);
  // Heaviest rows first: with weights of very different size the reflections then harm no row (Cox & Higham, Stability of
  // Householder QR factorization for weighted least squares problems, in Numerical Analysis 1997).
  const order = Uint32Array.from(weights.keys()).sort((left, right) => weights[right]! - weights[left]!);
  order.forEach((from, i) => {
    const root = Math.sqrt(weights[from]!);
    rhs[i] = root * y[from]!;
    for (let j = 0; j < p; j++) a[i * p + j] = root * values[from * p + j]!;
  });
  for (let j = 0; j < p; j++) reflectColumn(a, rhs, k, p, j);
  let logDeterminant = 0;
  for (let j = 0; j < p; j++) logDeterminant += 2 * Math.log(Math.abs(a[j * p + j]!));
  return { coefficients: backSubstitute(a, p, rhs), covariance: inverseGram(a, p), logDeterminant };
}

/** Zeroes column `j` of `a` below the diagonal with a Householder reflection, applied to the later columns and `rhs`. */
function reflectColumn(a: Float64Array, rhs: Float64Array, k: number, p: number, j: number): void {
  let squares = 0;
  for (let i = j; i < k; i++) squares += a[i * p + j]! ** 2;
  const norm = Math.sqrt(squares);
  if (norm === 0) {
    throw new ComputeError(
      "INVALID_INPUT",
      "Expected linearly independent moderators, got a redundant one; drop it",
    );
  }
  const head = a[j * p + j]!;
  const alpha = head > 0 ? -norm : norm;
  const v = new Float64Array(k - j);
  for (let i = j; i < k; i++) v[i - j] = a[i * p + j]!;
  v[0] = head - alpha;
  // v'v = 2 (norm^2 - alpha head), with no cancellation because alpha and head differ in sign.
  const beta = 1 / (norm * (norm + Math.abs(head)));
  for (let c = j; c < p; c++) {
    let dot = 0;
    for (let i = j; i < k; i++) dot += v[i - j]! * a[i * p + c]!;
    for (let i = j; i < k; i++) a[i * p + c] = a[i * p + c]! - beta * dot * v[i - j]!;
  }
  let dot = 0;
  for (let i = j; i < k; i++) dot += v[i - j]! * rhs[i]!;
  for (let i = j; i < k; i++) rhs[i] = rhs[i]! - beta * dot * v[i - j]!;
}

/** Solves Rx = rhs for the upper triangle R in the first p rows of `r`. */
function backSubstitute(r: Float64Array, p: number, rhs: Float64Array): Float64Array {
  const x = new Float64Array(p);
  for (let j = p - 1; j >= 0; j--) {
    let sum = rhs[j]!;
    for (let c = j + 1; c < p; c++) sum -= r[j * p + c]! * x[c]!;
    x[j] = sum / r[j * p + j]!;
  }
  return x;
}

/** (R'R)^-1 = R^-1 R^-T for the upper triangle R in the first p rows of `r`. */
function inverseGram(r: Float64Array, p: number): Float64Array {
  const inverse = new Float64Array(p * p);
  for (let c = 0; c < p; c++) {
    const unit = new Float64Array(p);
    unit[c] = 1;
    const column = backSubstitute(r, p, unit);
    for (let j = 0; j < p; j++) inverse[j * p + c] = column[j]!;
  }
  const gram = new Float64Array(p * p);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < p; j++) {
      let sum = 0;
      for (let c = Math.max(i, j); c < p; c++) sum += inverse[i * p + c]! * inverse[j * p + c]!;
      gram[i * p + j] = sum;
    }
  }
  return gram;
}

/** The p x p matrix X' diag(d) X, row-major. O(k p^2). */
export function weightedGram(design: DesignMatrix, diagonal: Float64Array): Float64Array {
  const { k, p, values } = design;
  const gram = new Float64Array(p * p);
  for (let i = 0; i < k; i++) {
    for (let a = 0; a < p; a++) {
      const left = diagonal[i]! * values[i * p + a]!;
      for (let b = 0; b < p; b++) gram[a * p + b] = gram[a * p + b]! + left * values[i * p + b]!;
    }
  }
  return gram;
}

/** tr(AB) of two p x p row-major matrices. */
export function traceOfProduct(a: Float64Array, b: Float64Array, p: number): number {
  let trace = 0;
  for (let i = 0; i < p; i++) for (let j = 0; j < p; j++) trace += a[i * p + j]! * b[j * p + i]!;
  return trace;
}

/** The p x p product AB, row-major. */
export function product(a: Float64Array, b: Float64Array, p: number): Float64Array {
  const out = new Float64Array(p * p);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < p; j++) {
      let sum = 0;
      for (let c = 0; c < p; c++) sum += a[i * p + c]! * b[c * p + j]!;
      out[i * p + j] = sum;
    }
  }
  return out;
}

/** x'Ax for a p x p row-major matrix and a vector of length p. */
export function quadraticForm(a: Float64Array, x: ArrayLike<number>, p: number): number {
  let sum = 0;
  for (let i = 0; i < p; i++) for (let j = 0; j < p; j++) sum += x[i]! * a[i * p + j]! * x[j]!;
  return sum;
}

/** The unit vector of what `column` adds to an orthonormal basis, or undefined when that is only rounding. O(k p). */
export function newDirection(column: Float64Array, basis: readonly Float64Array[]): Float64Array | undefined {
  const size = Math.sqrt(dot(column, column));
  const left = Float64Array.from(column);
  // Twice is enough for orthogonality to rounding (Giraud et al. 2005, doi:10.1007/s00211-005-0615-4).
  for (let pass = 0; pass < 2; pass++) {
    for (const direction of basis) {
      const along = dot(left, direction);
      direction.forEach((value, i) => {
        left[i] = (left[i] ?? 0) - along * value;
      });
    }
  }
  const length = Math.sqrt(dot(left, left));
  return length > 1e-10 * size ? left.map((value) => value / length) : undefined;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** Whether no column of the design is determined by the others, up to rounding. O(k p^2). */
export function hasFullRank({ k, p, values }: DesignMatrix): boolean {
  const basis: Float64Array[] = [];
  for (let j = 0; j < p; j++) {
    const column = Float64Array.from({ length: k }, (_, i) => values[i * p + j] ?? 0);
    const direction = newDirection(column, basis);
    if (direction === undefined) return false;
    basis.push(direction);
  }
  return true;
}

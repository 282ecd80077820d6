/** A fitted logistic regression: log odds = intercept + weights . x. */
export interface LogisticFit {
  readonly intercept: number;
  readonly weights: Float64Array;
  /** Newton steps taken. */
  readonly steps: number;
  /** False where the steps ran out before the gradient vanished; the weights are then the best so far. */
  readonly converged: boolean;
}

const MOST_STEPS = 100;
const MOST_HALVINGS = 30;
/** Of the gradient, relative to the number of rows. */
const TOLERANCE = 1e-9;

/**
 * Fits a logistic regression by Newton's method with halved steps (iteratively reweighted least squares; Hastie,
 * Tibshirani & Friedman, The Elements of Statistical Learning, 2nd ed., section 4.4.1): minimises the sum of
 * log losses plus ridge / 2 times the squared length of the weights, the intercept free. scikit-learn's C is 1 / ridge.
 *
 * O(rows * width^2) a step, most often fewer than ten.
 *
 * @param matrix - rows * width, row by row.
 * @param labels - 1 or 0 a row; both must be there unless ridge holds the weights, and the intercept then runs off.
 * @param ridge - above 0, so that separable classes have an answer.
 */
export function fitLogistic(
  matrix: Float64Array,
  labels: Uint8Array,
  width: number,
  ridge: number,
): LogisticFit {
  // `!` throughout: indices stay within rows * width and size.
  const rows = labels.length;
  const size = width + 1;
  let beta = new Float64Array(size);
  const share = Math.min(1 - 1e-6, Math.max(1e-6, labels.reduce((sum, label) => sum + label, 0) / rows));
  beta[width] = Math.log(share / (1 - share));
  let loss = penalisedLoss(matrix, labels, width, ridge, beta);
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const gradient = new Float64Array(size);
    const hessian = new Float64Array(size * size);
    for (let row = 0; row < rows; row += 1) {
      const start = row * width;
      const p = 1 / (1 + Math.exp(-logOdds(matrix, start, width, beta)));
      const residual = p - labels[row]!;
      const weight = p * (1 - p);
      for (let i = 0; i < width; i += 1) {
        const x = matrix[start + i]!;
        gradient[i]! += residual * x;
        const weighted = weight * x;
        for (let j = 0; j <= i; j += 1) hessian[i * size + j]! += weighted * matrix[start + j]!;
        hessian[width * size + i]! += weighted;
      }
      gradient[width]! += residual;
      hessian[width * size + width]! += weight;
    }
    for (let i = 0; i < width; i += 1) {
      gradient[i]! += ridge * beta[i]!;
      hessian[i * size + i]! += ridge;
    }
    // So that an intercept whose rows are all certain still has a direction.
    hessian[width * size + width]! += 1e-12 * rows;
    if (gradient.every((value) => Math.abs(value) <= TOLERANCE * rows)) return fitOf(beta, step, true);
    const direction = solvePositive(hessian, gradient, size);
    let length = 1;
    let next = beta;
    let nextLoss = Number.POSITIVE_INFINITY;
    for (let halving = 0; halving < MOST_HALVINGS; halving += 1) {
      next = beta.map((value, i) => value - length * direction[i]!);
      nextLoss = penalisedLoss(matrix, labels, width, ridge, next);
      if (nextLoss <= loss) break;
      length /= 2;
    }
    // No way down: the arithmetic's own end.
    if (!(nextLoss <= loss)) return fitOf(beta, step, true);
    [beta, loss] = [next, nextLoss];
  }
  return fitOf(beta, MOST_STEPS, false);
}

/** Chances of the class on these rows. */
export function predictLogistic({ intercept, weights }: LogisticFit, matrix: Float64Array): Float64Array {
  const width = weights.length;
  const beta = Float64Array.of(...weights, intercept);
  const rows = width === 0 ? 0 : matrix.length / width;
  return Float64Array.from({ length: rows }, (_, row) => {
    return 1 / (1 + Math.exp(-logOdds(matrix, row * width, width, beta)));
  });
}

function fitOf(beta: Float64Array, steps: number, converged: boolean): LogisticFit {
  const width = beta.length - 1;
  return { intercept: beta[width] ?? 0, weights: beta.slice(0, width), steps, converged };
}

function logOdds(matrix: Float64Array, start: number, width: number, beta: Float64Array): number {
  let sum = beta[width]!;
  for (let i = 0; i < width; i += 1) sum += matrix[start + i]! * beta[i]!;
  return sum;
}

function penalisedLoss(
  matrix: Float64Array,
  labels: Uint8Array,
  width: number,
  ridge: number,
  beta: Float64Array,
): number {
  let loss = 0;
  for (let row = 0; row < labels.length; row += 1) {
    const odds = logOdds(matrix, row * width, width, beta);
    // log(1 + e^z) - y z, without overflow.
    loss += Math.max(odds, 0) + Math.log1p(Math.exp(-Math.abs(odds))) - labels[row]! * odds;
  }
  for (let i = 0; i < width; i += 1) loss += (ridge / 2) * beta[i]! ** 2;
  return loss;
}

/** Solves A x = b by Cholesky's decomposition; A symmetric positive definite, its lower half given, and overwritten. */
function solvePositive(a: Float64Array, b: Float64Array, size: number): Float64Array {
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = a[i * size + j]!;
      for (let k = 0; k < j; k += 1) sum -= a[i * size + k]! * a[j * size + k]!;
      a[i * size + j] = i === j ? Math.sqrt(Math.max(sum, 1e-300)) : sum / a[j * size + j]!;
    }
  }
  const x = b.slice();
  for (let i = 0; i < size; i += 1) {
    for (let k = 0; k < i; k += 1) x[i]! -= a[i * size + k]! * x[k]!;
    x[i]! /= a[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < size; k += 1) x[i]! -= a[k * size + i]! * x[k]!;
    x[i]! /= a[i * size + i]!;
  }
  return x;
}

import type { DesignMatrix } from "./weighted-least-squares.ts";
import { product, quadraticForm, traceOfProduct, weightedGram } from "./weighted-least-squares.ts";

/** Traces of P = W - WX(X'WX)^-1X'W, the matrix that turns effects into weighted residuals. */
export interface Projection {
  /** tr(P). */
  readonly trace: number;
  /** tr(P S P S) for S = diag(sigma), or tr(PP) without `sigma`. */
  traceOfSquare(sigma?: Float64Array): number;
}

/** A leverage above this costs the fast formulas more than six of their sixteen digits. */
const highLeverage = 0.999;
/** The careful formulas take time in k^2; beyond this many studies the fast ones must do. */
const carefulStudies = 2000;

/**
 * P's traces without ever storing P. Where one study outweighs the others a millionfold its leverage is 1 up to rounding, and
 * 1 - leverage must not be had by subtraction: P's rows sum to zero (the design has an intercept), so the diagonal is minus the
 * sum of the off-diagonal row, which keeps its digits.
 *
 * O(k) without moderators, O(k p^2) with them, O(k^2 p) where a leverage is high. Above 2,000 studies with moderators, digits
 * are lost as the highest leverage nears 1.
 *
 * @param design - its first column is the intercept.
 * @param covariance - (X'WX)^-1.
 */
export function projectionOf(design: DesignMatrix, w: Float64Array, covariance: Float64Array): Projection {
  const { k, p, values } = design;
  if (p === 1) return withoutModerators(w);
  const isLopsided = w.some((weight, i) => {
    return weight * quadraticForm(covariance, values.subarray(i * p, (i + 1) * p), p) > highLeverage;
  });
  return isLopsided && k <= carefulStudies ? carefully(design, w, covariance) : fast(design, w, covariance);
}

/** P_ij = -w_i w_j / sum(w) off the diagonal. */
function withoutModerators(w: Float64Array): Projection {
  const total = sum(w);
  const others = sumsOfOthers(w);
  const diagonal = w.map((weight, i) => (weight * (others[i] ?? 0)) / total);
  return {
    trace: sum(diagonal),
    traceOfSquare(sigma) {
      const scaled = w.map((weight, i) => ((sigma?.[i] ?? 1) * weight * weight) / total);
      const rest = sumsOfOthers(scaled);
      let square = 0;
      diagonal.forEach((entry, i) => {
        square += ((sigma?.[i] ?? 1) * entry) ** 2 + (scaled[i] ?? 0) * (rest[i] ?? 0);
      });
      return square;
    },
  };
}

function carefully({ k, p, values }: DesignMatrix, w: Float64Array, covariance: Float64Array): Projection {
  // Every index below stays inside k, p and arrays of those lengths, so each `!` reads an element that exists.
  const pulled = new Float64Array(k * p); // row i is w_i x_i'(X'WX)^-1
  for (let i = 0; i < k; i++) {
    for (let b = 0; b < p; b++) {
      let entry = 0;
      for (let a = 0; a < p; a++) entry += values[i * p + a]! * covariance[a * p + b]!;
      pulled[i * p + b] = w[i]! * entry;
    }
  }
  const offDiagonal = (i: number, j: number) => {
    let entry = 0;
    for (let a = 0; a < p; a++) entry -= pulled[i * p + a]! * values[j * p + a]!;
    return entry * w[j]!;
  };
  const diagonal = new Float64Array(k);
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < k; j++) if (j !== i) diagonal[i] = diagonal[i]! - offDiagonal(i, j);
  }
  return {
    trace: sum(diagonal),
    traceOfSquare(sigma) {
      let square = 0;
      for (let i = 0; i < k; i++) {
        const outer = sigma?.[i] ?? 1;
        square += (outer * diagonal[i]!) ** 2;
        for (let j = 0; j < i; j++) square += 2 * outer * (sigma?.[j] ?? 1) * offDiagonal(i, j) ** 2;
      }
      return square;
    },
  };
}

/** The same traces through p x p matrices. */
function fast(design: DesignMatrix, w: Float64Array, covariance: Float64Array): Projection {
  const { p } = design;
  const gram = (entry: (weight: number, i: number) => number) => weightedGram(design, w.map(entry));
  return {
    trace:
      sum(w) -
      traceOfProduct(
        covariance,
        gram((weight) => weight ** 2),
        p,
      ),
    traceOfSquare(sigma) {
      const at = (i: number) => sigma?.[i] ?? 1;
      const once = product(
        covariance,
        gram((weight, i) => weight ** 2 * at(i)),
        p,
      );
      const twice = gram((weight, i) => weight ** 3 * at(i) ** 2);
      const own = sum(w.map((weight, i) => (weight * at(i)) ** 2));
      return own - 2 * traceOfProduct(covariance, twice, p) + traceOfProduct(once, once, p);
    },
  };
}

/** For each entry the sum of all the others, by prefix and suffix sums rather than by subtraction. */
function sumsOfOthers(values: Float64Array): Float64Array {
  const others = new Float64Array(values.length);
  let before = 0;
  for (let i = 0; i < values.length; i++) {
    others[i] = before;
    before += values[i] ?? 0;
  }
  let after = 0;
  for (let i = values.length - 1; i >= 0; i--) {
    others[i] = (others[i] ?? 0) + after;
    after += values[i] ?? 0;
  }
  return others;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

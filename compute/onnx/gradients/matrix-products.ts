import type { Tensor } from "../graph/tensor.ts";
import { gradientOf, inputOf, numberOf, type Rule } from "./rule.ts";

/** alpha * A' B' without a third matrix. */
function gemm(a: Tensor, b: Tensor, transA: boolean, transB: boolean, alpha: number): Tensor {
  const [rows, cols] = [a.shape[transA ? 1 : 0] ?? 0, b.shape[transB ? 0 : 1] ?? 0];
  const attributes = { alpha, transA: transA ? 1 : 0, transB: transB ? 1 : 0 };
  return a.graph.apply("Gemm", [a, b], { shape: [rows, cols], type: a.type }, { attributes });
}

/** Products of matrices. */
export const matrixRules = {
  // Y = alpha A' B' + beta C
  Gemm: (call) => {
    const [a, b, dy] = [inputOf(call, 0), inputOf(call, 1), gradientOf(call)];
    const [, , c] = call.inputs;
    const alpha = numberOf(call.attributes, "alpha", 1);
    const beta = numberOf(call.attributes, "beta", 1);
    const transA = numberOf(call.attributes, "transA", 0) === 1;
    const transB = numberOf(call.attributes, "transB", 0) === 1;
    call.give(0, () => (transA ? gemm(b, dy, transB, true, alpha) : gemm(dy, b, false, !transB, alpha)));
    call.give(1, () => (transB ? gemm(dy, a, true, transA, alpha) : gemm(a, dy, !transA, false, alpha)));
    if (c !== undefined) {
      call.give(2, () => (beta === 1 ? dy : dy.times(beta)).sumTo(c.shape));
    }
  },
  MatMul: (call) => {
    const [a, b, dy] = [inputOf(call, 0), inputOf(call, 1), gradientOf(call)];
    // A vector on either side is a matrix of one row or column.
    const left = a.rank === 1 ? a.reshape([1, a.size]) : a;
    const right = b.rank === 1 ? b.reshape([b.size, 1]) : b;
    const shape = [...dy.shape];
    if (a.rank === 1) shape.splice(b.rank === 1 ? shape.length : shape.length - 1, 0, 1);
    if (b.rank === 1) shape.push(1);
    const gradient = dy.reshape(shape);
    call.give(0, () => gradient.matmul(right.matrixTranspose()).sumTo(left.shape).reshape(a.shape));
    call.give(1, () => left.matrixTranspose().matmul(gradient).sumTo(right.shape).reshape(b.shape));
  },
} as const satisfies Record<string, Rule>;

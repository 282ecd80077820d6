import { ComputeError } from "../../errors.ts";
import type { Attributes, ElementType, Graph } from "./graph.ts";
import { axesOf, broadcast, reducedShape, type Shape, sameShape, sizeOf } from "./shapes.ts";

/** A tensor or a number in a formula. */
export type Operand = Tensor | number;

/**
 * A tensor of a graph. Its methods add operations to the graph: `dy.times(scale).plus(x.times(2))`.
 * Every method throws ComputeError INVALID_INPUT when shapes do not fit.
 */
export class Tensor {
  readonly graph: Graph;
  readonly name: string;
  readonly shape: Shape;
  readonly type: ElementType;

  constructor(graph: Graph, name: string, shape: Shape, type: ElementType) {
    this.graph = graph;
    this.name = name;
    this.shape = shape;
    this.type = type;
  }

  get rank(): number {
    return this.shape.length;
  }
  get size(): number {
    return sizeOf(this.shape);
  }

  plus(other: Operand): Tensor {
    return this.#with("Add", other);
  }
  minus(other: Operand): Tensor {
    return this.#with("Sub", other);
  }
  times(other: Operand): Tensor {
    return this.#with("Mul", other);
  }
  over(other: Operand): Tensor {
    return this.#with("Div", other);
  }
  power(other: Operand): Tensor {
    return this.#with("Pow", other);
  }

  negated(): Tensor {
    return this.map("Neg");
  }
  exp(): Tensor {
    return this.map("Exp");
  }
  log(): Tensor {
    return this.map("Log");
  }
  sqrt(): Tensor {
    return this.map("Sqrt");
  }
  reciprocal(): Tensor {
    return this.map("Reciprocal");
  }
  sigmoid(): Tensor {
    return this.map("Sigmoid");
  }
  tanh(): Tensor {
    return this.map("Tanh");
  }
  relu(): Tensor {
    return this.map("Relu");
  }

  /** An operation on each element. */
  map(op: string, attributes: Attributes = {}): Tensor {
    return this.graph.apply(op, [this], { shape: this.shape, type: this.type }, { attributes });
  }

  /** 1 where above 0, else 0. */
  positive(): Tensor {
    // A steep HardSigmoid is the fastest mask on every execution provider, but there is none for doubles.
    if (this.type === "float") return this.map("HardSigmoid", { alpha: 1e30, beta: 0 });
    return this.#compared("Greater");
  }

  /** 1 where 0 or above, else 0. */
  notNegative(): Tensor {
    if (this.type === "float") return this.map("HardSigmoid", { alpha: 1e30, beta: 1 });
    return this.#compared("GreaterOrEqual");
  }

  /** Sum over axes; over all of them when none are named. */
  sum(axes?: readonly number[], keep = false): Tensor {
    const over = axesOf(axes ?? this.shape.map((_, axis) => axis), this.rank);
    if (over.length === 0) return this;
    return this.graph.apply(
      "ReduceSum",
      [this, this.graph.integers(over)],
      { shape: reducedShape(this.shape, over, keep), type: this.type },
      { attributes: { keepdims: keep ? 1 : 0 } },
    );
  }

  /** Mean over axes; over all of them when none are named. */
  mean(axes?: readonly number[], keep = false): Tensor {
    const over = axesOf(axes ?? this.shape.map((_, axis) => axis), this.rank);
    if (over.length === 0) return this;
    return this.graph.apply(
      "ReduceMean",
      [this],
      { shape: reducedShape(this.shape, over, keep), type: this.type },
      { attributes: { axes: over, keepdims: keep ? 1 : 0 } },
    );
  }

  /** The same numbers in another shape; nothing is added where it is the same. */
  reshape(shape: Shape): Tensor {
    if (sameShape(shape, this.shape)) return this;
    if (sizeOf(shape) !== this.size) {
      throw new ComputeError(
        "INVALID_INPUT",
        `Expected a shape of ${this.size} elements, got [${shape.join(", ")}]`,
      );
    }
    return this.graph.apply("Reshape", [this, this.graph.integers(shape)], { shape, type: this.type });
  }

  /** Axes in another order: axis k of the result is axis order[k] of this. */
  transpose(order: readonly number[]): Tensor {
    if (order.every((axis, place) => axis === place)) return this;
    const shape = order.map((axis) => this.shape[axis] ?? Number.NaN);
    return this.graph.apply("Transpose", [this], { shape, type: this.type }, { attributes: { perm: order } });
  }

  /** Repeats axes of size 1. */
  expand(shape: Shape): Tensor {
    if (sameShape(shape, this.shape)) return this;
    const whole = broadcast(this.shape, shape);
    return this.graph.apply("Expand", [this, this.graph.integers(shape)], { shape: whole, type: this.type });
  }

  /** Elements from `starts` up to before `ends`, every `steps`-th, along `axes`. Steps above 0. */
  slice(
    starts: readonly number[],
    ends: readonly number[],
    axes: readonly number[],
    steps?: readonly number[],
  ): Tensor {
    const over = axesOf(axes, this.rank);
    const shape = [...this.shape];
    for (const [k, axis] of over.entries()) {
      const size = shape[axis] ?? 0;
      // As ONNX counts: from the end where negative, never beyond either end.
      const within = (place: number) => Math.min(size, Math.max(0, place < 0 ? place + size : place));
      const [from, to] = [within(starts[k] ?? 0), within(ends[k] ?? 0)];
      shape[axis] = Math.max(0, Math.ceil((to - from) / (steps?.[k] ?? 1)));
    }
    if (sameShape(shape, this.shape)) return this;
    const parts = [starts, ends, over, ...(steps === undefined ? [] : [steps])];
    return this.graph.apply("Slice", [this, ...parts.map((part) => this.graph.integers(part))], {
      shape,
      type: this.type,
    });
  }

  /** Adds (or, where negative, cuts off) so many elements before and after each axis. */
  pad(before: readonly number[], after: readonly number[], value = 0): Tensor {
    const shape = this.shape.map((size, axis) => size + (before[axis] ?? 0) + (after[axis] ?? 0));
    if (sameShape(shape, this.shape) && before.every((size) => size === 0)) return this;
    const inputs = [this, this.graph.integers([...before, ...after]), this.graph.scalar(value, this.type)];
    return this.graph.apply("Pad", inputs, { shape, type: this.type });
  }

  /** Matrix product over the last two axes, the others broadcast. */
  matmul(other: Tensor): Tensor {
    const [rows, inner] = this.shape.slice(-2);
    const [otherInner, cols] = other.shape.slice(-2);
    if (this.rank < 2 || other.rank < 2 || inner !== otherInner) {
      throw new ComputeError(
        "INVALID_INPUT",
        `Expected matrices that fit, got [${this.shape.join(", ")}] and [${other.shape.join(", ")}]`,
      );
    }
    const stack = broadcast(this.shape.slice(0, -2), other.shape.slice(0, -2));
    // Safe: both have two last axes.
    const shape = [...stack, rows as number, cols as number];
    return this.graph.apply("MatMul", [this, other], { shape, type: this.type });
  }

  /** The last two axes swapped. */
  matrixTranspose(): Tensor {
    const order = this.shape.map((_, axis) => axis);
    [order[this.rank - 2], order[this.rank - 1]] = [this.rank - 1, this.rank - 2];
    return this.transpose(order);
  }

  /** Summed over what broadcasting repeated, so that it has this shape: the gradient of a broadcast. */
  sumTo(shape: Shape): Tensor {
    const extra = this.rank - shape.length;
    const over = this.shape.flatMap((size, axis) =>
      axis < extra || (shape[axis - extra] === 1 && size !== 1) ? [axis] : [],
    );
    return this.sum(over.length === 0 ? [] : over, true).reshape(shape);
  }

  cast(type: ElementType): Tensor {
    if (type === this.type) return this;
    return this.graph.apply(
      "Cast",
      [this],
      { shape: this.shape, type },
      { attributes: { to: castCodes[type] } },
    );
  }

  #with(op: string, other: Operand): Tensor {
    const tensor = typeof other === "number" ? this.graph.scalar(other, this.type) : other;
    return this.graph.apply(op, [this, tensor], {
      shape: broadcast(this.shape, tensor.shape),
      type: this.type,
    });
  }

  #compared(op: "Greater" | "GreaterOrEqual"): Tensor {
    const inputs = [this, this.graph.scalar(0, this.type)];
    return this.graph.apply(op, inputs, { shape: this.shape, type: "bool" }).cast(this.type);
  }
}

/** ONNX's numbers of the element types (TensorProto.DataType). */
export const castCodes = { float: 1, int32: 6, int64: 7, bool: 9, double: 11 } as const satisfies Record<
  ElementType,
  number
>;

/** Tensors one after the other along an axis. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const [first] = tensors;
  if (first === undefined) throw new ComputeError("INVALID_INPUT", "Expected tensors to join, got none");
  if (tensors.length === 1) return first;
  const [at = 0] = axesOf([axis], first.rank);
  const shape = first.shape.map((size, k) =>
    k === at ? tensors.reduce((sum, tensor) => sum + (tensor.shape[k] ?? 0), 0) : size,
  );
  return first.graph.apply("Concat", tensors, { shape, type: first.type }, { attributes: { axis: at } });
}

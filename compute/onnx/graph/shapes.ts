import { ComputeError } from "../../errors.ts";

/** Sizes of a tensor's axes; [] is a scalar. Every size is known: graphs are built for one batch size. */
export type Shape = readonly number[];

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/**
 * The shape of an element-wise operation, by NumPy's rules.
 *
 * @throws {ComputeError} INVALID_INPUT when the shapes do not fit.
 */
export function broadcast(...shapes: readonly Shape[]): Shape {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const size = sizes.find((each) => each !== 1) ?? 1;
    if (sizes.some((each) => each !== 1 && each !== size)) {
      const words = shapes.map((shape) => `[${shape.join(", ")}]`).join(" and ");
      throw new ComputeError("INVALID_INPUT", `Expected shapes that broadcast, got ${words}`);
    }
    return size;
  });
}

/**
 * Axes counted from 0, where negative ones count from the end.
 *
 * @throws {ComputeError} INVALID_INPUT for one that is not there.
 */
export function axesOf(axes: readonly number[], rank: number): readonly number[] {
  return axes.map((axis) => {
    const counted = axis < 0 ? axis + rank : axis;
    if (Number.isInteger(counted) && counted >= 0 && counted < rank) return counted;
    throw new ComputeError("INVALID_INPUT", `Expected an axis of ${rank}, got ${axis}`);
  });
}

/** A shape without some axes, or with them at size 1. */
export function reducedShape(shape: Shape, axes: readonly number[], keep: boolean): Shape {
  const gone = new Set(axesOf(axes, shape.length));
  if (keep) return shape.map((size, axis) => (gone.has(axis) ? 1 : size));
  return shape.filter((_, axis) => !gone.has(axis));
}

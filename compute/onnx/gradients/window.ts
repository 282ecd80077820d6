import { ComputeError } from "../../errors.ts";
import type { Attributes } from "../graph/graph.ts";
import type { Shape } from "../graph/shapes.ts";
import { numbersOf, wordOf } from "./rule.ts";

/** How a window moves over the spatial axes; every list has an entry an axis. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/**
 * Reads kernel, strides, dilations and pads of a convolution or pooling.
 *
 * @param kernel - sizes of the kernel, where they are not an attribute.
 * @throws {ComputeError} INVALID_INPUT for automatic padding, which importing turns into numbers.
 */
export function windowOf(attributes: Attributes, kernel?: Shape): Window {
  const sizes = numbersOf(attributes, "kernel_shape", kernel ?? []);
  const rank = sizes.length;
  const automatic = wordOf(attributes, "auto_pad", "NOTSET");
  if (automatic !== "NOTSET") {
    throw new ComputeError("INVALID_INPUT", `Expected pads as numbers, got auto_pad ${automatic}`);
  }
  const pads = numbersOf(attributes, "pads", Array(2 * rank).fill(0));
  return {
    kernel: sizes,
    strides: numbersOf(attributes, "strides", Array(rank).fill(1)),
    dilations: numbersOf(attributes, "dilations", Array(rank).fill(1)),
    before: pads.slice(0, rank),
    after: pads.slice(rank),
  };
}

/** Elements that a kernel of this size spans. */
export function spanOf(kernel: number, dilation: number): number {
  return (kernel - 1) * dilation + 1;
}

/** One number an axis, from the window's lists. */
export function perAxis(window: Window, make: (axis: number) => number): readonly number[] {
  return window.kernel.map((_, axis) => make(axis));
}

/** An entry that is there, since every list of a window has one an axis. */
export function at(list: readonly number[], axis: number): number {
  return list[axis] as number; // safe: see above
}

import { RandomStream } from "../../random.ts";
import { type Shape, sizeOf } from "../graph/shapes.ts";

/** How weights begin. */
export type Initialiser =
  | { readonly kind: "constant"; readonly value: number }
  /** Normal with this standard deviation. */
  | { readonly kind: "normal"; readonly deviation: number }
  /** Uniform in (-bound, bound). */
  | { readonly kind: "uniform"; readonly bound: number };

export const zeros: Initialiser = { kind: "constant", value: 0 };
export const ones: Initialiser = { kind: "constant", value: 1 };

/**
 * For layers before a rectifier: normal with variance 2 / fan, the fan counted over inputs or outputs of the layer
 * (He et al. 2015, doi:10.1109/ICCV.2015.123).
 *
 * @param shape - of the weights: [out, in / group, ...kernel]
 */
export function heNormal(shape: Shape, fan: "in" | "out"): Initialiser {
  const [outputs = 1, inputs = 1, ...kernel] = shape;
  const taps = sizeOf(kernel);
  return { kind: "normal", deviation: Math.sqrt(2 / (taps * (fan === "in" ? inputs : outputs))) };
}

/**
 * The first numbers of a tensor of weights. They depend on the seed and the tensor's name alone, so that adding a layer
 * changes no other.
 */
export function initialNumbers(name: string, shape: Shape, initial: Initialiser, seed: number): Float32Array {
  const numbers = new Float32Array(sizeOf(shape));
  if (initial.kind === "constant") return numbers.fill(initial.value);
  const stream = new RandomStream(seed, hashOf(name));
  for (let i = 0; i < numbers.length; i += 1) {
    numbers[i] =
      initial.kind === "normal"
        ? initial.deviation * stream.normal()
        : initial.bound * (2 * stream.uniform() - 1);
  }
  return numbers;
}

/** FNV-1a over UTF-16 units: names are few and short, so 32 bits keep them apart. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

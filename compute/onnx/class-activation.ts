import { knownIntegers } from "./known-integers.ts";
import { ModelError } from "./model-error.ts";
import type { GraphProto, ModelProto, NodeProto, TensorProto } from "./onnx-messages.ts";

/** What a class activation map is made of (Zhou et al. 2016, doi:10.1109/CVPR.2016.319). */
export interface ClassHead {
  /** Name of the value n x channels x rows x cols whose mean the head reads. */
  readonly features: string;
  /** Length classes * channels: what each channel's mean adds to a class's logit; absent where channels are the classes. */
  readonly weights?: Float32Array;
}

/** Operators that only hand on, reshape, or squash what they get, so that the head lies before them. */
const handsOn = new Set([
  "Softmax",
  "Sigmoid",
  "Identity",
  "Flatten",
  "Reshape",
  "Squeeze",
  "Unsqueeze",
  "Dropout",
]);

/**
 * Finds the end of a classifier that is a mean over the image and a linear layer.
 *
 * @param output - the name of the output that holds the scores
 * @throws {ModelError} MODEL_SIGNATURE_MISMATCH for a model of another end
 */
export function findClassHead({ graph }: ModelProto, output: string): ClassHead {
  if (graph === undefined) throw noHead("no graph");
  const walk = new Walk(graph);
  const last = walk.back(output);
  const direct = walk.pooled(last);
  if (direct !== undefined) return { features: direct };
  const weights = walk.weightsOf(last);
  const features = walk.pooled(walk.back(last?.input[0] ?? ""));
  if (weights === undefined || features === undefined) throw noHead(last?.opType ?? "an input");
  return { features, weights };
}

class Walk {
  readonly #makers = new Map<string, NodeProto>();
  readonly #tensors = new Map<string, TensorProto>();
  readonly #integers: ReadonlyMap<string, readonly number[]>;

  constructor(graph: GraphProto) {
    this.#integers = knownIntegers(graph);
    for (const tensor of graph.initializer) this.#tensors.set(tensor.name ?? "", tensor);
    for (const node of graph.node) {
      for (const name of node.output) this.#makers.set(name, node);
      const value =
        node.opType === "Constant" ? node.attribute.find(({ t }) => t !== undefined)?.t : undefined;
      if (value !== undefined) this.#tensors.set(node.output[0] ?? "", value);
    }
  }

  /** The operator that makes a value, before all that only hand it on. */
  back(name: string): NodeProto | undefined {
    for (let at = name, steps = 0; steps < this.#makers.size + 1; steps++) {
      const node = this.#makers.get(at);
      if (node === undefined) return undefined;
      if (handsOn.has(node.opType ?? "")) at = node.input[0] ?? "";
      else if (node.opType === "Add") at = node.input.find((input) => !this.#tensors.has(input)) ?? "";
      else return node;
    }
    return undefined;
  }

  /** What a mean over rows and columns is taken of; undefined for any other operator. */
  pooled(node: NodeProto | undefined): string | undefined {
    if (node?.opType === "GlobalAveragePool") return node.input[0];
    if (node?.opType !== "ReduceMean") return undefined;
    const attribute = node.attribute.find(({ name }) => name === "axes")?.ints.map(Number);
    const axes = (attribute ?? this.#integers.get(node.input[1] ?? "") ?? [])
      .map((axis) => (axis + 4) % 4)
      .sort();
    return axes.join() === "2,3" ? node.input[0] : undefined;
  }

  /** Weights classes x channels of a linear layer; undefined for any other operator. */
  weightsOf(node: NodeProto | undefined): Float32Array | undefined {
    const tensor = this.#tensors.get(node?.input[1] ?? "");
    const numbers = tensor && floatsOf(tensor);
    const [a = 0, b = 0, ...kernel] = tensor?.dims.map(Number) ?? [];
    if (numbers === undefined || numbers.length !== a * b || kernel.some((side) => side !== 1))
      return undefined;
    const attribute = (name: string) => node?.attribute.find((each) => each.name === name);
    if (node?.opType === "Conv" && (attribute("group")?.i ?? 1n) === 1n) return numbers;
    if (node?.opType === "MatMul") return transposed(numbers, a, b);
    if (node?.opType !== "Gemm" || (attribute("transA")?.i ?? 0n) !== 0n) return undefined;
    const scaled = numbers.map((number) => number * (attribute("alpha")?.f ?? 1));
    return (attribute("transB")?.i ?? 0n) === 1n ? scaled : transposed(scaled, a, b);
  }
}

function floatsOf({ dataType, rawData, floatData }: TensorProto): Float32Array | undefined {
  if (dataType !== 1) return undefined;
  // A copy: within the file the numbers are seldom aligned.
  if (rawData !== undefined && rawData.length > 0) return new Float32Array(Uint8Array.from(rawData).buffer);
  return floatData;
}

/** Numbers a x b, column by column. */
function transposed(numbers: Float32Array, a: number, b: number): Float32Array {
  return Float32Array.from(numbers, (_, i) => numbers[(i % a) * b + Math.floor(i / a)] ?? 0);
}

function noHead(got: string): ModelError {
  return new ModelError(
    "MODEL_SIGNATURE_MISMATCH",
    `Expected a model that ends in a mean over the image and a linear layer, for class activation maps, got ${got.replace(/\W/g, "?")}`,
  );
}

/**
 * Maps of what each place adds to a class's logit: their mean over the image is the logit less the layer's bias.
 *
 * @param features - n x channels x size, of which the first `images` count
 * @param classIndex - of two classes that come as one number, 0 is the opposite of 1
 * @returns length images * size
 */
export function classActivation(
  features: Float32Array,
  shape: { readonly images: number; readonly channels: number; readonly size: number },
  head: ClassHead,
  classIndex: number,
): Float32Array<ArrayBuffer> {
  const { images, channels, size } = shape;
  const { weights } = head;
  const classes = weights === undefined ? channels : weights.length / channels;
  const isOpposite = classes === 1 && classIndex === 0;
  const row = classes === 1 ? 0 : classIndex;
  const maps = new Float32Array(images * size);
  // Safe in every cast below: indices stay within n x channels x size.
  for (let image = 0; image < images; image++) {
    for (let channel = 0; channel < channels; channel++) {
      const own =
        weights === undefined ? Number(channel === row) : (weights[row * channels + channel] as number);
      const weight = isOpposite ? -own : own;
      if (weight === 0) continue;
      const from = (image * channels + channel) * size;
      for (let i = 0; i < size; i++) {
        maps[image * size + i] = (maps[image * size + i] as number) + weight * (features[from + i] as number);
      }
    }
  }
  return maps;
}

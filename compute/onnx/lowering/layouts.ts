import { ComputeError } from "../../errors.ts";
import { copyNode } from "../graph/copy-nodes.ts";
import { type Attributes, Graph, type GraphNode } from "../graph/graph.ts";
import type { Shape } from "../graph/shapes.ts";
import type { Tensor } from "../graph/tensor.ts";

/** Operators of onnxruntime's processor provider on tensors in its blocked layout. */
export const BLOCKED_DOMAIN = "com.microsoft.nchwc";

/**
 * A blocked convolution that is not yet in the graph: a sum or a rectifier after it may still become part of it.
 * All of it in the new graph.
 */
export interface PendingConvolution {
  /** Blocked; or plain with fewer channels than a block. */
  readonly x: Tensor;
  readonly weights: Tensor;
  readonly bias?: Tensor;
  /** Blocked; added to the result. */
  readonly sum?: Tensor;
  readonly attributes: Attributes;
  readonly shape: Shape;
}

/**
 * A graph being rewritten so that activations stay in blocks of channels, [n, channels / block, rows, cols, block], as long
 * as possible. Each tensor of the old graph has a plain form in the new one, a blocked one, or both: whoever needs the other
 * form gets it by a reordering, made once. Blocked tensors are declared by their plain shape.
 */
export class Layouts {
  readonly from: Graph;
  readonly into: Graph;
  /** Channels of a block. */
  readonly block: number;
  readonly #plain = new Map<Tensor, Tensor>();
  readonly #blocked = new Map<Tensor, Tensor>();
  readonly #pending = new Map<Tensor, PendingConvolution>();
  readonly #producers: ReadonlyMap<Tensor, GraphNode>;
  readonly #uses: ReadonlyMap<Tensor, number>;

  constructor(from: Graph, block: number) {
    this.from = from;
    this.block = block;
    this.into = new Graph(from.name);
    this.#producers = new Map(from.nodes.flatMap((node) => node.outputs.map((output) => [output, node])));
    this.#uses = countUses(from);
    for (const tensor of from.inputs) {
      this.#plain.set(tensor, this.into.input(tensor.name, tensor.shape, tensor.type));
    }
    for (const [tensor, { data, shape, type }] of from.constants) {
      this.#plain.set(tensor, this.into.constant(data, shape, type));
    }
  }

  /** Whether it fills whole blocks. */
  fits({ shape, type }: Tensor): boolean {
    return shape.length === 4 && type === "float" && (shape[1] ?? 0) % this.block === 0;
  }

  /** Whether its blocked form is there already. */
  isBlocked(tensor: Tensor): boolean {
    return this.#blocked.has(tensor) || this.#pending.has(tensor);
  }

  hasPlain(tensor: Tensor): boolean {
    return this.#plain.has(tensor);
  }

  /** Its plain form. @throws {ComputeError} INVALID_INPUT for a tensor that nothing computes. */
  plain(tensor: Tensor): Tensor {
    const known = this.#plain.get(tensor);
    if (known !== undefined) return known;
    if (this.isBlocked(tensor)) {
      const [, channels = 0] = tensor.shape;
      const made = this.apply("ReorderOutput", [this.blocked(tensor)], tensor.shape, { channels });
      this.#plain.set(tensor, made);
      return made;
    }
    // Within a composite that was lowered as a whole, but needed by another that was not.
    const producer = this.#producers.get(tensor);
    if (producer === undefined) {
      throw new ComputeError("INVALID_INPUT", `Expected something to compute ${tensor.name}, got nothing`);
    }
    this.copy(producer);
    return this.plain(tensor);
  }

  /** Adds an operation of the old graph as it is. */
  copy(node: GraphNode): void {
    for (const input of node.inputs) if (input !== undefined) this.plain(input);
    copyNode(node, this.into, this.#plain);
  }

  /** Its blocked form. */
  blocked(tensor: Tensor): Tensor {
    const known = this.#blocked.get(tensor);
    if (known !== undefined) return known;
    const pending = this.#pending.get(tensor);
    const made =
      pending === undefined
        ? this.apply("ReorderInput", [this.plain(tensor)], tensor.shape)
        : this.convolve(pending);
    this.keep(tensor, made);
    return made;
  }

  /** Says what is the blocked form of a tensor. */
  keep(tensor: Tensor, made: Tensor): void {
    this.#pending.delete(tensor);
    this.#blocked.set(tensor, made);
  }

  /** Says what plain tensor of the new graph stands for one of the old. */
  keepPlain(tensor: Tensor, made: Tensor): void {
    this.#plain.set(tensor, made);
  }

  /** Says by which convolution a tensor comes about. */
  keepPending(tensor: Tensor, convolution: PendingConvolution): void {
    this.#pending.set(tensor, convolution);
  }

  /** The convolution behind a tensor that nobody else uses, to be gone on from. */
  pendingOf(tensor: Tensor): PendingConvolution | undefined {
    return this.#uses.get(tensor) === 1 ? this.#pending.get(tensor) : undefined;
  }

  /** Adds a convolution to the graph. */
  convolve({ x, weights, bias, sum, attributes, shape }: PendingConvolution, activation?: "Relu"): Tensor {
    const more = [bias, ...(sum === undefined ? [] : [sum])];
    const inputs = [x, weights, ...(more.some((each) => each !== undefined) ? more : [])];
    return this.apply("Conv", inputs, shape, {
      ...attributes,
      ...(activation === undefined ? {} : { activation }),
    });
  }

  /** Adds an operation of onnxruntime's blocked domain. */
  apply(
    op: string,
    inputs: readonly (Tensor | undefined)[],
    shape: Shape,
    attributes: Attributes = {},
  ): Tensor {
    return this.into.apply(op, inputs, { shape, type: "float" }, { attributes, domain: BLOCKED_DOMAIN });
  }
}

function countUses({ nodes, outputs }: Graph): ReadonlyMap<Tensor, number> {
  const uses = new Map<Tensor, number>();
  const used = [...nodes.flatMap(({ inputs }) => inputs), ...outputs.map(({ tensor }) => tensor)];
  for (const tensor of used) {
    if (tensor !== undefined) uses.set(tensor, (uses.get(tensor) ?? 0) + 1);
  }
  return uses;
}

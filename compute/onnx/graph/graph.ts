import { ComputeError } from "../../errors.ts";
import { type Shape, sizeOf } from "./shapes.ts";
import { Tensor } from "./tensor.ts";

/** Element types that graphs of ours compute with. */
export const elementArrays = {
  float: Float32Array,
  double: Float64Array,
  int64: BigInt64Array,
  int32: Int32Array,
  bool: Uint8Array,
} as const;
export type ElementType = keyof typeof elementArrays;
export type ElementArray = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array;

/** The value of an attribute: whole numbers unless ONNX declares the attribute a float (`floatAttributes`). */
export type Attribute = number | string | readonly number[] | Graph | Constant;
export type Attributes = Readonly<Record<string, Attribute>>;

/** A tensor whose numbers are in the graph. */
export interface Constant {
  readonly type: ElementType;
  readonly shape: Shape;
  readonly data: ElementArray;
}

/** One operation. */
export interface GraphNode {
  readonly op: string;
  /** "" is ONNX's own. */
  readonly domain: string;
  /** undefined: an optional input that is left out. */
  readonly inputs: readonly (Tensor | undefined)[];
  readonly outputs: readonly Tensor[];
  readonly attributes: Attributes;
}

/** What a node gives: the shape and type of each output. */
export interface OutputSpec {
  readonly shape: Shape;
  readonly type: ElementType;
  /** A name that must be kept; absent: a fresh one. */
  readonly name?: string;
}

/** Options of a node beyond its inputs. */
export interface NodeOptions {
  readonly attributes?: Attributes;
  readonly domain?: string;
}

/**
 * Operations that are differentiated as one, by a rule of their own: what the chain rule gives for them one by one would
 * be slower or less exact.
 */
export interface GraphBlock {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  /** The block is the nodes from `start` up to before `end`. */
  readonly start: number;
  readonly end: number;
  /** The gradient of each input, given the output's; called only for those that are wanted. */
  readonly gradients: readonly ((gradient: Tensor) => Tensor)[];
}

/** Operations that compute one known thing together, which a lowering may know how to compute otherwise. */
export interface GraphComposite {
  readonly kind: CompositeKind;
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly attributes: Attributes;
  /** The composite is the nodes from `start` up to before `end`. */
  readonly start: number;
  readonly end: number;
}

/** By the operator whose gradient it is, with that operator's attributes. */
export type CompositeKind =
  /** Of a convolution's images: from the gradient of the output, and the weights. */
  | "ConvInputGradient"
  /** Of its weights: from the images, and the gradient of the output. */
  | "ConvWeightGradient"
  /** Of the input of a MaxPool: from its input, its output, and the gradient of that. */
  | "MaxPoolGradient";

/** A named result of a graph. */
export interface GraphOutput {
  readonly name: string;
  readonly tensor: Tensor;
}

/**
 * A network as a list of operations in an order in which they can run, each tensor with its shape.
 * Tensors are made by `input`, `constant` and `apply`; their methods read like mathematics (tensor.ts).
 */
export class Graph {
  readonly name: string;
  readonly #nodes: GraphNode[] = [];
  readonly #inputs: Tensor[] = [];
  readonly #outputs: GraphOutput[] = [];
  readonly #constants = new Map<Tensor, Constant>();
  readonly #blocks: GraphBlock[] = [];
  readonly #composites: GraphComposite[] = [];
  readonly #names = new Set<string>();
  readonly #kept = new Map<string, Tensor>();
  #count = 0;

  constructor(name = "graph") {
    this.name = name;
  }

  get nodes(): readonly GraphNode[] {
    return this.#nodes;
  }
  get inputs(): readonly Tensor[] {
    return this.#inputs;
  }
  get outputs(): readonly GraphOutput[] {
    return this.#outputs;
  }
  get constants(): ReadonlyMap<Tensor, Constant> {
    return this.#constants;
  }

  get blocks(): readonly GraphBlock[] {
    return this.#blocks;
  }

  get composites(): readonly GraphComposite[] {
    return this.#composites;
  }

  /** A tensor that the caller feeds. @throws {ComputeError} INVALID_INPUT for a name that is taken. */
  input(name: string, shape: Shape, type: ElementType = "float"): Tensor {
    const tensor = this.#tensor({ shape, type, name });
    this.#inputs.push(tensor);
    return tensor;
  }

  /**
   * A tensor of the surrounding graph, seen from inside the body of a loop: it is neither fed nor computed here.
   *
   * @throws {ComputeError} INVALID_INPUT for a name that is taken.
   */
  captured({ name, shape, type }: Tensor): Tensor {
    return this.#tensor({ name, shape, type });
  }

  /** A tensor of given numbers, in row-major order. @throws {ComputeError} INVALID_INPUT when they do not fill it. */
  constant(data: ElementArray, shape: Shape, type: ElementType, name?: string): Tensor {
    if (data.length !== sizeOf(shape)) {
      throw new ComputeError(
        "INVALID_INPUT",
        `Expected ${sizeOf(shape)} numbers for [${shape.join(", ")}], got ${data.length}`,
      );
    }
    const tensor = this.#tensor({ shape, type, ...(name === undefined ? {} : { name }) });
    this.#constants.set(tensor, { data, shape, type });
    return tensor;
  }

  /** A number as a scalar of this type; equal ones are one tensor. */
  scalar(value: number, type: ElementType = "float"): Tensor {
    return this.once(`scalar ${type} ${Object.is(value, -0) ? "-0" : value}`, () =>
      this.constant(arrayOf(type, [value]), [], type),
    );
  }

  /** Sizes or axes as a list of int64; equal ones are one tensor. */
  integers(values: readonly number[]): Tensor {
    return this.once(`integers ${values.join()}`, () =>
      this.constant(BigInt64Array.from(values, BigInt), [values.length], "int64"),
    );
  }

  /** What `make` gives the first time this key is asked for. */
  once(key: string, make: () => Tensor): Tensor {
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#kept.set(key, made);
    return made;
  }

  /** An operation of one output. */
  apply(
    op: string,
    inputs: readonly (Tensor | undefined)[],
    output: OutputSpec,
    options: NodeOptions = {},
  ): Tensor {
    const [tensor] = this.applyMany(op, inputs, [output], options);
    return tensor as Tensor; // safe: one output was asked for
  }

  /** An operation of several outputs. @throws {ComputeError} INVALID_INPUT for inputs of another graph. */
  applyMany(
    op: string,
    inputs: readonly (Tensor | undefined)[],
    outputs: readonly OutputSpec[],
    { attributes = {}, domain = "" }: NodeOptions = {},
  ): readonly Tensor[] {
    if (inputs.some((tensor) => tensor !== undefined && tensor.graph !== this)) {
      throw new ComputeError("INVALID_INPUT", `Expected inputs of ${op} from this graph, got one of another`);
    }
    const made = outputs.map((output) => this.#tensor(output));
    this.#nodes.push({ op, domain, inputs, outputs: made, attributes });
    return made;
  }

  /**
   * Adds the operations of `make` as a block with a gradient of its own. Only `output` is differentiated: other results
   * of the block are values on the side.
   */
  block<Made extends { readonly output: Tensor }>(
    inputs: readonly Tensor[],
    make: () => Made,
    gradients: readonly ((gradient: Tensor, made: Made) => Tensor)[],
  ): Made {
    const start = this.#nodes.length;
    const made = make();
    this.#blocks.push({
      inputs,
      output: made.output,
      start,
      end: this.#nodes.length,
      gradients: gradients.map((gradient) => (flowing: Tensor) => gradient(flowing, made)),
    });
    return made;
  }

  /** Adds the operations of `make`, and notes what they compute together. */
  composite(
    kind: CompositeKind,
    inputs: readonly Tensor[],
    attributes: Attributes,
    make: () => Tensor,
  ): Tensor {
    const start = this.#nodes.length;
    const output = make();
    this.#composites.push({ kind, inputs, output, attributes, start, end: this.#nodes.length });
    return output;
  }

  /** Names a tensor as a result. @throws {ComputeError} INVALID_INPUT for a name that is taken. */
  output(name: string, tensor: Tensor): void {
    const taken = this.#outputs.some((output) => output.name === name);
    if (taken || (this.#names.has(name) && tensor.name !== name)) {
      throw new ComputeError("INVALID_INPUT", `Expected a new name for an output, got "${name}" again`);
    }
    this.#names.add(name);
    this.#outputs.push({ name, tensor });
  }

  /** The number that a constant holds, or the list; undefined when it is computed or fed. */
  numbersOf(tensor: Tensor): readonly number[] | undefined {
    const constant = this.#constants.get(tensor);
    return constant === undefined ? undefined : Array.from<bigint | number, number>(constant.data, Number);
  }

  #tensor({ shape, type, name }: OutputSpec): Tensor {
    if (name !== undefined && this.#names.has(name)) {
      throw new ComputeError("INVALID_INPUT", `Expected a new name, got "${name}" again`);
    }
    let chosen = name;
    while (chosen === undefined || (name === undefined && this.#names.has(chosen))) {
      this.#count += 1;
      chosen = `t${this.#count}`;
    }
    this.#names.add(chosen);
    return new Tensor(this, chosen, shape, type);
  }
}

/** Numbers as an array of this type. */
export function arrayOf(type: ElementType, values: readonly number[]): ElementArray {
  return type === "int64" ? BigInt64Array.from(values, BigInt) : elementArrays[type].from(values);
}

import { type Constant, Graph } from "../graph/graph.ts";
import type { Shape } from "../graph/shapes.ts";
import type { Tensor } from "../graph/tensor.ts";
import { modelOf } from "../graph/to-model.ts";
import { readModel, writeModel } from "../model-bytes.ts";
import { ModelError } from "../model-error.ts";
import type { GraphProto, ModelProto, NodeProto } from "../onnx-messages.ts";
import { attributesOf, constantOf } from "./attributes.ts";
import { addNormalised } from "./normalise-node.ts";

/** Runs a model once and gives every output with its shape and numbers. */
export type Probe = (
  model: Uint8Array,
  feeds: Readonly<Record<string, Constant>>,
) => Promise<Readonly<Record<string, Constant>>>;

/** A foreign network as a graph of ours. */
export interface ImportedGraph {
  readonly graph: Graph;
  /** What is fed, in the model's order. */
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly { readonly name: string; readonly tensor: Tensor }[];
  /** Its weights: inputs of the graph, with the numbers that the file holds. Scalars and whole numbers stay constants. */
  readonly weights: readonly { readonly tensor: Tensor; readonly numbers: Float32Array }[];
}

/**
 * Reads a model of others into a graph that can be differentiated: operator sets 7 to 21, sizes as one probe run finds
 * them, everything that depends on nothing that is fed folded into constants, dropout and training outputs left out.
 *
 * @param shapes - of the inputs, the batch size among them: the graph is for these sizes alone.
 * @throws {ModelError} MODEL_INVALID, MODEL_SIGNATURE_MISMATCH
 * @throws {ComputeError} INVALID_INPUT for what our graphs cannot say.
 */
export async function importGraph(
  bytes: Uint8Array,
  shapes: Readonly<Record<string, Shape>>,
  probe: Probe,
): Promise<ImportedGraph> {
  const model = readModel(bytes);
  const proto = model.graph;
  if (proto === undefined) throw new ModelError("MODEL_INVALID", "Expected a model with a graph, got none");
  const opset = Number(model.opsetImport.find(({ domain = "" }) => domain === "")?.version ?? 0n);
  const constants = new Map(proto.initializer.map((tensor) => [tensor.name ?? "", constantOf(tensor)]));
  const fed = proto.input.flatMap(({ name = "" }) => (constants.has(name) ? [] : [name]));
  const feeds = Object.fromEntries(fed.map((name) => [name, zerosOf(name, shapes)]));
  const values = await probe(exposed(model, proto), feeds);
  const builder = new GraphReader(constants, values, opset, fixedOf(proto));
  const inputs = fed.map((name) => builder.feed(name, requireShape(name, shapes)));
  for (const node of proto.node) builder.add(node);
  return {
    graph: builder.graph,
    inputs,
    outputs: proto.output.map(({ name = "" }) => ({ name, tensor: builder.require(name) })),
    weights: builder.weights,
  };
}

function requireShape(name: string, shapes: Readonly<Record<string, Shape>>): Shape {
  const shape = shapes[name];
  if (shape !== undefined) return shape;
  throw new ModelError("MODEL_SIGNATURE_MISMATCH", `Expected a shape for the input "${name}", got none`);
}

function zerosOf(name: string, shapes: Readonly<Record<string, Shape>>): Constant {
  const shape = requireShape(name, shapes);
  return { type: "float", shape, data: new Float32Array(shape.reduce((size, side) => size * side, 1)) };
}

/** The model with every intermediate value as an output. */
function exposed(model: ModelProto, graph: GraphProto): Uint8Array {
  const names = new Set(graph.node.flatMap(({ output }) => output.filter((name) => name !== "")));
  const output = [...names].map((name) => ({ name, metadataProps: [] }));
  return writeModel({ ...model, graph: { ...graph, output } });
}

/** Inputs that hold numbers but no weights: running statistics of batch norms, and scales. */
const fixedInputs: Readonly<Record<string, readonly [from: number, to: number]>> = {
  BatchNormalization: [3, 5],
  Resize: [1, 3],
  Upsample: [1, 2],
};

function fixedOf(graph: GraphProto): ReadonlySet<string> {
  return new Set(
    graph.node.flatMap(({ opType = "", input }) => {
      const places = Object.hasOwn(fixedInputs, opType) ? fixedInputs[opType] : undefined;
      return places === undefined ? [] : input.slice(...places);
    }),
  );
}

class GraphReader {
  readonly graph = new Graph("imported");
  readonly weights: { readonly tensor: Tensor; readonly numbers: Float32Array }[] = [];
  readonly #constants: ReadonlyMap<string, Constant>;
  readonly #values: Readonly<Record<string, Constant>>;
  readonly #opset: number;
  readonly #fixed: ReadonlySet<string>;
  readonly #tensors = new Map<string, Tensor>();
  /** Names of what depends on something that is fed or learnt. */
  readonly #live = new Set<string>();

  constructor(
    constants: ReadonlyMap<string, Constant>,
    values: Readonly<Record<string, Constant>>,
    opset: number,
    fixed: ReadonlySet<string>,
  ) {
    this.#constants = constants;
    this.#values = values;
    this.#opset = opset;
    this.#fixed = fixed;
  }

  feed(name: string, shape: Shape): Tensor {
    const tensor = this.graph.input(name, shape);
    this.#tensors.set(name, tensor);
    this.#live.add(name);
    return tensor;
  }

  /** The tensor of this name: computed so far, or a weight or constant of the file. */
  require(name: string): Tensor {
    const known = this.#tensors.get(name);
    if (known !== undefined) return known;
    const constant = this.#constants.get(name);
    if (constant === undefined) {
      throw new ModelError("MODEL_INVALID", "Expected nodes in an order in which they can run, got another");
    }
    const tensor = this.#isWeight(name) ? this.#weight(name, constant) : this.#constant(constant);
    this.#tensors.set(name, tensor);
    return tensor;
  }

  add({ opType = "", domain = "", input, output, attribute }: NodeProto): void {
    if (domain !== "" && domain !== "ai.onnx") {
      throw new ModelError(
        "MODEL_OP_FORBIDDEN",
        `Expected operators of ONNX's own domain, got ${domain}.${opType}`,
      );
    }
    const named = output.filter((name) => name !== "");
    const isLive = input.some((name) => this.#live.has(name) || this.#isWeight(name));
    if (!isLive || opType === "Shape" || opType === "Size") {
      for (const name of named) this.#fold(name, opType);
      return;
    }
    const tensors = addNormalised(this.graph, {
      op: opType,
      inputs: input.map((name) => (name === "" ? undefined : this.require(name))),
      attributes: attributesOf(attribute),
      outputs: named.map((name) => this.#probed(name)).map(({ shape, type }) => ({ shape, type })),
      opset: this.#opset,
    });
    for (const [k, tensor] of tensors.entries()) {
      const name = named[k];
      if (name === undefined) continue;
      this.#tensors.set(name, tensor);
      this.#live.add(name);
    }
  }

  /** Some files hold their weights as constant nodes. */
  #fold(name: string, opType: string): void {
    const value = this.#probed(name);
    const stated = opType === "Constant" || opType === "ConstantOfShape";
    if (stated && this.#canLearn(name, value)) {
      this.#live.add(name);
      this.#tensors.set(name, this.#weight(name, value));
    } else {
      this.#tensors.set(name, this.#constant(value));
    }
  }

  #isWeight(name: string): boolean {
    const constant = this.#constants.get(name);
    return constant !== undefined && this.#canLearn(name, constant);
  }

  #canLearn(name: string, { type, shape }: Constant): boolean {
    return type === "float" && shape.length > 0 && !this.#fixed.has(name);
  }

  #weight(name: string, { shape, data }: Constant): Tensor {
    const tensor = this.graph.input(name, shape);
    this.weights.push({ tensor, numbers: data as Float32Array }); // safe: weights are floats
    return tensor;
  }

  #constant({ data, shape, type }: Constant): Tensor {
    return this.graph.constant(data, shape, type);
  }

  #probed(name: string): Constant {
    const value = this.#values[name];
    if (value !== undefined) return value;
    throw new ModelError("MODEL_INVALID", "Expected a value for every name of the graph, got none for one");
  }
}

/** The bytes of an imported graph whose weights are inputs no longer but numbers in the file. */
export function bakedModel({ graph, outputs, weights }: ImportedGraph): Uint8Array<ArrayBuffer> {
  const named = new Map(weights.map(({ tensor, numbers }) => [tensor, numbers]));
  const baked = new Graph(graph.name);
  const tensors = new Map<Tensor, Tensor>();
  const of = (tensor: Tensor): Tensor => {
    const known = tensors.get(tensor);
    if (known !== undefined) return known;
    const constant = graph.constants.get(tensor);
    const numbers = named.get(tensor);
    const made =
      constant !== undefined
        ? baked.constant(constant.data, constant.shape, constant.type, tensor.name)
        : numbers !== undefined
          ? baked.constant(numbers, tensor.shape, "float", tensor.name)
          : baked.input(tensor.name, tensor.shape, tensor.type);
    tensors.set(tensor, made);
    return made;
  };
  for (const { op, domain, inputs, outputs: made, attributes } of graph.nodes) {
    const specs = made.map(({ shape, type, name }) => ({ shape, type, name }));
    const given = inputs.map((tensor) => (tensor === undefined ? undefined : of(tensor)));
    for (const [k, tensor] of baked.applyMany(op, given, specs, { attributes, domain }).entries()) {
      tensors.set(made[k] as Tensor, tensor); // safe: as many as were asked for
    }
  }
  for (const { name, tensor } of outputs) baked.output(name, of(tensor));
  return modelOf(baked);
}

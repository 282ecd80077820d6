import { ComputeError } from "../../errors.ts";
import { spanOf } from "../gradients/window.ts";
import { type Attributes, arrayOf, type Graph } from "../graph/graph.ts";
import { axesOf, sizeOf } from "../graph/shapes.ts";
import type { Tensor } from "../graph/tensor.ts";

/** A node of a file on its way into a graph: its inputs are there already, the shapes of its outputs are known. */
export interface ForeignNode {
  readonly op: string;
  readonly inputs: readonly (Tensor | undefined)[];
  readonly attributes: Attributes;
  readonly outputs: readonly { readonly shape: readonly number[]; readonly type: Tensor["type"] }[];
  /** The operator set that the file is written in. */
  readonly opset: number;
}

/** What a node becomes in the operator set of our graphs: the tensors of its outputs. */
type Normaliser = (graph: Graph, node: ForeignNode) => readonly Tensor[];

/** The node as it is, perhaps with other inputs or attributes. */
function plain(graph: Graph, node: ForeignNode, changes: Partial<ForeignNode> = {}): readonly Tensor[] {
  const { op, inputs, attributes, outputs } = { ...node, ...changes };
  return graph.applyMany(op, inputs, outputs, { attributes });
}

function without(attributes: Attributes, ...names: readonly string[]): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)));
}

function listOf(value: Attributes[string] | undefined): readonly number[] | undefined {
  if (typeof value === "number") return [value];
  return Array.isArray(value) ? (value as readonly number[]) : undefined; // safe: the only attribute that is an array
}

/** An attribute of older operator sets that later became an input. */
function attributeToInput(name: string, place: number): Normaliser {
  return (graph, node) => {
    const list = listOf(node.attributes[name]);
    if (list === undefined) return plain(graph, node);
    const inputs = [...node.inputs];
    inputs[place] = graph.integers(list);
    return plain(graph, node, { inputs, attributes: without(node.attributes, name) });
  };
}

/** Axes of a reduction that later operator sets take as an input: an attribute in ours. */
const axesToAttribute: Normaliser = (graph, node) => {
  const [x, axes] = node.inputs;
  const noop = node.attributes["noop_with_empty_axes"] === 1;
  const attributes = without(node.attributes, "noop_with_empty_axes");
  if (axes === undefined)
    return noop && x !== undefined ? [x] : plain(graph, node, { inputs: [x], attributes });
  const list = requireNumbers(graph, axes, node.op);
  if (list.length === 0)
    return noop && x !== undefined ? [x] : plain(graph, node, { inputs: [x], attributes });
  return plain(graph, node, { inputs: [x], attributes: { ...attributes, axes: list } });
};

function requireNumbers(graph: Graph, tensor: Tensor, op: string): readonly number[] {
  const numbers = graph.numbersOf(tensor);
  if (numbers !== undefined) return numbers;
  throw new ComputeError("INVALID_INPUT", `Expected ${op} with constant sizes and axes, got computed ones`);
}

/** Pads as numbers: SAME is by the size of the input, VALID is none. */
const explicitPads: Normaliser = (graph, node) => {
  const [x, weights] = node.inputs;
  const automatic = node.attributes["auto_pad"] ?? "NOTSET";
  const attributes = without(node.attributes, "auto_pad", "storage_order");
  if (automatic === "NOTSET" || x === undefined) return plain(graph, node, { attributes });
  const sides = x.shape.slice(2);
  const kernel = listOf(attributes["kernel_shape"]) ?? weights?.shape.slice(2) ?? [];
  const strides = listOf(attributes["strides"]) ?? kernel.map(() => 1);
  const dilations = listOf(attributes["dilations"]) ?? kernel.map(() => 1);
  const missing = kernel.map((size, axis) => {
    const [stride = 1, side = 0] = [strides[axis], sides[axis]];
    const reach = (Math.ceil(side / stride) - 1) * stride + spanOf(size, dilations[axis] ?? 1);
    return automatic === "VALID" ? 0 : Math.max(0, reach - side);
  });
  const upper = automatic !== "SAME_LOWER";
  const before = missing.map((pad) => (upper ? Math.floor(pad / 2) : Math.ceil(pad / 2)));
  const after = missing.map((pad, axis) => pad - (before[axis] ?? 0));
  return plain(graph, node, { attributes: { ...attributes, pads: [...before, ...after] } });
};

const batchNorm: Normaliser = (graph, node) =>
  plain(graph, node, {
    attributes: without(
      node.attributes,
      "spatial",
      "momentum",
      "training_mode",
      "is_test",
      "consumed_inputs",
    ),
    outputs: node.outputs.slice(0, 1),
  });

/** Up to opset 12 an axis splits the tensor into a matrix, each row of which sums to 1. */
const softmax: Normaliser = (graph, node) => {
  const [x] = node.inputs;
  if (x === undefined || node.opset >= 13) return plain(graph, node);
  const [axis = 1] = axesOf(
    [typeof node.attributes["axis"] === "number" ? node.attributes["axis"] : 1],
    x.rank,
  );
  if (axis === x.rank - 1) return plain(graph, node, { attributes: { axis } });
  const rows = sizeOf(x.shape.slice(0, axis));
  const flat = x.reshape([rows, x.size / rows]);
  return [flat.map(node.op, { axis: 1 }).reshape(x.shape)];
};

const split: Normaliser = (graph, node) => {
  const [x, given] = node.inputs;
  const [axis = 0] = axesOf(
    [typeof node.attributes["axis"] === "number" ? node.attributes["axis"] : 0],
    x?.rank ?? 1,
  );
  const sizes = given ?? graph.integers(node.outputs.map(({ shape }) => shape[axis] ?? 0));
  return plain(graph, node, { inputs: [x, sizes], attributes: { axis } });
};

/** Upsample became the Resize of operator set 10, and that one of words for what it does, with all axes. */
const resize: Normaliser = (graph, node) => {
  const { attributes, opset } = node;
  const [x, ...given] = node.inputs;
  const { antialias = 0, keep_aspect_ratio_policy: policy = "stretch" } = attributes;
  if (antialias !== 0 || policy !== "stretch") {
    throw new ComputeError(
      "INVALID_INPUT",
      "Expected a Resize as of operator set 17, got one that averages or keeps the ratio of the sides; leave that out of the model",
    );
  }
  const isOld = node.op === "Upsample" || opset < 11;
  const scales = isOld ? given[0] : given[1];
  const stated = listOf(attributes["scales"]) ?? (scales && requireNumbers(graph, scales, node.op)) ?? [];
  const rank = x?.rank ?? 0;
  const axes = axesOf(listOf(attributes["axes"]) ?? stated.map((_, axis) => axis), rank);
  const whole = Array.from({ length: rank }, (_, axis) => stated[axes.indexOf(axis)] ?? 1);
  const placing = {
    mode: attributes["mode"] ?? "nearest",
    coordinate_transformation_mode: "asymmetric",
    nearest_mode: whole.some((scale) => scale < 1) ? "ceil" : "floor",
  };
  const targets =
    stated.length > 0
      ? [graph.constant(arrayOf("float", whole), [rank], "float")]
      : [undefined, graph.integers(node.outputs[0]?.shape ?? [])];
  return plain(graph, node, {
    op: "Resize",
    inputs: [x, undefined, ...targets],
    attributes: isOld ? placing : without(attributes, "antialias", "axes", "keep_aspect_ratio_policy"),
  });
};

/** 0.5 x (1 + erf(x / sqrt 2)), or its tanh form. */
const gelu: Normaliser = (_graph, node) => {
  const x = node.inputs[0] as Tensor; // safe: Gelu has one input
  if (node.attributes["approximate"] === "tanh") {
    const inner = x.plus(x.times(x).times(x).times(0.044715)).times(Math.sqrt(2 / Math.PI));
    return [x.times(0.5).times(inner.tanh().plus(1))];
  }
  return [x.times(0.5).times(x.times(Math.SQRT1_2).map("Erf").plus(1))];
};

const normalisers: Readonly<Record<string, Normaliser>> = {
  Clip: (graph, node) => {
    const bounds = ["min", "max"].map((name, k) => {
      const value = node.attributes[name];
      return typeof value === "number" ? graph.scalar(value) : node.inputs[k + 1];
    });
    return plain(graph, node, { inputs: [node.inputs[0], ...bounds], attributes: {} });
  },
  Pad: (graph, node) => {
    const pads = listOf(node.attributes["pads"]);
    const value = node.attributes["value"];
    const [x, given, fill, axes] = node.inputs;
    const list = given === undefined ? (pads ?? []) : requireNumbers(graph, given, "Pad");
    const whole = axes === undefined ? list : spread(list, requireNumbers(graph, axes, "Pad"), x?.rank ?? 0);
    const filling = typeof value === "number" && value !== 0 ? graph.scalar(value) : fill;
    const inputs = [x, graph.integers(whole), ...(filling === undefined ? [] : [filling])];
    return plain(graph, node, { inputs, attributes: without(node.attributes, "pads", "value") });
  },
  Slice: (graph, node) => {
    const [starts, ends] = [listOf(node.attributes["starts"]), listOf(node.attributes["ends"])];
    if (starts === undefined || ends === undefined) return plain(graph, node);
    const axes = listOf(node.attributes["axes"]) ?? starts.map((_, axis) => axis);
    const inputs = [node.inputs[0], ...[starts, ends, axes].map((list) => graph.integers(list))];
    return plain(graph, node, { inputs, attributes: {} });
  },
  Squeeze: attributeToInput("axes", 1),
  Unsqueeze: attributeToInput("axes", 1),
  ReduceSum: attributeToInput("axes", 1),
  Reshape: attributeToInput("shape", 1),
  Split: (graph, node) => {
    const sizes = listOf(node.attributes["split"]);
    const inputs = sizes === undefined ? node.inputs : [node.inputs[0], graph.integers(sizes)];
    return split(graph, { ...node, inputs, attributes: without(node.attributes, "split", "num_outputs") });
  },
  ReduceMean: axesToAttribute,
  ReduceMax: axesToAttribute,
  ReduceMin: axesToAttribute,
  ReduceL2: axesToAttribute,
  ReduceSumSquare: axesToAttribute,
  ReduceLogSumExp: axesToAttribute,
  Dropout: (_graph, { inputs }) => [inputs[0] as Tensor], // safe: Dropout has an input; at rest it passes everything
  BatchNormalization: batchNorm,
  Conv: explicitPads,
  ConvTranspose: explicitPads,
  MaxPool: (graph, node) => explicitPads(graph, { ...node, outputs: node.outputs.slice(0, 1) }),
  AveragePool: explicitPads,
  Softmax: softmax,
  LogSoftmax: softmax,
  Gelu: gelu,
  Resize: resize,
  Upsample: resize,
  // x * sigmoid(x) and x * tanh(softplus(x))
  Swish: (_graph, { inputs: [x] }) => [(x as Tensor).times((x as Tensor).sigmoid())],
  Mish: (_graph, { inputs: [x] }) => [(x as Tensor).times((x as Tensor).map("Softplus").tanh())],
};

function spread(pads: readonly number[], axes: readonly number[], rank: number): readonly number[] {
  const whole = Array<number>(2 * rank).fill(0);
  for (const [k, axis] of axesOf(axes, rank).entries()) {
    whole[axis] = pads[k] ?? 0;
    whole[rank + axis] = pads[k + axes.length] ?? 0;
  }
  return whole;
}

/** Up to opset 6 broadcasting was an attribute with an axis of its own. */
function refuseOldBroadcast({ op, attributes }: ForeignNode): void {
  if (attributes["broadcast"] === undefined || attributes["broadcast"] === 0) return;
  throw new ComputeError(
    "INVALID_INPUT",
    `Expected an operator set from 7, where ${op} broadcasts as NumPy does, got an older one; convert the model`,
  );
}

/**
 * Adds a node of any operator set to a graph of ours, in the words of operator set 17.
 *
 * @throws {ComputeError} INVALID_INPUT for what cannot be said there.
 */
export function addNormalised(graph: Graph, node: ForeignNode): readonly Tensor[] {
  refuseOldBroadcast(node);
  const normalise = Object.hasOwn(normalisers, node.op) ? normalisers[node.op] : undefined;
  return normalise === undefined ? plain(graph, node) : normalise(graph, node);
}

/** Numbers that a probe computed, as a constant. */
export function constantFrom(
  graph: Graph,
  {
    shape,
    type,
    data,
  }: {
    readonly shape: readonly number[];
    readonly type: Tensor["type"];
    readonly data: ArrayLike<number | bigint>;
  },
): Tensor {
  return graph.constant(arrayOf(type, Array.from<number | bigint, number>(data, Number)), shape, type);
}

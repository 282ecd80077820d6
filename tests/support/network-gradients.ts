import { differentiate } from "../../compute/onnx/gradients/differentiate.ts";
import { Graph } from "../../compute/onnx/graph/graph.ts";
import { sizeOf } from "../../compute/onnx/graph/shapes.ts";
import type { Tensor } from "../../compute/onnx/graph/tensor.ts";
import { type ArchitectureName, architectures } from "../../compute/onnx/networks/architectures.ts";
import { initialNumbers } from "../../compute/onnx/networks/initialise.ts";
import { crossEntropy } from "../../compute/onnx/networks/losses.ts";
import { buildNetwork } from "../../compute/onnx/networks/network.ts";
import { RandomStream } from "../../compute/random.ts";
import { prepareGraph } from "./run-graph.ts";

/** A network with its loss on one made-up batch, before differentiation. */
export interface LossCase {
  readonly graph: Graph;
  readonly loss: Tensor;
  readonly parameters: readonly Tensor[];
  /** Every input of the graph, in order. */
  readonly feeds: Readonly<Record<string, Float32Array>>;
}

/**
 * What of a case is chosen so that single precision loses little: norms over a few places of a few images, and sums of many
 * branches as large as what they are added to, multiply rounding, in anyone's single precision.
 */
interface Conditions {
  readonly batch: number;
  readonly side: number;
  /** Times the scale of the norm that ends each branch; its paper's own is 1, or 0 (Goyal et al. 2017, arXiv:1706.02677). */
  readonly branch: number;
}

const usual: Conditions = { batch: 4, side: 64, branch: 1 };
const conditions: Partial<Record<ArchitectureName, Conditions>> = {
  resnet34: { batch: 4, side: 64, branch: 0.2 },
  resnet50: { batch: 4, side: 64, branch: 0.2 },
  densenet121: { batch: 8, side: 64, branch: 1 },
  mobilenet_v2: { batch: 8, side: 128, branch: 0.2 },
  efficientnet_b0: { batch: 8, side: 128, branch: 0.2 },
};
const endsBranch =
  /^layer\d\.\d+\.bn[23]\.weight$|^features\.\d+\.conv\.[23]\.weight$|\.block\.[23]\.1\.weight$/;

/** The architecture in training mode on a batch of small images of three classes, all drawn by seed. */
export function lossCase(
  name: ArchitectureName,
  seed: number,
  { batch, side, branch }: Conditions = conditions[name] ?? usual,
): LossCase {
  const shape = { batch, planes: 1, rows: side, cols: side, classes: 3 };
  const { network, logits } = buildNetwork(architectures[name], "training", shape);
  const { graph } = network;
  const targets = graph.input("targets", [shape.batch, shape.classes]);
  const loss = crossEntropy(logits, targets);
  const stream = new RandomStream(seed, 1);
  const feeds: Record<string, Float32Array> = {};
  for (const { name: parameter, shape: size, initial } of network.parameters) {
    const numbers = initialNumbers(parameter, size, initial, seed);
    // Away from the special points 0 and 1, where mistakes would not show.
    if (initial.kind === "constant")
      for (const k of numbers.keys()) numbers[k] = (numbers[k] ?? 0) + 0.1 * stream.normal();
    if (size.length === 1 && endsBranch.test(parameter))
      for (const k of numbers.keys()) numbers[k] = branch * (numbers[k] ?? 0);
    feeds[parameter] = numbers;
  }
  for (const { name: statistic, shape: size, initial } of network.statistics) {
    feeds[statistic] = new Float32Array(sizeOf(size)).fill(initial);
  }
  feeds["images"] = Float32Array.from({ length: shape.batch * side * side }, () => stream.normal());
  feeds["targets"] = Float32Array.from({ length: shape.batch * 3 }, (_, k) =>
    k % 3 === Math.floor(k / 3) % 3 ? 1 : 0,
  );
  return { graph, loss, parameters: network.parameters.map(({ tensor }) => tensor), feeds };
}

/**
 * As `lossCase`, but without bends: soft rectifiers and averages for rectifiers, clips and maxima. Whether an input lies on
 * one side of a bend or the other is decided by rounding, and so by the machine; here nothing is.
 */
export function smoothCase(name: ArchitectureName, seed: number): LossCase {
  const straight = Graph.prototype.apply;
  Graph.prototype.apply = function (op, inputs, output, options) {
    // A list is the variance of a norm, which its rectifier leaves as it is.
    const isImage = output.shape.length > 1;
    if (isImage && (op === "Relu" || op === "Clip")) {
      return straight.call(this, "Softplus", inputs.slice(0, 1), output);
    }
    return straight.call(this, op === "MaxPool" ? "AveragePool" : op, inputs, output, options);
  };
  try {
    // The others keep enough digits as they are; their kept gradients are of that case.
    return lossCase(name, seed, name === "resnet50" ? conditions.resnet50 : usual);
  } finally {
    Graph.prototype.apply = straight;
  }
}

/** Loss and gradients by our rules, through ONNX Runtime in single precision. */
export async function ownGradients({
  graph,
  loss,
  parameters,
  feeds,
}: LossCase): Promise<readonly Float32Array[]> {
  const gradients = differentiate(graph, loss, parameters);
  graph.output("loss", loss);
  for (const [k, gradient] of gradients.entries()) graph.output(`gradient ${k}`, gradient as Tensor);
  const run = await prepareGraph(graph, { intraOpNumThreads: 2 });
  const results = await run(feeds);
  return ["loss", ...gradients.keys()].map((key) => {
    const data = results[key === "loss" ? key : `gradient ${key}`];
    return data as Float32Array; // safe: every output is float
  });
}

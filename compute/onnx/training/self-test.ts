import { InferenceSession, type Tensor as RuntimeTensor } from "onnxruntime-node";
import { RandomStream } from "../../random.ts";
import { type Constant, type ElementArray, elementArrays, Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { modelOf } from "../graph/to-model.ts";
import { ModelError } from "../model-error.ts";
import type { Provider } from "../provider.ts";
import { constantOfTensor, runtimeTensor } from "../run-model.ts";
import { toSessionError } from "../session-error.ts";
import { sessionOptions } from "../session-options.ts";
import { type OperatorVariant, operatorVariants } from "./operator-variants.ts";

/** Largest difference from the processor's result, as a share of its largest number; our networks stay below a tenth of it. */
const MOST_DIFFERENCE = 1e-3;
/** Numbers that are held at once: 256 MiB of floats. */
const MOST_NUMBERS = 2 ** 26;
const MOST_VARIANTS = 64;
/** A prime: no row of any tensor meets the same numbers at the same places. */
const TABLE = 65_521;

/** What a self-test found. */
export interface SelfTest {
  /** Operator variants that were compared. */
  readonly variants: number;
  /** The largest difference from the processor's results, as a share of each result's largest number. */
  readonly difference: number;
}

/** How a provider is tested. */
export interface SelfTestOptions {
  readonly provider: Provider;
  readonly threads: number;
  /** Operator sets of other domains than ONNX's own. */
  readonly domains?: Readonly<Record<string, number>>;
}

/**
 * Runs every operator variant of a graph alone, on the processor and on the provider, on the same made-up numbers.
 * Some providers give wrong numbers for some sizes without a word: no step may be built on those.
 *
 * Costs less than one run of the graph on each.
 *
 * @throws {ModelError} PROVIDER_UNAVAILABLE for an operator that the provider does not run, PROVIDER_DISAGREES for one
 *   that gives other numbers there, each with its name; PROVIDER_LOST, PROVIDER_OUT_OF_MEMORY
 */
export async function testProvider(graph: Graph, options: SelfTestOptions): Promise<SelfTest> {
  const variants = operatorVariants(graph);
  const table = new RandomStream(1);
  const normals = Float32Array.from({ length: TABLE }, () => table.normal());
  let difference = 0;
  for (const group of groupsOf(variants)) {
    difference = Math.max(difference, await compared(group, normals, options));
  }
  return { variants: variants.length, difference };
}

function groupsOf(variants: readonly OperatorVariant[]): readonly (readonly OperatorVariant[])[] {
  const groups: OperatorVariant[][] = [];
  let numbers = Number.POSITIVE_INFINITY;
  for (const variant of variants) {
    const last = groups.at(-1);
    if (last === undefined || numbers + variant.size > MOST_NUMBERS || last.length >= MOST_VARIANTS) {
      groups.push([variant]);
      numbers = variant.size;
    } else {
      last.push(variant);
      numbers += variant.size;
    }
  }
  return groups;
}

/** The largest difference within a group; a group that fails is halved until the operator at fault has a name. */
async function compared(
  group: readonly OperatorVariant[],
  normals: Float32Array,
  options: SelfTestOptions,
): Promise<number> {
  const { graph, feeds } = benchOf(group, normals);
  const bytes = modelOf(graph, options.domains === undefined ? {} : { domains: options.domains });
  const expected = await resultsOf(bytes, feeds, "cpu", options.threads);
  const given = await resultsOf(bytes, feeds, options.provider, options.threads).catch(
    (error: unknown) => error,
  );
  if (given instanceof Map) {
    return group.reduce((most, { node }, k) => {
      const found = node.outputs.map((_, i) => {
        const name = outputName(k, i);
        return differenceOf(expected.get(name), given.get(name));
      });
      return Math.max(most, requireSame(node.op, Math.max(...found), options.provider));
    }, 0);
  }
  const [only] = group;
  if (group.length > 1 || only === undefined) {
    const half = Math.ceil(group.length / 2);
    await compared(group.slice(0, half), normals, options);
    await compared(group.slice(half), normals, options);
    throw given;
  }
  const isOwn = given instanceof ModelError && given.code !== "MODEL_INVALID";
  if (isOwn && given.code !== "PROVIDER_UNAVAILABLE") throw given;
  throw new ModelError(
    "PROVIDER_UNAVAILABLE",
    `Expected a provider that runs every operator of the step, got ${options.provider}, which does not run ${only.node.op} so`,
    { cause: given },
  );
}

function requireSame(op: string, difference: number, provider: Provider): number {
  if (difference <= MOST_DIFFERENCE) return difference;
  throw new ModelError(
    "PROVIDER_DISAGREES",
    `Expected the processor's numbers of ${op} within ${MOST_DIFFERENCE}, got a difference of ${difference.toPrecision(3)} from ${provider}; use another provider`,
  );
}

/** A graph of the variants side by side, and numbers for its inputs. */
function benchOf(
  group: readonly OperatorVariant[],
  normals: Float32Array,
): { readonly graph: Graph; readonly feeds: Readonly<Record<string, Constant>> } {
  const graph = new Graph("self-test");
  const feeds: Record<string, Constant> = {};
  for (const [k, { node, constants }] of group.entries()) {
    const inputs = node.inputs.map((tensor, i) => {
      if (tensor === undefined) return undefined;
      const { shape, type } = tensor;
      const constant = constants.get(tensor);
      if (constant !== undefined) return graph.constant(constant.data, shape, type);
      const name = `${k} in ${i}`;
      feeds[name] = { type, shape, data: numbersFor(node.op, tensor, normals, 7 * k + i) };
      return graph.input(name, shape, type);
    });
    const specs = node.outputs.map(({ shape, type }) => ({ shape, type }));
    const { attributes, domain } = node;
    const made = graph.applyMany(node.op, inputs, specs, { attributes, domain });
    for (const [i, tensor] of made.entries()) graph.output(outputName(k, i), tensor);
  }
  return { graph, feeds };
}

function outputName(variant: number, output: number): string {
  return `${variant} out ${output}`;
}

/** Operators whose results have many terms of either sign; all others are tested on numbers from 0.5 to 1.5. */
const signed: ReadonlySet<string> = new Set([
  ...["Conv", "ConvTranspose", "Gemm", "MatMul", "FusedConv"],
  ...["Relu", "LeakyRelu", "PRelu", "Elu", "Selu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Softplus"],
  ...["Softsign", "Erf", "Clip", "Abs", "Neg", "Exp", "Sign", "Add", "Sub", "Mul", "Where", "Max", "Min"],
  ...[
    "Greater",
    "GreaterOrEqual",
    "Less",
    "LessOrEqual",
    "Equal",
    "MaxPool",
    "Transpose",
    "Reshape",
    "Slice",
  ],
  ...["Concat", "Pad", "Expand", "ReduceLogSumExp", "Softmax"],
]);

function numbersFor(op: string, { type, size }: Tensor, normals: Float32Array, from: number): ElementArray {
  const data = new elementArrays[type](size);
  if (type === "int64" || type === "int32") return data; // indices: 0 is within everything
  // Safe: the rest are arrays of numbers; places within the table.
  const numbers = data as Float32Array;
  for (let k = 0; k < size; k += 1) {
    const normal = normals[(k + 1_009 * from) % TABLE] as number;
    numbers[k] =
      type === "bool" ? Number(normal > 0) : signed.has(op) ? normal : 0.5 + Math.abs(Math.sin(normal * 1e3));
  }
  // Masks are steep HardSigmoids: what they make of 0 and of the far ends decides.
  if (op === "HardSigmoid") for (let k = 0; k < size; k += 1) numbers[k] = edgeOf(k, numbers[k] as number);
  return data;
}

function edgeOf(place: number, otherwise: number): number {
  const kind = place % 11;
  return kind === 3 ? 0 : kind === 5 ? 3e38 : kind === 7 ? -3e38 : otherwise;
}

async function resultsOf(
  bytes: Uint8Array,
  feeds: Readonly<Record<string, Constant>>,
  provider: Provider,
  threads: number,
): Promise<ReadonlyMap<string, Constant>> {
  // What is fused is no longer what was to be tested.
  const options = { ...sessionOptions(provider, threads), graphOptimizationLevel: "disabled" } as const;
  const session = await InferenceSession.create(bytes, options).catch((cause: unknown) => {
    throw toSessionError(cause, provider, "open");
  });
  try {
    const given = Object.fromEntries(
      Object.entries(feeds).map(([name, constant]) => [name, runtimeTensor(constant)]),
    );
    const results = await session.run(given).catch((cause: unknown) => {
      throw toSessionError(cause, provider, "run");
    });
    return new Map(
      Object.entries(results).map(([name, tensor]) => [name, constantOfTensor(tensor as RuntimeTensor)]),
    );
  } finally {
    await session.release();
  }
}

/** As a share of the largest expected number; infinite where one is not a number. */
function differenceOf(expected: Constant | undefined, given: Constant | undefined): number {
  if (expected === undefined || given === undefined) return Number.POSITIVE_INFINITY;
  if (expected.shape.join() !== given.shape.join()) return Number.POSITIVE_INFINITY;
  let most = 0;
  let size = 1e-30;
  for (let k = 0; k < expected.data.length; k += 1) {
    const number = Number(expected.data[k]);
    const difference = Math.abs(Number(given.data[k]) - number);
    if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY;
    most = Math.max(most, difference);
    size = Math.max(size, Math.abs(number));
  }
  return most / size;
}

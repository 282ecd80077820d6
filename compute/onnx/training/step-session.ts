import { availableParallelism } from "node:os";
import { InferenceSession, type OnnxValue, type Tensor } from "onnxruntime-node";
import { ComputeError } from "../../errors.ts";
import { type ElementArray, elementArrays, type Graph } from "../graph/graph.ts";
import type { Tensor as GraphTensor } from "../graph/tensor.ts";
import { modelOf } from "../graph/to-model.ts";
import { ModelError } from "../model-error.ts";
import type { Provider, SessionRecord } from "../provider.ts";
import { constantOfTensor, runtimeTensor } from "../run-model.ts";
import { toSessionError } from "../session-error.ts";
import { sessionOptions, sessionRecord } from "../session-options.ts";
import { deviceGraph } from "./device-graph.ts";
import { DeviceMemory, type Tensors } from "./device-memory.ts";
import { type SelfTest, testProvider } from "./self-test.ts";

/** A training step as a session runs it: one step, or several in a loop. */
export interface StepModel {
  readonly graph: Graph;
  /** Names of the state: inputs of float32, whose values after the step are the outputs `next <name>`. */
  readonly state: readonly { readonly name: string }[];
  /** The network at rest, which takes its weights and statistics from the state by their names; absent: none. */
  readonly rest?: Graph;
  /** Operator sets of other domains than ONNX's own. */
  readonly domains?: Readonly<Record<string, number>>;
}

/** Where a step runs. */
export interface StepOptions {
  readonly provider: Provider;
  /** Threads of one operator on the processor; absent: all processors. Their number decides the last bits. */
  readonly threads?: number;
}

/** Numbers by name, each in its input's shape, row by row. */
export type StateNumbers = ReadonlyMap<string, Float32Array>;

/** Numbers of inputs or outputs by name. */
export type NamedArrays = Readonly<Record<string, ElementArray>>;

/**
 * An open training step that keeps its state from run to run: on a graphics device in the device's memory. It blocks its
 * thread while it runs, so it lives in a thread that does nothing else.
 */
export interface StepSession extends AsyncDisposable {
  readonly record: SessionRecord;
  /** What the test of the provider found at the start; none for the processor. */
  readonly selfTest?: SelfTest;
  /**
   * Runs the step once and goes on to the next state.
   *
   * @param feeds - numbers of every input that was not written, by name
   * @returns the outputs that are not state, by name
   * @throws {ComputeError} INVALID_INPUT for missing or wrong feeds, or before the state is written
   * @throws {ModelError} MODEL_INVALID, PROVIDER_LOST, PROVIDER_OUT_OF_MEMORY; the state is then as before
   */
  run(feeds: NamedArrays): Promise<NamedArrays>;
  /**
   * Runs the network at rest on the state as it is.
   *
   * @returns its outputs by name
   * @throws {ComputeError} INVALID_INPUT, also where there is none
   * @throws {ModelError} as `run`
   */
  rest(feeds: NamedArrays): Promise<NamedArrays>;
  /**
   * Everything that was written, as it is now. The arrays are the session's own: they stay as they are, and must not be
   * written to.
   *
   * @throws {ModelError} PROVIDER_LOST, PROVIDER_OUT_OF_MEMORY
   */
  readState(): Promise<StateNumbers>;
  /**
   * Begins or goes on from these numbers: all of the state, and whatever other inputs are to stay as they are, such as
   * weights that do not learn. The arrays are read at the next run.
   *
   * @throws {ComputeError} INVALID_INPUT for state that is missing, other names or sizes
   */
  writeState(state: StateNumbers): void;
}

/**
 * Opens a training step on exactly the provider asked for. On any but the processor every operator variant of the graphs
 * is first compared with the processor's numbers.
 *
 * @throws {ComputeError} INVALID_INPUT for state without its outputs
 * @throws {ModelError} PROVIDER_UNAVAILABLE, PROVIDER_DISAGREES, PROVIDER_OUT_OF_MEMORY, MODEL_INVALID
 */
export async function openStep(model: StepModel, { provider, threads }: StepOptions): Promise<StepSession> {
  const many = threads ?? availableParallelism();
  const foreign = Object.keys(model.domains ?? {}).filter((domain) => domain !== "");
  if (provider !== "cpu" && foreign.length > 0) {
    // Some of onnxruntime's own operators give wrong numbers on WebGPU, others end the process (1.30).
    throw new ModelError(
      "PROVIDER_UNAVAILABLE",
      `Expected operators of ONNX's own domain for ${provider}, got ${foreign.join(", ")}; run that on cpu`,
    );
  }
  const step = portsOf(provider === "webgpu" ? deviceGraph(model.graph) : model.graph, model.state);
  const rest = model.rest && portsOf(provider === "webgpu" ? deviceGraph(model.rest) : model.rest, []);
  const domains = model.domains ?? {};
  const tests: SelfTest[] = [];
  const open = async ({ graph, state }: Ports): Promise<InferenceSession> => {
    const session = await InferenceSession.create(modelOf(graph, { domains }), {
      ...sessionOptions(provider, many),
      // As fast without, and a quarter less memory.
      enableMemPattern: false,
      // What was tested is what runs: operators one by one.
      ...(provider === "cpu" ? {} : { graphOptimizationLevel: "basic" as const }),
      ...(provider === "webgpu" ? { preferredOutputLocation: locationsOf(graph, state) } : {}),
    }).catch((cause: unknown) => {
      throw toSessionError(cause, provider, "open");
    });
    if (provider === "cpu") return session;
    try {
      tests.push(await testProvider(graph, { provider, threads: many, domains }));
      return session;
    } catch (error) {
      await session.release();
      throw error;
    }
  };
  const sessions = { step: await open(step), rest: rest && (await open(rest)) };
  const record = sessionRecord(provider, many);
  const memory = provider === "webgpu" ? new DeviceMemory(provider, many) : undefined;
  return new OpenStep({ record, memory, step, rest, sessions, selfTest: joined(tests) });
}

/** A graph with what of it is state. */
interface Ports {
  readonly graph: Graph;
  readonly state: readonly GraphTensor[];
  /** Outputs that are not state. */
  readonly results: readonly string[];
}

function portsOf(graph: Graph, state: StepModel["state"]): Ports {
  const names = new Set(state.map(({ name }) => name));
  const given = graph.inputs.filter(({ name }) => names.has(name));
  const outputs = graph.outputs.map(({ name }) => name);
  const complete = given.every(({ name, type }) => outputs.includes(nextOf(name)) && type === "float");
  if (given.length !== names.size || !complete) {
    throw new ComputeError(
      "INVALID_INPUT",
      "Expected an input and a `next` output of float32 for all state, got less",
    );
  }
  const isState = new Set([...names].map(nextOf));
  return { graph, state: given, results: outputs.filter((name) => !isState.has(name)) };
}

function nextOf(name: string): string {
  return `next ${name}`;
}

function locationsOf(graph: Graph, state: Ports["state"]): Readonly<Record<string, "cpu" | "gpu-buffer">> {
  const kept = new Set(state.map(({ name }) => nextOf(name)));
  return Object.fromEntries(
    graph.outputs.map(({ name }) => [name, kept.has(name) ? "gpu-buffer" : "cpu"] as const),
  );
}

function joined(tests: readonly SelfTest[]): SelfTest | undefined {
  if (tests.length === 0) return undefined;
  return {
    variants: tests.reduce((sum, { variants }) => sum + variants, 0),
    difference: Math.max(...tests.map(({ difference }) => difference)),
  };
}

/** What an open step is made of. */
interface Parts {
  readonly record: SessionRecord;
  /** Of the device, where the state is kept there. */
  readonly memory: DeviceMemory | undefined;
  readonly step: Ports;
  readonly rest: Ports | undefined;
  readonly sessions: { readonly step: InferenceSession; readonly rest: InferenceSession | undefined };
  readonly selfTest: SelfTest | undefined;
}

class OpenStep implements StepSession {
  readonly record: SessionRecord;
  readonly selfTest?: SelfTest;
  readonly #parts: Parts;
  /** Everything that was written, as the last step left it. */
  #values: Tensors = new Map();
  /** Whether the values are in the processor's memory. */
  #isHere = true;

  constructor(parts: Parts) {
    this.record = parts.record;
    if (parts.selfTest !== undefined) this.selfTest = parts.selfTest;
    this.#parts = parts;
  }

  async run(feeds: NamedArrays): Promise<NamedArrays> {
    const { step, sessions } = this.#parts;
    const results = await this.#run(sessions.step, step, feeds);
    const values = new Map(this.#values);
    for (const { name } of step.state) {
      if (!this.#isHere) values.get(name)?.dispose();
      values.set(name, resultOf(results, nextOf(name)));
    }
    this.#values = values;
    return arraysOf(step, results);
  }

  async rest(feeds: NamedArrays): Promise<NamedArrays> {
    const { rest, sessions } = this.#parts;
    if (rest === undefined || sessions.rest === undefined) {
      throw new ComputeError("INVALID_INPUT", "Expected a step that was opened with its network at rest");
    }
    return arraysOf(rest, await this.#run(sessions.rest, rest, feeds));
  }

  async readState(): Promise<StateNumbers> {
    const { memory } = this.#parts;
    const here = this.#isHere || memory === undefined ? this.#values : await memory.download(this.#values);
    return new Map(
      [...here].map(([name, tensor]) => [
        name,
        constantOfTensor(tensor).data as Float32Array, // safe: only float32 is written
      ]),
    );
  }

  writeState(state: StateNumbers): void {
    const { step, rest } = this.#parts;
    for (const { name } of step.state) if (!state.has(name)) throw missing(name);
    const inputs = new Map(
      [...(rest?.graph.inputs ?? []), ...step.graph.inputs].map((port) => [port.name, port]),
    );
    const values = new Map([...state].map(([name, data]) => [name, tensorFor(inputs.get(name), name, data)]));
    this.#free();
    this.#values = values;
    this.#isHere = true;
  }

  async #run(session: InferenceSession, { graph }: Ports, feeds: NamedArrays) {
    const fed = graph.inputs.flatMap((port) => {
      const data = feeds[port.name];
      if (data !== undefined) return [[port.name, tensorFor(port, port.name, data)] as const];
      if (!this.#values.has(port.name)) throw missing(port.name);
      return [];
    });
    await this.#bring();
    const held = graph.inputs.flatMap(({ name }) => {
      const value = this.#values.get(name);
      return value === undefined ? [] : [[name, value] as const];
    });
    return session.run(Object.fromEntries([...held, ...fed])).catch((cause: unknown) => {
      throw toSessionError(cause, this.record.provider, "run");
    });
  }

  /** Brings what was written to where it is kept. */
  async #bring(): Promise<void> {
    const { memory } = this.#parts;
    if (memory === undefined || !this.#isHere) return;
    this.#values = await memory.upload(this.#values);
    this.#isHere = false;
  }

  #free(): void {
    if (!this.#isHere) for (const value of this.#values.values()) value.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#free();
    this.#values = new Map();
    const { sessions, memory } = this.#parts;
    await sessions.step.release();
    await sessions.rest?.release();
    await memory?.[Symbol.asyncDispose]();
  }
}

function resultOf(results: Readonly<Record<string, OnnxValue>>, name: string): Tensor {
  const result = results[name];
  if (result !== undefined) return result as Tensor; // safe: graphs of ours have no sequences or maps
  throw new ModelError("MODEL_INVALID", `Expected the output "${name}", got none`);
}

function arraysOf({ results: names }: Ports, results: Readonly<Record<string, OnnxValue>>): NamedArrays {
  return Object.fromEntries(names.map((name) => [name, constantOfTensor(resultOf(results, name)).data]));
}

function tensorFor(port: GraphTensor | undefined, name: string, data: ElementArray): Tensor {
  if (port === undefined)
    throw new ComputeError("INVALID_INPUT", `Expected no numbers for "${name}", got some`);
  const { type, shape, size } = port;
  if (data.length === size && data instanceof elementArrays[type])
    return runtimeTensor({ type, shape, data });
  throw new ComputeError(
    "INVALID_INPUT",
    `Expected ${size} numbers of ${type} for "${name}", got ${data.length}`,
  );
}

function missing(name: string): ComputeError {
  return new ComputeError("INVALID_INPUT", `Expected numbers for "${name}", got none; feed or write them`);
}

import { availableParallelism } from "node:os";
import { InferenceSession, type OnnxValue, type Tensor } from "onnxruntime-node";
import { ComputeError } from "../../errors.ts";
import { type ElementArray, elementArrays, type Graph } from "../graph/graph.ts";
import { modelOf } from "../graph/to-model.ts";
import { ModelError } from "../model-error.ts";
import type { Provider, SessionRecord } from "../provider.ts";
import { constantOfTensor, runtimeTensor } from "../run-model.ts";
import { toSessionError } from "../session-error.ts";
import { sessionOptions, sessionRecord } from "../session-options.ts";

/** A training step as a session runs it: one step, or several in a loop. */
export interface StepModel {
  readonly graph: Graph;
  /** Names of the state: inputs of float32, whose values after the step are the outputs `next <name>`. */
  readonly state: readonly { readonly name: string }[];
  /** Operator sets of other domains than ONNX's own. */
  readonly domains?: Readonly<Record<string, number>>;
}

/** Where a step runs. */
export interface StepOptions {
  readonly provider: Provider;
  /** Threads of one operator on the processor; absent: all processors. Their number decides the last bits. */
  readonly threads?: number;
}

/** Values of the whole state by name, each in its input's shape, row by row. */
export type StateNumbers = ReadonlyMap<string, Float32Array>;

/**
 * An open training step that keeps its state from run to run. It blocks its thread while it runs, so it lives in a thread
 * that does nothing else.
 */
export interface StepSession extends AsyncDisposable {
  readonly record: SessionRecord;
  /**
   * Runs the step once and goes on to the next state.
   *
   * @param feeds - numbers of every input that is not state, by name
   * @returns the outputs that are not state, by name
   * @throws {ComputeError} INVALID_INPUT before the state is written, or for missing or wrong feeds
   * @throws {ModelError} MODEL_INVALID, PROVIDER_LOST, PROVIDER_OUT_OF_MEMORY; the state is then as before
   */
  run(feeds: Readonly<Record<string, ElementArray>>): Promise<Readonly<Record<string, ElementArray>>>;
  /**
   * The state as it is now. The arrays are the session's own: they stay as they are, and must not be written to.
   *
   * @throws {ComputeError} INVALID_INPUT before the state is written
   * @throws {ModelError} PROVIDER_LOST, PROVIDER_OUT_OF_MEMORY
   */
  readState(): Promise<StateNumbers>;
  /**
   * Begins or goes on from this state, all of it. The arrays are read at the next run.
   *
   * @throws {ComputeError} INVALID_INPUT for a tensor that is missing or of another size
   */
  writeState(state: StateNumbers): void;
}

/**
 * Opens a training step on exactly the provider asked for.
 *
 * @throws {ComputeError} INVALID_INPUT for state without its outputs
 * @throws {ModelError} PROVIDER_UNAVAILABLE, PROVIDER_OUT_OF_MEMORY, MODEL_INVALID
 */
export async function openStep(model: StepModel, { provider, threads }: StepOptions): Promise<StepSession> {
  const ports = portsOf(model);
  const many = threads ?? availableParallelism();
  const bytes = modelOf(model.graph, model.domains === undefined ? {} : { domains: model.domains });
  const options: InferenceSession.SessionOptions = {
    ...sessionOptions(provider, many),
    // As fast without, and a quarter less memory.
    enableMemPattern: false,
  };
  const session = await InferenceSession.create(bytes, options).catch((cause: unknown) => {
    throw toSessionError(cause, provider, "open");
  });
  return new ProcessorStep(session, ports, sessionRecord(provider, many));
}

/** What goes in and out of a step. */
interface Ports {
  readonly state: readonly Port[];
  readonly feeds: readonly Port[];
  /** Outputs that are not state. */
  readonly results: readonly string[];
}

type Port = Graph["inputs"][number];

function portsOf({ graph, state }: StepModel): Ports {
  const names = new Set(state.map(({ name }) => name));
  const given = graph.inputs.filter(({ name }) => names.has(name));
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const complete = given.every(({ name, type }) => outputs.has(nextOf(name)) && type === "float");
  if (given.length !== names.size || !complete) {
    throw new ComputeError(
      "INVALID_INPUT",
      "Expected an input and a `next` output of float32 for all state, got less",
    );
  }
  const isState = new Set([...names].map(nextOf));
  return {
    state: given,
    feeds: graph.inputs.filter(({ name }) => !names.has(name)),
    results: [...outputs].filter((name) => !isState.has(name)),
  };
}

function nextOf(name: string): string {
  return `next ${name}`;
}

/** State in the processor's memory: what a run gives is fed to the next. */
class ProcessorStep implements StepSession {
  readonly record: SessionRecord;
  readonly #session: InferenceSession;
  readonly #ports: Ports;
  #state: Readonly<Record<string, Tensor>> | undefined;

  constructor(session: InferenceSession, ports: Ports, record: SessionRecord) {
    this.#session = session;
    this.#ports = ports;
    this.record = record;
  }

  async run(feeds: Readonly<Record<string, ElementArray>>): Promise<Readonly<Record<string, ElementArray>>> {
    const given = { ...requireState(this.#state), ...feedTensors(this.#ports, feeds) };
    const results = await this.#session.run(given).catch((cause: unknown) => {
      throw toSessionError(cause, this.record.provider, "run");
    });
    this.#state = Object.fromEntries(
      this.#ports.state.map(({ name }) => [name, resultOf(results, nextOf(name))]),
    );
    return resultsOf(this.#ports, results);
  }

  async readState(): Promise<StateNumbers> {
    return new Map(
      Object.entries(requireState(this.#state)).map(([name, tensor]) => [
        name,
        constantOfTensor(tensor).data as Float32Array, // safe: state is of float32
      ]),
    );
  }

  writeState(state: StateNumbers): void {
    this.#state = stateTensors(this.#ports, state);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#session.release();
  }
}

function requireState<State>(state: State | undefined): State {
  if (state !== undefined) return state;
  throw new ComputeError("INVALID_INPUT", "Expected a state to go on from, got none; write it first");
}

function resultOf(results: Readonly<Record<string, OnnxValue>>, name: string): Tensor {
  const result = results[name];
  if (result !== undefined) return result as Tensor; // safe: graphs of ours have no sequences or maps
  throw new ModelError("MODEL_INVALID", `Expected the output "${name}", got none`);
}

function resultsOf(
  { results: names }: Ports,
  results: Readonly<Record<string, OnnxValue>>,
): Readonly<Record<string, ElementArray>> {
  return Object.fromEntries(names.map((name) => [name, constantOfTensor(resultOf(results, name)).data]));
}

function feedTensors(
  { feeds: ports }: Ports,
  feeds: Readonly<Record<string, ElementArray>>,
): Readonly<Record<string, Tensor>> {
  return Object.fromEntries(ports.map((port) => [port.name, tensorFor(port, feeds[port.name])]));
}

function stateTensors({ state: ports }: Ports, state: StateNumbers): Readonly<Record<string, Tensor>> {
  return Object.fromEntries(ports.map((port) => [port.name, tensorFor(port, state.get(port.name))]));
}

function tensorFor({ name, shape, type, size }: Port, data: ElementArray | undefined): Tensor {
  if (data?.length !== size || !(data instanceof elementArrays[type])) {
    throw new ComputeError(
      "INVALID_INPUT",
      `Expected ${size} numbers of ${type} for "${name}", got ${data?.length ?? "none"}`,
    );
  }
  return runtimeTensor({ type, shape, data });
}

import { type InferenceSession, Tensor } from "onnxruntime-node";
import type { Graph } from "../onnx/graph/graph.ts";
import type { Shape } from "../onnx/graph/shapes.ts";
import { modelOf } from "../onnx/graph/to-model.ts";
import { toSessionError } from "../onnx/session-error.ts";
import { type GraphSessionOptions, openGraphSession } from "../onnx/training/graph-session.ts";
import type { NamedNumbers } from "./checkpoint.ts";
import type { TrainedNetwork } from "./trained-network.ts";

/** What one step learns from. */
export interface StepBatch {
  /** Length batch * planes * rows * cols. */
  readonly images: Float32Array;
  /** As `targetRows` gives them. */
  readonly targets: Float32Array;
  readonly weights: Float32Array;
  readonly learningRate: number;
  /** Number of the step over all epochs, from 1. */
  readonly step: number;
}

/** A network in ONNX Runtime: learns step by step, scores between. It blocks its thread while it runs. */
export class NetworkSession {
  readonly #network: TrainedNetwork;
  readonly #options: GraphSessionOptions;
  readonly #betas: readonly [number, number];
  readonly #step: InferenceSession;
  readonly #rest: InferenceSession;
  /** Everything that is fed beside images, as the last step left it. */
  readonly #values = new Map<string, Tensor>();
  /** Weights and statistics of the best epoch. Steps give new arrays, so this holds no copies. */
  #best: ReadonlyMap<string, Tensor> | undefined;

  private constructor(
    network: TrainedNetwork,
    options: GraphSessionOptions,
    betas: readonly [number, number],
    sessions: { readonly step: InferenceSession; readonly rest: InferenceSession },
  ) {
    this.#network = network;
    this.#options = options;
    this.#betas = betas;
    this.#step = sessions.step;
    this.#rest = sessions.rest;
    this.#set(network.initial);
  }

  /**
   * @param betas - of Adam, for the corrections of its first steps
   * @throws {ModelError} PROVIDER_UNAVAILABLE, PROVIDER_OUT_OF_MEMORY, MODEL_INVALID
   */
  static async open(
    network: TrainedNetwork,
    betas: readonly [number, number],
    options: GraphSessionOptions,
  ): Promise<NetworkSession> {
    const step = await openGraphSession(modelOf(network.step.graph), options);
    const rest = await openGraphSession(modelOf(network.rest), options);
    return new NetworkSession(network, options, betas, { step, rest });
  }

  /** Takes one step a batch and gives the loss of each. @throws {ModelError} PROVIDER_LOST, PROVIDER_OUT_OF_MEMORY */
  async learn(batches: readonly StepBatch[]): Promise<number[]> {
    const losses: number[] = [];
    for (const { images, targets, weights, learningRate, step } of batches) {
      const [beta1, beta2] = this.#betas;
      const { graph, state } = this.#network.step;
      const given: Readonly<Record<string, Float32Array>> = {
        images,
        targets,
        weights,
        "learning rate": Float32Array.of(learningRate),
        "correction 1": Float32Array.of(1 - beta1 ** step),
        "correction 2": Float32Array.of(1 - beta2 ** step),
      };
      const outputs = ["loss", ...state.map(({ name }) => `next ${name}`)];
      const results = await this.#run(this.#step, graph, given, outputs);
      losses.push(Number(results["loss"]?.data[0]));
      for (const { name } of state) this.#values.set(name, results[`next ${name}`] as Tensor); // safe: was fetched
    }
    return losses;
  }

  /** Logits of a whole batch, by the running statistics. @throws {ModelError} PROVIDER_LOST, PROVIDER_OUT_OF_MEMORY */
  async logits(images: Float32Array): Promise<Float32Array> {
    const results = await this.#run(this.#rest, this.#network.rest, { images }, ["logits"]);
    return results["logits"]?.data as Float32Array; // safe: was fetched, and is of floats
  }

  /** Remembers the weights and statistics as they are. */
  keepBest(): void {
    this.#best = new Map(this.#network.kept.map((name) => [name, this.#value(name)]));
  }

  /** All numbers as they are, and those of the best epoch; views, not copies. */
  snapshot(): { readonly state: NamedNumbers; readonly best?: NamedNumbers } {
    const state = numbersOf(this.#values);
    return this.#best === undefined ? { state } : { state, best: numbersOf(this.#best) };
  }

  /** Weights and statistics: of the best epoch where one is kept and asked for. */
  kept(which: "best" | "last"): NamedNumbers {
    if (which === "best" && this.#best !== undefined) return numbersOf(this.#best);
    return numbersOf(new Map(this.#network.kept.map((name) => [name, this.#value(name)])));
  }

  /** Goes back to a snapshot. @throws {Error} for one of another network. */
  restore({ state, best }: { readonly state: NamedNumbers; readonly best?: NamedNumbers }): void {
    this.#set(state);
    this.#best = best && new Map([...best].map(([name, data]) => [name, this.#tensor(name, data)]));
  }

  async close(): Promise<void> {
    await this.#step.release();
    await this.#rest.release();
  }

  #set(numbers: NamedNumbers): void {
    for (const [name, data] of numbers) this.#values.set(name, this.#tensor(name, data));
  }

  #tensor(name: string, data: Float32Array): Tensor {
    return tensorOf(data, this.#shapeOf(name));
  }

  #shapeOf(name: string): Shape {
    const { step, rest } = this.#network;
    const input = [...step.graph.inputs, ...rest.inputs].find((each) => each.name === name);
    if (input === undefined) throw new Error("Expected numbers of this network, got others");
    return input.shape;
  }

  #value(name: string): Tensor {
    const value = this.#values.get(name);
    if (value === undefined) throw new Error("Expected numbers for every input, got none for one");
    return value;
  }

  async #run(
    session: InferenceSession,
    graph: Graph,
    given: Readonly<Record<string, Float32Array>>,
    outputs: readonly string[],
  ): Promise<InferenceSession.OnnxValueMapType> {
    const feeds = Object.fromEntries(
      graph.inputs.map(({ name, shape }) => {
        const data = given[name];
        return [name, data === undefined ? this.#value(name) : tensorOf(data, shape)];
      }),
    );
    return session.run(feeds, [...outputs]).catch((cause: unknown) => {
      throw toSessionError(cause, this.#options.provider, "run");
    });
  }
}

function tensorOf(data: Float32Array, shape: Shape): Tensor {
  return new Tensor("float32", data, shape);
}

function numbersOf(values: ReadonlyMap<string, Tensor>): NamedNumbers {
  // Safe: every value is a float32 tensor in this process's memory.
  return new Map([...values].map(([name, { data }]) => [name, data as Float32Array]));
}

import { availableParallelism } from "node:os";
import { InferenceSession } from "onnxruntime-node";
import { modelOf } from "../onnx/graph/to-model.ts";
import type { Provider, SessionRecord } from "../onnx/provider.ts";
import { runtimeTensor } from "../onnx/run-model.ts";
import { toSessionError } from "../onnx/session-error.ts";
import { sessionOptions } from "../onnx/session-options.ts";
import { openStep, type StepSession } from "../onnx/training/step-session.ts";
import { loopOf } from "../onnx/training/training-loop.ts";
import { bakedNetwork } from "./baked-network.ts";
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

/** How a network is run. */
export interface NetworkSessionOptions {
  readonly provider: Provider;
  /** Threads of one operator; absent: all processors. */
  readonly threads?: number;
  /** Of Adam, for the corrections of its first steps. */
  readonly betas: readonly [number, number];
  /** Steps that one call of the runtime takes where so many are asked for; on a graphics device always one. */
  readonly stepsPerCall: number;
}

/** A network in ONNX Runtime: learns step by step, scores between. It blocks its thread while it runs. */
export class NetworkSession {
  readonly #network: TrainedNetwork;
  readonly #options: NetworkSessionOptions;
  /** A session for one step, and one for `stepsPerCall` where that is more. */
  readonly #single: StepSession;
  readonly #several: StepSession | undefined;
  /** Which of the two has the state. */
  #holder: StepSession;
  /** Weights and statistics of the best epoch. */
  #best: NamedNumbers | undefined;
  /** The network as it is, made for scoring; learning drops it. */
  #scoring: InferenceSession | undefined;

  private constructor(
    network: TrainedNetwork,
    options: NetworkSessionOptions,
    single: StepSession,
    several: StepSession | undefined,
  ) {
    this.#network = network;
    this.#options = options;
    this.#single = single;
    this.#several = several;
    this.#holder = single;
    this.restore({ state: network.initial });
  }

  /** @throws {ModelError} PROVIDER_UNAVAILABLE, PROVIDER_OUT_OF_MEMORY, MODEL_INVALID */
  static async open(network: TrainedNetwork, options: NetworkSessionOptions): Promise<NetworkSession> {
    const { stepsPerCall, provider } = options;
    // A device keeps the state from call to call, so a loop would save nothing; and it has none.
    if (provider !== "cpu") {
      const single = await openStep({ ...network.step, rest: network.rest }, options);
      return new NetworkSession(network, options, single, undefined);
    }
    const single = await openStep(network.step, options);
    const several =
      stepsPerCall === 1 ? undefined : await openStep(loopOf(network.step, stepsPerCall), options);
    return new NetworkSession(network, options, single, several);
  }

  get record(): SessionRecord {
    return this.#single.record;
  }

  /** Takes one step a batch and gives the loss of each. @throws {ModelError} PROVIDER_LOST, PROVIDER_OUT_OF_MEMORY */
  async learn(batches: readonly StepBatch[]): Promise<number[]> {
    await this.#scoring?.release();
    this.#scoring = undefined;
    const { stepsPerCall } = this.#options;
    if (this.#several !== undefined && batches.length === stepsPerCall) {
      return this.#run(this.#several, batches);
    }
    const losses: number[] = [];
    for (const batch of batches) losses.push(...(await this.#run(this.#single, [batch])));
    return losses;
  }

  /**
   * Logits of a whole batch, by the running statistics.
   *
   * @throws {ModelError} PROVIDER_LOST, PROVIDER_OUT_OF_MEMORY
   */
  async logits(images: Float32Array): Promise<Float32Array> {
    const { provider } = this.#options;
    if (provider !== "cpu") {
      const { logits } = await this.#single.rest({ images });
      return logits as Float32Array; // safe: the network at rest gives floats
    }
    this.#scoring ??= await this.#openScoring();
    const shape = this.#network.rest.inputs.find(({ name }) => name === "images")?.shape ?? [];
    const feeds = { images: runtimeTensor({ type: "float", shape, data: images }) };
    const results = await this.#scoring.run(feeds, ["logits"]).catch((cause: unknown) => {
      throw toSessionError(cause, provider, "run");
    });
    return results["logits"]?.data as Float32Array; // safe: was fetched, and is of floats
  }

  /** Remembers the weights and statistics as they are. */
  async keepBest(): Promise<void> {
    this.#best = await this.kept("last");
  }

  /** All numbers as they are, and those of the best epoch; not to be written to. */
  async snapshot(): Promise<{ readonly state: NamedNumbers; readonly best?: NamedNumbers }> {
    const state = await this.#holder.readState();
    return this.#best === undefined ? { state } : { state, best: this.#best };
  }

  /** Weights and statistics: of the best epoch where one is kept and asked for. Not to be written to. */
  async kept(which: "best" | "last"): Promise<NamedNumbers> {
    if (which === "best" && this.#best !== undefined) return this.#best;
    const { kept, initial } = this.#network;
    const state = await this.#holder.readState();
    // Safe: what is no state stays as it began.
    return new Map(kept.map((name) => [name, state.get(name) ?? (initial.get(name) as Float32Array)]));
  }

  /** Goes back to a snapshot. @throws {ComputeError} INVALID_INPUT for one of another network. */
  restore({ state, best }: { readonly state: NamedNumbers; readonly best?: NamedNumbers }): void {
    this.#holder = this.#single;
    this.#holder.writeState(state);
    this.#best = best;
  }

  async #run(session: StepSession, batches: readonly StepBatch[]): Promise<number[]> {
    if (this.#holder !== session) {
      session.writeState(await this.#holder.readState());
      this.#holder = session;
    }
    const [beta1, beta2] = this.#options.betas;
    const results = await session.run({
      images: joined(batches.map(({ images }) => images)),
      targets: joined(batches.map(({ targets }) => targets)),
      weights: joined(batches.map(({ weights }) => weights)),
      "learning rate": Float32Array.from(batches, ({ learningRate }) => learningRate),
      "correction 1": Float32Array.from(batches, (batch) => 1 - beta1 ** batch.step),
      "correction 2": Float32Array.from(batches, (batch) => 1 - beta2 ** batch.step),
    });
    return Array.from(results["loss"] ?? [], Number);
  }

  /** Its numbers within it, so that the runtime can lay them out as it likes: several times faster than fed ones. */
  async #openScoring(): Promise<InferenceSession> {
    const { provider, threads = availableParallelism() } = this.#options;
    const graph = bakedNetwork(this.#network.rest, await this.kept("last"));
    return InferenceSession.create(modelOf(graph), sessionOptions(provider, threads)).catch(
      (cause: unknown) => {
        throw toSessionError(cause, provider, "open");
      },
    );
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

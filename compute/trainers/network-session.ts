import { availableParallelism } from "node:os";
import { InferenceSession } from "onnxruntime-node";
import { modelOf } from "../onnx/graph/to-model.ts";
import type { Provider, SessionRecord } from "../onnx/provider.ts";
import { runtimeTensor } from "../onnx/run-model.ts";
import { toSessionError } from "../onnx/session-error.ts";
import { sessionOptions, sessionRecord } from "../onnx/session-options.ts";
import { type NamedArrays, openStep, type StepSession } from "../onnx/training/step-session.ts";
import { loopOf } from "../onnx/training/training-loop.ts";
import type { TrainingStep } from "../onnx/training/training-step.ts";
import { bakedNetwork } from "./baked-network.ts";
import type { Checkpoint, NamedNumbers } from "./checkpoint.ts";
import { chosenStep } from "./chosen-step.ts";
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
  /** Whether steps are rewritten for the processor's blocked layout where it has one; no when absent. */
  readonly lowering?: boolean;
}

/** What of a network goes into a checkpoint. */
export type Snapshot = Pick<Checkpoint, "state" | "best" | "lowered">;

/** The sessions that learn: of one step, and of `stepsPerCall` where that is more. One of them has the state. */
interface Steps {
  readonly single: StepSession;
  readonly several?: StepSession;
  holder: StepSession;
}

/** A network in ONNX Runtime: learns step by step, scores between. It blocks its thread while it runs. */
export class NetworkSession {
  readonly #network: TrainedNetwork;
  readonly #options: NetworkSessionOptions;
  /** Opened with the first batch where that decides which step is run. */
  #steps: Steps | undefined;
  /** The state before there are sessions. */
  #begin: NamedNumbers;
  /** Whether the step was rewritten for the processor's blocked layout; undefined before that is decided. */
  #lowered: boolean | undefined;
  /** Weights and statistics of the best epoch. */
  #best: NamedNumbers | undefined;
  /** The network as it is, made for scoring; learning drops it. */
  #scoring: InferenceSession | undefined;

  private constructor(network: TrainedNetwork, options: NetworkSessionOptions) {
    this.#network = network;
    this.#options = options;
    this.#begin = network.initial;
  }

  /** @throws {ModelError} PROVIDER_UNAVAILABLE, PROVIDER_OUT_OF_MEMORY, MODEL_INVALID */
  static async open(network: TrainedNetwork, options: NetworkSessionOptions): Promise<NetworkSession> {
    const session = new NetworkSession(network, options);
    if (options.provider !== "cpu" || options.lowering !== true) await session.#open(network.step);
    return session;
  }

  get record(): SessionRecord {
    const { provider, threads = availableParallelism() } = this.#options;
    return this.#steps?.single.record ?? sessionRecord(provider, threads);
  }

  /** Whether steps were rewritten for the processor's blocked layout. */
  get lowered(): boolean {
    return this.#lowered ?? false;
  }

  /** Takes one step a batch and gives the loss of each. @throws {ModelError} PROVIDER_LOST, PROVIDER_OUT_OF_MEMORY */
  async learn(batches: readonly StepBatch[]): Promise<number[]> {
    await this.#scoring?.release();
    this.#scoring = undefined;
    const steps = this.#steps ?? (await this.#choose(batches.slice(0, 1)));
    const { stepsPerCall } = this.#options;
    if (steps.several !== undefined && batches.length === stepsPerCall) {
      return this.#run(steps, steps.several, batches);
    }
    const losses: number[] = [];
    for (const batch of batches) losses.push(...(await this.#run(steps, steps.single, [batch])));
    return losses;
  }

  /**
   * Logits of a whole batch, by the running statistics.
   *
   * @throws {ModelError} PROVIDER_LOST, PROVIDER_OUT_OF_MEMORY
   */
  async logits(images: Float32Array): Promise<Float32Array> {
    const { provider } = this.#options;
    if (this.#steps !== undefined && provider !== "cpu") {
      const { logits } = await this.#steps.single.rest({ images });
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

  /** All that a checkpoint holds of the numbers; not to be written to. */
  async snapshot(): Promise<Snapshot> {
    return {
      state: await this.#state(),
      ...(this.#best === undefined ? {} : { best: this.#best }),
      ...(this.#lowered === undefined ? {} : { lowered: this.#lowered }),
    };
  }

  /** Weights and statistics: of the best epoch where one is kept and asked for. Not to be written to. */
  async kept(which: "best" | "last"): Promise<NamedNumbers> {
    if (which === "best" && this.#best !== undefined) return this.#best;
    const { kept, initial } = this.#network;
    const state = await this.#state();
    // Safe: what is no state stays as it began.
    return new Map(kept.map((name) => [name, state.get(name) ?? (initial.get(name) as Float32Array)]));
  }

  /** Goes back to a snapshot. @throws {ComputeError} INVALID_INPUT for one of another network. */
  restore({ state, best, lowered }: Snapshot): void {
    this.#begin = state;
    this.#best = best;
    this.#lowered = lowered;
    if (this.#steps === undefined) return;
    this.#steps.holder = this.#steps.single;
    this.#steps.holder.writeState(state);
  }

  async #state(): Promise<NamedNumbers> {
    return this.#steps === undefined ? this.#begin : this.#steps.holder.readState();
  }

  async #choose(first: readonly StepBatch[]): Promise<Steps> {
    const { threads } = this.#options;
    const batch = {
      state: this.#begin,
      feeds: this.#feeds(first),
      ...(threads === undefined ? {} : { threads }),
    };
    const { step, lowered } = await chosenStep(this.#network.step, batch, this.#lowered);
    this.#lowered = lowered;
    return this.#open(step);
  }

  async #open(step: TrainingStep): Promise<Steps> {
    const { stepsPerCall, provider } = this.#options;
    const isDevice = provider !== "cpu";
    const single = await openStep(isDevice ? { ...step, rest: this.#network.rest } : step, this.#options);
    // A device keeps the state from call to call, so a loop would save nothing; and it has none.
    const isSingle = isDevice || stepsPerCall === 1;
    const several = isSingle ? {} : { several: await openStep(loopOf(step, stepsPerCall), this.#options) };
    single.writeState(this.#begin);
    this.#steps = { single, ...several, holder: single };
    return this.#steps;
  }

  async #run(steps: Steps, session: StepSession, batches: readonly StepBatch[]): Promise<number[]> {
    if (steps.holder !== session) {
      session.writeState(await steps.holder.readState());
      steps.holder = session;
    }
    const results = await session.run(this.#feeds(batches));
    return Array.from(results["loss"] ?? [], Number);
  }

  #feeds(batches: readonly StepBatch[]): NamedArrays {
    const [beta1, beta2] = this.#options.betas;
    return {
      images: joined(batches.map(({ images }) => images)),
      targets: joined(batches.map(({ targets }) => targets)),
      weights: joined(batches.map(({ weights }) => weights)),
      "learning rate": Float32Array.from(batches, ({ learningRate }) => learningRate),
      "correction 1": Float32Array.from(batches, (batch) => 1 - beta1 ** batch.step),
      "correction 2": Float32Array.from(batches, (batch) => 1 - beta2 ** batch.step),
    };
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

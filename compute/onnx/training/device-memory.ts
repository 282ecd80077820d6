import { InferenceSession, type Tensor } from "onnxruntime-node";
import { Graph } from "../graph/graph.ts";
import { modelOf } from "../graph/to-model.ts";
import type { Provider } from "../provider.ts";
import { toSessionError } from "../session-error.ts";
import { sessionOptions } from "../session-options.ts";

/** Tensors by name, all of float32. */
export type Tensors = ReadonlyMap<string, Tensor>;

/**
 * Copies tensors between the processor's memory and a graphics device's, by sessions that change nothing: asking a tensor
 * of the device for its numbers ends the process (onnxruntime-node 1.30).
 */
export class DeviceMemory implements AsyncDisposable {
  readonly #provider: Provider;
  readonly #threads: number;
  /** By direction and the names and shapes of what they copy. */
  readonly #sessions = new Map<string, Promise<InferenceSession>>();

  constructor(provider: Provider, threads: number) {
    this.#provider = provider;
    this.#threads = threads;
  }

  /** Copies to the device. @throws {ModelError} PROVIDER_LOST, PROVIDER_OUT_OF_MEMORY */
  upload(tensors: Tensors): Promise<Tensors> {
    return this.#copy(tensors, "gpu-buffer");
  }

  /** Copies from the device. @throws {ModelError} PROVIDER_LOST, PROVIDER_OUT_OF_MEMORY */
  download(tensors: Tensors): Promise<Tensors> {
    return this.#copy(tensors, "cpu");
  }

  async #copy(tensors: Tensors, to: "cpu" | "gpu-buffer"): Promise<Tensors> {
    if (tensors.size === 0) return tensors;
    const session = await this.#session(tensors, to);
    const results = await session.run(Object.fromEntries(tensors)).catch((cause: unknown) => {
      throw toSessionError(cause, this.#provider, "run");
    });
    return new Map([...tensors.keys()].map((name) => [name, results[copyOf(name)] as Tensor])); // safe: its outputs
  }

  #session(tensors: Tensors, to: "cpu" | "gpu-buffer"): Promise<InferenceSession> {
    const key = JSON.stringify([to, [...tensors].map(([name, { dims }]) => [name, dims])]);
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const graph = new Graph("copy");
    for (const [name, { dims }] of tensors) {
      const tensor = graph.input(name, dims);
      graph.output(copyOf(name), graph.apply("Identity", [tensor], { shape: dims, type: "float" }));
    }
    const opened = InferenceSession.create(modelOf(graph), {
      ...sessionOptions(this.#provider, this.#threads),
      graphOptimizationLevel: "disabled",
      preferredOutputLocation: to,
    }).catch((cause: unknown) => {
      throw toSessionError(cause, this.#provider, "open");
    });
    this.#sessions.set(key, opened);
    return opened;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).release();
  }
}

function copyOf(name: string): string {
  return `copy of ${name}`;
}

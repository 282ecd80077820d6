import { availableParallelism } from "node:os";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { ModelPorts } from "./check-signature.ts";
import { ModelError } from "./model-error.ts";
import type { Provider, SessionRecord } from "./provider.ts";
import { toSessionError } from "./session-error.ts";
import { sessionOptions, sessionRecord } from "./session-options.ts";

/** How a session is opened. */
export interface OpenOptions {
  /** The model, inspected and its hash checked. Kept until the session is open. */
  readonly bytes: Uint8Array;
  readonly ports: ModelPorts;
  /** Further outputs to be given with each run, of float32. */
  readonly extras?: readonly string[];
  readonly provider: Provider;
  /** Threads of one operator; absent: all processors. Their number may change the last bits of a sum. */
  readonly threads?: number;
}

/** What one output held. */
export interface SessionResult {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** What a run gave: the output that holds the scores, and the further ones in the order they were asked for. */
export interface RunResult extends SessionResult {
  readonly extras: readonly SessionResult[];
}

/** An open session. It blocks its thread while it runs, so it lives in a thread that does nothing else. */
export interface Session extends AsyncDisposable {
  readonly record: SessionRecord;
  /**
   * Runs the model on images n x planes x rows x cols. The pixels are read later than the call: leave them alone until the
   * promise settles.
   *
   * @throws {ModelError} MODEL_INVALID, PROVIDER_LOST, PROVIDER_OUT_OF_MEMORY
   */
  run(pixels: Float32Array, shape: readonly number[]): Promise<RunResult>;
}

/**
 * Opens a session on exactly the provider asked for: a node that it cannot run is a refusal, never quietly the processor's.
 *
 * @throws {ModelError} PROVIDER_UNAVAILABLE, PROVIDER_OUT_OF_MEMORY, MODEL_INVALID
 */
export async function openSession(options: OpenOptions): Promise<Session> {
  const { bytes, ports, provider, extras = [] } = options;
  const threads = options.threads ?? availableParallelism();
  const session = await InferenceSession.create(bytes, sessionOptions(provider, threads)).catch(
    (cause: unknown) => {
      throw toSessionError(cause, provider, "open");
    },
  );
  const record = sessionRecord(provider, threads);
  const names = [...new Set([ports.output, ...extras])];
  return {
    record,
    async run(pixels, shape) {
      const feeds = { [ports.input]: new Tensor("float32", pixels, shape) };
      const results = await session.run(feeds, names).catch((cause: unknown) => {
        throw toSessionError(cause, provider, "run");
      });
      const resultOf = (name: string): SessionResult => {
        const output = results[name];
        if (output !== undefined && output.data instanceof Float32Array) {
          return { data: output.data, dims: output.dims };
        }
        throw new ModelError("MODEL_OUTPUT_INVALID", "Expected an output of float32, got another type");
      };
      return { ...resultOf(ports.output), extras: extras.map(resultOf) };
    },
    [Symbol.asyncDispose]: () => session.release(),
  };
}

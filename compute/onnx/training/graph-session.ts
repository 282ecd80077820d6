import { availableParallelism } from "node:os";
import { InferenceSession } from "onnxruntime-node";
import type { Provider } from "../provider.ts";
import { toSessionError } from "../session-error.ts";

/** Where a graph of ours runs. */
export interface GraphSessionOptions {
  readonly provider: Provider;
  /** Threads of one operator; absent: all processors. */
  readonly threads?: number;
}

/**
 * Opens a session for a graph of ours on exactly the provider asked for. It blocks its thread while it runs.
 *
 * @throws {ModelError} PROVIDER_UNAVAILABLE, PROVIDER_OUT_OF_MEMORY, MODEL_INVALID
 */
export async function openGraphSession(
  model: Uint8Array,
  { provider, threads = availableParallelism() }: GraphSessionOptions,
): Promise<InferenceSession> {
  return InferenceSession.create(model, {
    executionProviders: [provider === "webgpu" ? { name: provider, preferredLayout: "NCHW" } : provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    // A plan of all memory holds a fifth to a third more of it, for nothing in time.
    enableMemPattern: false,
    logSeverityLevel: 4,
    extra: { session: { set_denormal_as_zero: "1" } },
  }).catch((cause: unknown) => {
    throw toSessionError(cause, provider, "open");
  });
}

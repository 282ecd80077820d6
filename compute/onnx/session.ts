import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { env, InferenceSession, Tensor } from "onnxruntime-node";
import type { ModelPorts } from "./check-signature.ts";
import { ModelError } from "./model-error.ts";
import type { Provider, SessionRecord } from "./provider.ts";
import { toSessionError } from "./session-error.ts";

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
  const session = await InferenceSession.create(bytes, {
    // What runs the operators of both; webgpu's other layout gives wrong sums for some grouped convolutions (1.30).
    executionProviders: [provider === "webgpu" ? { name: provider, preferredLayout: "NCHW" } : provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    logSeverityLevel: 4,
    extra: {
      session: {
        // Numbers below 1e-38 cost a hundred times as much and mean nothing in a score.
        set_denormal_as_zero: "1",
        ...(provider === "cpu" ? {} : { disable_cpu_ep_fallback: "1" }),
      },
    },
  }).catch((cause: unknown) => {
    throw toSessionError(cause, provider, "open");
  });
  const record: SessionRecord = {
    provider,
    device: deviceOf(provider),
    threads,
    versions: { onnxruntime: env.versions.node ?? env.versions.common, node: process.versions.node },
  };
  return {
    record,
    async run(pixels, shape) {
      const feeds = { [ports.input]: new Tensor("float32", pixels, shape) };
      const results = await session.run(feeds, [ports.output, ...extras]).catch((cause: unknown) => {
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

/** What the processor calls itself; of graphics devices, the drivers that this process has loaded. */
function deviceOf(provider: Provider): string {
  if (provider === "cpu") return cpus()[0]?.model.trim() || process.arch;
  const drivers = new Set<string>();
  try {
    // onnxruntime does not tell which adapter it took; the libraries in this process's memory do.
    for (const [, file] of readFileSync("/proc/self/maps", "utf8").matchAll(/\/([^/\n]+\.so[^/\n]*)$/gm)) {
      if (/^(libvk_|libvulkan_|libGLX_nvidia|libnvidia-vulkan|libcuda|amdvlk)/.test(file ?? "")) {
        drivers.add((file ?? "").replace(/\.so.*$/, ""));
      }
    }
  } catch {
    // Only Linux has it.
  }
  return [provider, ...[...drivers].sort()].join(" ");
}

import { ModelError, type ModelErrorCode } from "./model-error.ts";
import type { Provider } from "./provider.ts";

/** What onnxruntime's messages mean; the first that fits counts. */
const meanings: readonly (readonly [RegExp, ModelErrorCode, string])[] = [
  [
    /fallback to CPU EP has been explicitly disabled/i,
    "PROVIDER_UNAVAILABLE",
    "Expected a provider that runs every operator of the model, got one that cannot",
  ],
  [
    /out of memory|bad_alloc|bad allocation|Failed to allocate|OOM|BFCArena|Invalid array (buffer )?length/i,
    "PROVIDER_OUT_OF_MEMORY",
    "Expected room for the model and a batch, got none",
  ],
  [
    /device (is |was )?lost|DeviceLost|VK_ERROR_DEVICE_LOST|CUDA (failure|error)|CUBLAS|CUDNN_STATUS/i,
    "PROVIDER_LOST",
    "Expected the device to finish, got its loss",
  ],
  [
    /WebGPU adapter|webgpu_context|WebGPU device|AppendExecutionProvider|shared library|No supported adapters|no available backend|not supported on this platform|libonnxruntime_providers/i,
    "PROVIDER_UNAVAILABLE",
    "Expected the provider's device and libraries, got none; choose another or install them",
  ],
];

/**
 * A failure of onnxruntime as one of ours; its own words are kept, shortened to what may be shown.
 *
 * @param during - what is not recognised is the model's fault in both cases
 */
export function toSessionError(cause: unknown, provider: Provider, during: "open" | "run"): ModelError {
  if (cause instanceof ModelError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  const found = meanings.find(([pattern]) => pattern.test(text));
  const [, code, words] =
    found ??
    ([
      undefined,
      "MODEL_INVALID",
      during === "open"
        ? "Expected a model that loads, got one that does not"
        : "Expected a model that runs on these images, got one that does not",
    ] as const);
  return new ModelError(code, `${words} (${provider}: ${shown(text)})`, { cause });
}

/** Without the paths of whoever built the library, in letters that any terminal and log takes. */
function shown(text: string): string {
  const line = text
    .replace(/\S*\/[\w./+-]+(:\d+)?/g, "")
    .replace(/[^\x20-\x7e]+/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return line.length > 240 ? `${line.slice(0, 240)}...` : line || "no reason given";
}

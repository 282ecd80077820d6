import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { env, type InferenceSession } from "onnxruntime-node";
import type { Provider, SessionRecord } from "./provider.ts";

/**
 * How every session of ours is opened: on exactly this provider, so that a node which it cannot run is a refusal and never
 * quietly the processor's.
 *
 * @param threads - of one operator. Their number may change the last bits of a sum.
 */
export function sessionOptions(provider: Provider, threads: number): InferenceSession.SessionOptions {
  return {
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
  };
}

/** What runs a session that is open. */
export function sessionRecord(provider: Provider, threads: number): SessionRecord {
  return {
    provider,
    device: deviceOf(provider),
    threads,
    versions: { onnxruntime: env.versions.node ?? env.versions.common, node: process.versions.node },
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

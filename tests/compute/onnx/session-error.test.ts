import { expect, test } from "vitest";
import { ModelError } from "../../../compute/onnx/model-error.ts";
import { toSessionError } from "../../../compute/onnx/session-error.ts";

// Messages as onnxruntime 1.30 words them, and as its users report them of devices.
test.each([
  ["PROVIDER_OUT_OF_MEMORY", "cpu", "std::bad_alloc"],
  ["PROVIDER_OUT_OF_MEMORY", "cpu", "Failed to allocate memory for requested buffer of size 12000000000"],
  ["PROVIDER_OUT_OF_MEMORY", "cuda", "CUDA error: out of memory"],
  ["PROVIDER_LOST", "cuda", "CUDA failure 719: unspecified launch failure ; GPU=0"],
  ["PROVIDER_LOST", "webgpu", "WebGPU device lost (2): Device was destroyed"],
  [
    "PROVIDER_UNAVAILABLE",
    "webgpu",
    "/onnxruntime_src/onnxruntime/core/providers/webgpu/webgpu_context.cc:136 Failed to get a WebGPU adapter: No supported adapters",
  ],
  [
    "PROVIDER_UNAVAILABLE",
    "cuda",
    "OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library",
  ],
  [
    "PROVIDER_UNAVAILABLE",
    "webgpu",
    "This session contains graph nodes that are assigned to the default CPU EP, but fallback to CPU EP has been explicitly disabled by the user.",
  ],
  [
    "MODEL_INVALID",
    "cpu",
    "Load model failed:Node (x) Op (MatMul) [ShapeInferenceError] Incompatible dimensions",
  ],
] as const)("%s is what %s means by: %s", (code, provider, message) => {
  expect(toSessionError(new Error(message), provider, "open")).toMatchObject({ name: "ModelError", code });
});

test("what is shown holds no path and nothing that a terminal obeys", () => {
  const { message } = toSessionError(
    new Error("/home/builder/ort/core/graph.cc:12 Node \u001b[2J failed\nbadly"),
    "cpu",
    "run",
  );
  expect(message).toBe(
    "Expected a model that runs on these images, got one that does not (cpu: Node [2J failed badly)",
  );
});

test("an error of ours stays as it is", () => {
  const error = new ModelError("MODEL_OUTPUT_INVALID", "x");
  expect(toSessionError(error, "cpu", "run")).toBe(error);
});
